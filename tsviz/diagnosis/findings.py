"""What the doctor says: obstacles with their edits, and a verdict made of measured facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tsviz.diagnosis.fixes import Fixes, replacements_of
from tsviz.diagnosis.owners import Owner
from tsviz.diagnosis.patches import Change, patch
from tsviz.diagnosis.variables import NO_TYPES, VariableTypes
from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.location import FileRange, Location, Origin, SourceFile

if TYPE_CHECKING:
    import pandas


class Trial(StrEnum):
    """What was tried with an edit, on a copy of the sources and of the model."""

    EQUAL = "tried: with all edits the model scripts, and gives eager's result bit for bit"
    COMPILED = "tried: PyTorch compiles it; not run"
    NONE = "not tried"


@dataclass(frozen=True, slots=True)
class Edit:
    """A safe edit of the user's source.

    Attributes:
        changes: what is replaced by what.
        trial: what was tried.
    """

    changes: tuple[Change, ...]
    trial: Trial = Trial.NONE


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that stops a model from being scripted.

    Attributes:
        rule: name of the rule that found it; `compiler` where no rule explains it.
        location: where it is.
        function: the function it is in, such as `Net.forward`.
        cause: what is wrong, in one sentence.
        owner: whose code that is.
        edit: a safe edit, or `None`.
        advice: what to write; "" where nothing is known.
        proof: what PyTorch says when everything else is out of the way; "" where that could not
            be tried.
    """

    rule: str
    location: Location
    function: str
    cause: str
    owner: Owner
    edit: Edit | None = None
    advice: str = ""
    proof: str = ""


class Way(StrEnum):
    """How a model can become TorchScript."""

    SCRIPT = "script"
    TRACE = "trace"
    HYBRID = "hybrid"
    NEITHER = "neither"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The way to take.

    Attributes:
        way: which.
        reasons: facts measured on this model.
        code: what to write.
    """

    way: Way
    reasons: tuple[str, ...]
    code: str


@dataclass(frozen=True, slots=True)
class Workaround:
    """Something that leaves the source as it is, tried on this model.

    Attributes:
        what: what was tried and worked.
        cost: what it costs.
        code: what to write.
    """

    what: str
    cost: str
    code: str


@dataclass(frozen=True)
class Diagnosis:
    """What stops a model from being scripted, and what to do.

    Attributes:
        title: the model's class or the function's name.
        verdict: the way to take, and why.
        obstacles: all that stops it, in order of file and line; () where it scripts.
        workarounds: what was tried for code that cannot be edited, and worked.
        sources: the texts that the obstacles are in, by path.
        doubts: what could not be looked at, in words.
        is_interrupted: whether someone stopped it, so that there may be more.
        types: the variables with the types that the compiler gives them.
    """

    title: str
    verdict: Verdict
    obstacles: tuple[Obstacle, ...]
    workarounds: tuple[Workaround, ...]
    sources: dict[str, SourceFile]
    doubts: tuple[str, ...] = ()
    is_interrupted: bool = False
    types: VariableTypes = NO_TYPES

    def __bool__(self) -> bool:
        """Whether anything stops it."""
        return bool(self.obstacles)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The safe edits of all obstacles."""
        return tuple(found.edit for found in self.obstacles if found.edit is not None)

    def patched(self) -> dict[str, str]:
        """Path → the text of each file or cell with all edits made."""
        changes = [change for edit in self.edits for change in edit.changes]
        files = {change.place.file for change in changes}
        return {
            file: patch(
                self.sources[file].text, [here for here in changes if here.place.file == file]
            ).text
            for file in sorted(files)
        }

    def diff(self) -> str:
        """All edits as one unified diff, which `patch -p0` takes; "" where there are none."""
        return "".join(self._iter_diff(self.patched()))

    @property
    def fixes(self) -> Fixes:
        """The same as a patch of the files, and what to put into cells."""
        patched = self.patched()
        disk = {file: text for file, text in patched.items() if self._is_on_disk(file)}
        diff = "".join(self._iter_diff(disk))
        left = len(self.obstacles) - len(self.edits)
        return Fixes(self.title, diff, replacements_of(self.sources, patched), left)

    def _is_on_disk(self, file: str) -> bool:
        return self.sources[file].origin is Origin.DISK

    def _iter_diff(self, patched: dict[str, str]) -> Iterator[str]:
        for file, text in patched.items():
            before = self.sources[file].text.splitlines(keepends=True)
            for line in unified_diff(before, text.splitlines(keepends=True), file, file):
                yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"

    def write(self) -> tuple[str, ...]:
        """Makes all edits in the user's files.

        Returns:
            The files written; cells are left out, as only the notebook can change them.

        Raises:
            UsageError: `TSV-Q01` a file is no longer as it was looked at; nothing is written.
        """
        texts = {file: text for file, text in self.patched().items() if self._is_on_disk(file)}
        for file in texts:
            if Path(file).read_bytes().decode() != self.sources[file].text:
                message = f"expected `{file}` as it was when it was diagnosed, but it has changed"
                help = "restart Python, so that it is imported anew, and diagnose it again"
                raise UsageError(Diagnostic("TSV-Q01", message, help=help))
        for file, text in texts.items():
            Path(file).write_bytes(text.encode())
        return tuple(texts)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row an obstacle."""
        return renderer("diagnosis_dataframe")(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": renderer("diagnosis_html")(self)}

    def __str__(self) -> str:
        return renderer("diagnosis_text")(self)

    def __repr__(self) -> str:
        count = len(self.obstacles)
        found = f"{count} obstacle{'s' * (count != 1)}"
        return f"<Diagnosis of {self.title}: {self.verdict.way}, {found}>"


def sort_key(found: Obstacle) -> tuple[str, int, int]:
    """By file and line; what has no place comes last."""
    place = found.location
    return (place.file, place.line, place.col) if isinstance(place, FileRange) else ("\uffff", 0, 0)
