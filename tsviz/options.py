"""The options of `%tsdebug` and of the `tsviz` command, each written down once.

The magic's grammar, the command's parser, both help texts and the completion are generated from
this table, so that an option cannot work in one place and be unknown in the other. Standard
library only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

VIAS = ("auto", "script", "trace", "hybrid", "freeze", "optimize")
"""The ways to capture; a test holds them to `tsviz.capture`'s."""

PIPELINES = ("runtime", "freeze", "optimize", "script")
"""The pipelines that have a name; a test holds them to `tsviz.run_passes`'s."""

VARIANTS = ("trace", "script", "freeze", "optimize", "eager")
"""What the comparison and the matrix know; a test holds them to theirs."""

MAGIC = "%tsdebug"
SHOW, DIFF, COMPARE, DOCTOR = "show", "diff", "compare", "doctor"
PROFILE, DEBUG = "profile", "debug"
PASSES, COURSE, DEMO, ENV = "passes", "course", "demo", "env"


class Kind(StrEnum):
    """What a value is, as error messages call it."""

    TEXT = "text"
    WHOLE = "a whole number above 0"
    NUMBER = "a number above 0"
    PYTHON = "a Python expression"


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        name: without its dashes.
        help: one line, lower case.
        faces: where it exists: `%tsdebug`, or a subcommand of `tsviz`.
        metavar: what stands for its value in help texts; "" for a flag.
        kind: what its value is.
        choices: the values allowed, () for any.
        several: whether its value is a list of those, by commas.
        file_suffix: suffix of the files its value names, "" where it names none.
        bare: the value that it has where it is written without one, "" where it needs one.
        needs: the flag of `%tsdebug` that it belongs to, "" where it stands by itself.
    """

    name: str
    help: str
    faces: tuple[str, ...]
    metavar: str = ""
    choices: tuple[str, ...] = ()
    file_suffix: str = ""
    bare: str = ""
    kind: Kind = Kind.TEXT
    several: bool = False
    needs: str = ""

    @property
    def is_flag(self) -> bool:
        """Whether it takes no value."""
        return not self.metavar

    @property
    def usage(self) -> str:
        """How it is written: `--trust`, `--via=WAY`."""
        value = f"={self.metavar}" if self.metavar else ""
        return f"--{self.name}" + (f"[{value}]" if self.bare else value)

    @property
    def description(self) -> str:
        """Its help with the values allowed."""
        some = "some of " if self.several else ""
        return self.help + (f": {some}{', '.join(self.choices)}" if self.choices else "")

    def values(self, text: str) -> tuple[str, ...]:
        """The words of a value."""
        return tuple(dict.fromkeys(text.split(","))) if self.several else (text,)


@dataclass(frozen=True, slots=True)
class Command:
    """A subcommand of `tsviz`.

    Attributes:
        targets: what stands for each TARGET that it takes.
        word: what stands for a word that may be left out, "" where there is none.
        word_help: what that word is.
    """

    name: str
    help: str
    targets: tuple[str, ...] = ()
    word: str = ""
    word_help: str = ""


_PYTHON = (SHOW, DIFF, COMPARE, DOCTOR, PROFILE)
"""The subcommands that take a model with example inputs, and can print JSON."""
_INPUTS = (*_PYTHON, DEBUG)

_CAPTURING = (MAGIC, SHOW, DIFF, PROFILE, DEBUG)
"""The faces that capture a program, or open one."""

OPTIONS = (
    Option("via", "how to capture", _CAPTURING, "WAY", VIAS),
    Option("method", "the entry point, where it is not `forward`", _CAPTURING, "NAME"),
    Option(
        "trust",
        "load a file into this process, which runs the code stored in it",
        _CAPTURING,
    ),
    Option("save", "also write one offline page", (MAGIC,), "FILE.html", file_suffix=".html"),
    Option(
        "passes",
        "record what a pipeline of passes does, and show that",
        (MAGIC, SHOW),
        "PIPELINE",
        PIPELINES,
    ),
    Option(
        "lesson", "print what one of PyTorch's passes does, and do nothing else", (MAGIC,), "PASS"
    ),
    Option(
        "compare", "hold what PyTorch makes of it against its Python code, and show that", (MAGIC,)
    ),
    Option("doctor", "name everything that stops it from being scripted, and show that", (MAGIC,)),
    Option("plan", "step what PyTorch's executor runs once the program is warm", (DEBUG,)),
    Option("debug", "hold it before its first node, to be stepped, and show that", (MAGIC,)),
    Option(
        "profile", "measure where its time and memory go, and show that in the explorer", (MAGIC,)
    ),
    Option(
        "runs",
        "how many runs to profile",
        (MAGIC, PROFILE),
        "N",
        kind=Kind.WHOLE,
        needs="profile",
    ),
    Option(
        "nodes",
        "which nodes to time: those that call ops, or all, for which marks are run, too",
        (MAGIC, PROFILE),
        "WHICH",
        ("ops", "all"),
        needs="profile",
    ),
    Option("text", "print plain text instead of showing the explorer", (MAGIC,)),
    Option("keep", "keep the explorer in the saved notebook, for where no kernel is", (MAGIC,)),
    Option("env", "print versions and what is missing where, and do nothing else", (MAGIC,)),
    Option("args", "example inputs, as in a call: 'torch.ones(2, 3), 4'", _INPUTS, "ARGS"),
    Option("kwargs", "example inputs by name, as in a call: 'n=4'", _INPUTS, "KWARGS"),
    Option(
        "variants",
        "which to compare, as in `trace,freeze`; eager with --matrix",
        (MAGIC, COMPARE),
        "NAMES",
        VARIANTS,
        several=True,
        needs="compare",
    ),
    Option(
        "inputs",
        "the inputs that count, as the page prints them",
        (MAGIC, COMPARE),
        "INPUTS",
        kind=Kind.PYTHON,
        needs="compare",
    ),
    Option(
        "tries",
        "how many inputs to try for each variant, at most",
        (MAGIC, COMPARE),
        "N",
        kind=Kind.WHOLE,
        needs="compare",
    ),
    Option(
        "seconds",
        "how long to try for each variant, about",
        (MAGIC, COMPARE),
        "S",
        kind=Kind.NUMBER,
        needs="compare",
    ),
    Option(
        "matrix", "measure the variants side by side instead", (MAGIC, COMPARE), needs="compare"
    ),
    Option("all", "list harmless findings and all places of control flow, too", (COMPARE,)),
    Option("write", "write a script for each finding that is proven", (COMPARE,), "DIR"),
    Option("device", "where to run it, as in `cuda`", (PROFILE,), "DEVICE"),
    Option(
        "trace",
        "also write the timeline of one run: .json for Perfetto, .speedscope.json for speedscope",
        (PROFILE,),
        "FILE",
    ),
    Option(
        "against",
        "compare with another target, or with this one captured in another way, as in `trace`",
        (PROFILE,),
        "TARGET",
    ),
    Option("html", "write one offline page", (SHOW,), "FILE.html", file_suffix=".html"),
    Option("svg", "write a picture", (SHOW,), "FILE.svg", file_suffix=".svg"),
    Option("json", "print what was found as JSON instead of the page", _PYTHON),
    Option(
        "fix",
        "print the edits as a patch, or make them in the files",
        (MAGIC, DOCTOR),
        "HOW",
        ("diff", "write"),
        bare="diff",
        needs="doctor",
    ),
    Option(
        "types",
        "show what each variable is taken for, and why, instead",
        (MAGIC, DOCTOR),
        needs="doctor",
    ),
    Option("open", "open the offline page in a browser", (SHOW,)),
    Option("out", "the page to write", (DEMO,), "FILE.html", file_suffix=".html"),
    Option("help", "print this and do nothing else", (MAGIC,)),
)

COMMANDS = (
    Command(SHOW, "show what PyTorch makes of a model, with its source lines", ("TARGET",)),
    Command(
        DIFF, "tell what differs between two models: code, structure, weights", ("BEFORE", "AFTER")
    ),
    Command(DOCTOR, "name everything that stops a model from being scripted", ("TARGET",)),
    Command(COMPARE, "find out what tracing or scripting lost of a model", ("TARGET",)),
    Command(PROFILE, "measure where the time and memory of a model go", ("TARGET",)),
    Command(DEBUG, "step a program in PyTorch's own interpreter, forwards and back", ("TARGET",)),
    Command(
        PASSES,
        "list the passes of PyTorch's compiler, or show one at work on a few lines of Python",
        word="NAME",
        word_help="of a pass; without it, all are listed",
    ),
    Command(
        COURSE,
        "copy the notebooks of the course into a folder, and change none that is there",
        word="FOLDER",
        word_help="of the notebooks, made if it is missing; `torchscript-course` if left out",
    ),
    Command(DEMO, "capture the examples and write a page of one"),
    Command(ENV, "print versions, and what is missing where"),
)


def iter_options(face: str) -> Iterator[Option]:
    """The options of the magic or of one subcommand, in the order of the table."""
    return (option for option in OPTIONS if face in option.faces)


def find_option(face: str, name: str) -> Option | None:
    """The option `name` of a face, or `None`."""
    return next((option for option in iter_options(face) if option.name == name), None)


def get_option(face: str, name: str) -> Option:
    """The option `name` of a face.

    Raises:
        KeyError: there is none.
    """
    found = find_option(face, name)
    if found is None:
        raise KeyError(name)
    return found


def read_number(kind: Kind, text: str) -> float | None:
    """The number above 0 that a value says, `None` where it says none."""
    try:
        number = int(text) if kind is Kind.WHOLE else float(text)
    except ValueError:
        return None
    return number if number > 0 else None


def render_options(face: str) -> str:
    """The options of a face as two aligned columns."""
    rows = [(option.usage, option.description) for option in iter_options(face)]
    width = max(len(usage) for usage, _ in rows) + 2
    return "\n".join(f"  {usage:<{width}}{text}" for usage, text in rows)
