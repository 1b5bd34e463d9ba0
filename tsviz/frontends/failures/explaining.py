"""From an exception to a diagnostic: what PyTorch was doing, where, why, and what to do."""

import re
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tsviz.errors import Diagnostic, TsvizError
from tsviz.frontends import read_source
from tsviz.frontends.failures.message import Meaning
from tsviz.frontends.failures.stack import (
    MACHINERY,
    STACK,
    line_of,
    name_of,
    place_of,
    python_frames,
    stack_note,
)
from tsviz.frontends.failures.table import Phase, find_meaning
from tsviz.frontends.inspecting import inspect
from tsviz.frontends.lines import is_standard, is_torch
from tsviz.jit.compile_errors import find_compiled_call, find_loaded_path, first_words
from tsviz.jit.failure_text import FailureText, read_failure
from tsviz.location import FileRange, Location, Origin, SourceFile, Unknown, iter_frames

_MARK = re.compile(
    r"TorchScript|<--- HERE|__torch__|ScriptModule' object|(?:Declaration|Schema): \w+\("
)
_JIT = re.compile(r"[/\\]torch[/\\]jit[/\\](?P<file>\w+)\.py$")
_DECLARATION = re.compile(r"(?:Declaration|Schema): (?P<text>[^\n]+)")
_STACK_OF_OTHERS = re.compile(r"\nException raised from|\n+At:\n")
_MOST_LINES = 12
_SAID = "PyTorch said: "
_INFERRED = "PyTorch gives this node no line: the one shown is inferred from its neighbours"

_CODES = {
    Phase.RUN: "TSV-F01",
    Phase.CALL: "TSV-F02",
    Phase.COMPILE: "TSV-F03",
    Phase.TRACE: "TSV-F04",
    Phase.LOAD: "TSV-F05",
    Phase.SAVE: "TSV-F06",
    Phase.FREEZE: "TSV-F07",
}
_HEADS = {
    Phase.COMPILE: "TorchScript cannot compile this: ",
    Phase.TRACE: "TorchScript cannot trace this: ",
    Phase.LOAD: "TorchScript cannot load this: ",
    Phase.SAVE: "TorchScript cannot save this: ",
    Phase.FREEZE: "TorchScript cannot freeze this: ",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known about an error that TorchScript raised.

    Attributes:
        error: the exception, whose text is PyTorch's own.
        phase: what PyTorch was doing.
        name: of the entry in the table of messages, "" where it has none.
        cause: what happened, in plain words.
        diagnostic: for people; its place is the user's innermost line.
        sources: the text around that line.
        frames: the call stack, innermost first, PyTorch's own frames included.
    """

    error: Exception
    phase: Phase
    name: str
    cause: str
    diagnostic: Diagnostic
    sources: tuple[SourceFile, ...]
    frames: tuple[FileRange, ...]


def is_torchscript(error: BaseException) -> bool:
    """Whether TorchScript raised an error, or raised it further; imports no torch."""
    if not isinstance(error, Exception) or "torch" not in sys.modules:
        return False
    if type(error).__module__.startswith("torch.jit") or _MARK.search(str(error)):
        return True
    files = (frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(is_torch(file) and _JIT.search(file) for file in files)


def explain(error: Exception, *, deeply: bool = False) -> Explanation:
    """Explains an error that TorchScript raised, or what PyTorch or a model raised under tsviz.

    Args:
        error: the exception, with its traceback.
        deeply: also find the node and its inputs, for which the failed call is repeated on copies.
    """
    text = read_failure(str(error))
    phase = _phase(error, text)
    meaning = _meaning(phase, text, error)
    inner, file = _compiled_frames(error, phase, text)
    around = _around(error, phase)
    frames = (*inner, *around)
    compiles = phase is Phase.COMPILE and bool(inner)
    location = place_of(inner if compiles else frames)
    notes = list(_notes(phase, text, inner, around))
    if deeply and phase is Phase.RUN:
        location, found = _node_notes(error, text, frames, location, meaning)
        notes = [*found, *notes]
    words = _shortened(text.words or text.raised or type(error).__name__)
    if not _repeats(words, meaning.cause):
        notes.append(f"{_SAID}{words}")
    diagnostic = Diagnostic(
        _CODES[phase],
        f"{_HEADS.get(phase, '')}{meaning.cause}",
        location,
        tuple(notes),
        meaning.help,
    )
    sources = (file,) if file is not None else tuple(_sources(location, text))
    return Explanation(error, phase, meaning.name, meaning.cause, diagnostic, sources, frames)


def read_meaning(error: Exception) -> Meaning:
    """What an error means, in the words of the table where it has them."""
    text = read_failure(str(error))
    return _meaning(_phase(error, text), text, error)


def _repeats(words: str, cause: str) -> bool:
    """Whether the message says all that PyTorch, or the user's own `raise`, said."""
    return cause.endswith(words.rstrip(".:, "))


# ── what PyTorch was doing ──────────────────────────────────────────────────────────────────────

_BY_FILE = {"_trace": Phase.TRACE, "_freeze": Phase.FREEZE, "_recursive": Phase.COMPILE}


def _phase(error: Exception, text: FailureText) -> Phase:
    """Told by the innermost file of `torch.jit` that the exception passed through."""
    if text.has_run or not is_torchscript(error):
        return Phase.RUN
    if _DECLARATION.search(text.words):
        return Phase.CALL
    for summary in reversed(traceback.extract_tb(error.__traceback__)):
        match = _JIT.search(summary.filename)
        if summary.filename.endswith("serialization.py") and summary.name in ("load", "save"):
            return Phase(summary.name)
        if match and match["file"] in _BY_FILE:
            return _BY_FILE[match["file"]]
        if match and summary.name in ("save", "save_to_buffer", "_save_for_lite_interpreter"):
            return Phase.SAVE
        if match and summary.name == "__getattr__":
            return Phase.CALL
    if isinstance(error, AttributeError):
        return Phase.CALL
    return Phase.SAVE if "Tried to serialize" in text.words else Phase.COMPILE


def _meaning(phase: Phase, text: FailureText, error: Exception) -> Meaning:
    found = find_meaning(Phase.RUN if text.raised else phase, text.words)
    if found is not None:
        return found
    kind = text.raised or _raised_in_python(error)
    return _raised(kind, text.words) if kind else Meaning("", first_words(text.words))


def _raised_in_python(error: Exception) -> str:
    """The class of what Python code other than PyTorch's raised, "" for what PyTorch did.

    What an op says is a `RuntimeError` or an `IndexError` raised in the line that calls it.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or is_torch(frames[-1].filename) or is_standard(frames[-1].filename):
        return ""
    kind = type(error)
    return "" if kind in (RuntimeError, IndexError) or _is_native(kind) else kind.__name__


def _is_native(kind: type[Exception]) -> bool:
    return kind.__module__.partition(".")[0] == "torch"


def _raised(kind: str, words: str) -> Meaning:
    """A `raise` or `assert` of the model's own, or of PyTorch's code in it."""
    says = f": {first_words(words)}" if words else ", without a message"
    if kind == "AssertionError":
        return Meaning("assertion", f"an assertion does not hold{says}")
    return Meaning("raised", f"the code raises {kind}{says}")


# ── where ───────────────────────────────────────────────────────────────────────────────────────


def _compiled_frames(
    error: Exception, phase: Phase, text: FailureText
) -> tuple[tuple[FileRange, ...], SourceFile | None]:
    """TorchScript's frames, innermost first, and the text of the first one's file, if stored."""
    if text.frames:
        return text.frames, None
    if text.printed is not None:
        original, file = _in_archive(error, text.printed)
        return (original or text.printed,), file
    if phase is not Phase.COMPILE:
        return (), None
    found = find_compiled_call(error)
    return ((found,) if found is not None else ()), None


def _in_archive(error: Exception, printed: FileRange) -> tuple[FileRange | None, SourceFile | None]:
    """The original of a place in the code of an archive that is being loaded."""
    path = find_loaded_path(error)
    if path is None:
        return None, None
    try:
        contents = inspect(path)
    except TsvizError:
        return None, None
    place = contents.find_original(printed)
    shown = place or printed
    text = {**contents.code, **contents.stored_sources}.get(shown.file, "")
    return place, SourceFile(shown.file, text, Origin.ARCHIVE) if text else None


def _around(error: Exception, phase: Phase) -> tuple[FileRange, ...]:
    """Python's frames; those of the machinery that compiles, traces, loads or saves say nothing."""
    frames = python_frames(error)
    if phase in (Phase.RUN, Phase.TRACE):
        return tuple(frame for frame in frames if not _is_machinery(frame))
    return tuple(
        frame for frame in frames if not is_torch(frame.file) and not is_standard(frame.file)
    )


def _is_machinery(frame: FileRange) -> bool:
    if frame.function in MACHINERY:
        return True
    name = Path(frame.file).name
    return is_torch(frame.file) and (bool(_JIT.search(frame.file)) or name == "_contextlib.py")


def _sources(location: Location, text: FailureText) -> Iterator[SourceFile]:
    """The text around the place: PyTorch's own excerpt, which no later edit of the file shifts."""
    place = next(iter_frames(location), None)
    if place is None:
        return
    rows: dict[int, str] = {}
    for excerpt in text.excerpts:
        if excerpt.path == place.file:
            rows |= {at: row for at, row in enumerate(excerpt.text.split("\n")) if row}
    if place.line - 1 in rows:
        lines = [rows.get(at, "") for at in range(max(rows) + 1)]
        yield SourceFile(place.file, "\n".join(lines), Origin.ARCHIVE)
    else:
        yield read_source(place.file)


# ── notes ───────────────────────────────────────────────────────────────────────────────────────


def _notes(
    phase: Phase, text: FailureText, inner: tuple[FileRange, ...], around: tuple[FileRange, ...]
) -> Iterator[str]:
    if text.used is not None:
        yield f"used at {name_of(text.used.file)}:{text.used.line}:{text.used.col + 1}"
    for link in text.chain:
        place = f"{name_of(link.place.file)}:{link.place.line}:{link.place.col + 1}"
        yield f"`{link.callee}` is compiled because `{link.caller}` calls it at {place}"
    if phase is Phase.CALL and (match := _DECLARATION.search(text.words)):
        yield f"declared as {match['text']}"
    if text.printed is not None and text.printed not in inner:
        yield f"in the archive: {text.printed.file}:{text.printed.line}"
    if phase is Phase.COMPILE and inner:
        if around and (around[0].file, around[0].line) != (inner[0].file, inner[0].line):
            yield f"scripted at {line_of(around[0])}"
    elif stack := stack_note((*inner, *around)):
        yield stack


def _node_notes(
    error: Exception,
    text: FailureText,
    frames: tuple[FileRange, ...],
    location: Location,
    meaning: Meaning,
) -> tuple[Location, tuple[str, ...]]:
    """The node, and its place where PyTorch's text names none."""
    from tsviz.jit.failed_run import find_run

    run = find_run(error)
    if run is None:
        reason = "what ran was made inside the call and is gone: give it a name to see more"
        return location, (f"the node is not known: {reason}",)
    from tsviz.frontends.failures.failing_node import find_failing_node

    found = find_failing_node(run, error, text.frames, runs_again=meaning.runs_again)
    if text.frames or isinstance(found.location, Unknown):
        return location, found.notes
    around = tuple(frame for frame in frames if frame not in text.frames)
    doubt = (_INFERRED,) if found.is_inferred else ()
    return place_of((*iter_frames(found.location), *around)), (*found.notes, *doubt)


def _shortened(words: str) -> str:
    """PyTorch's words without a stack of its own code and without most of a long listing."""
    lines = _STACK_OF_OTHERS.split(words, maxsplit=1)[0].strip().splitlines()
    more = ["…"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])


def shallow(explanation: Explanation) -> Diagnostic:
    """The diagnostic without what stands in PyTorch's traceback, for showing it under one."""
    notes = [note for note in explanation.diagnostic.notes if not note.startswith((_SAID, STACK))]
    if explanation.phase is Phase.RUN:
        notes.append("%tsdebug shows the node and what went into it")
    return replace(explanation.diagnostic, notes=tuple(notes))


__all__ = ["Explanation", "Phase", "explain", "is_torchscript", "shallow"]
