"""Where in the user's source something comes from.

Every node of every program answers "which Python line made you?" with a `Location`, never with
`None`: a place in a file, a place reached through a chain of calls, or `Unknown` with the reason
in words. `Link` adds how surely the answer is known.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Unknown:
    """No source place is known, and why.

    Attributes:
        reason: a short sentence for people, such as "created by constant folding".
    """

    reason: str


@dataclass(frozen=True, slots=True)
class FileRange:
    """A range of characters in one source file.

    Lines are 1-based; columns are 0-based characters, `end_col` exclusive. A range with
    `col == end_col == 0` on one line stands for the whole line (Python's own frames and traces
    know no columns).

    Attributes:
        function: name of the enclosing function as the compiler gives it, or "".
    """

    file: str
    line: int
    col: int = 0
    end_line: int = 0
    end_col: int = 0
    function: str = ""

    def __post_init__(self) -> None:
        if self.end_line == 0:
            object.__setattr__(self, "end_line", self.line)

    @property
    def is_whole_line(self) -> bool:
        """Whether only the line is known, not the columns."""
        return self.end_line == self.line and self.col == 0 and self.end_col == 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" + ("" if self.is_whole_line else f":{self.col + 1}")


@dataclass(frozen=True, slots=True)
class CallSite:
    """A place inside a function (`callee`) that was entered at another place (`caller`)."""

    callee: "FileRange | Unknown"
    caller: "Location"

    def __str__(self) -> str:
        return f"{self.callee} (called from {self.caller})"


Location = Unknown | FileRange | CallSite


class How(StrEnum):
    """How surely a node's link is known, strongest first."""

    EXACT = "exact"
    """The compiler's own range, in a known file."""
    CALL = "call"
    """Recovered from the call stack of the inlined call the node came from."""
    INFERRED = "inferred"
    """Taken from users, producers or a constant's name."""
    NONE = "none"
    """Nothing leads to a source line."""


@dataclass(frozen=True, slots=True)
class Link:
    """A node's location and how it is known."""

    location: Location
    how: How


class Origin(StrEnum):
    """Where the text of a source file was found."""

    DISK = "disk"
    CELL = "cell"
    ARCHIVE = "archive"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The text of one file as it was at capture, so that later edits cannot shift the map."""

    path: str
    text: str
    origin: Origin

    @property
    def digest(self) -> str:
        """SHA-256 of the UTF-8 text, as hexadecimal digits."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def slice(self, place: FileRange) -> str:
        """The exact source text under `place` ("" where the file is shorter)."""
        lines = self.text.split("\n")[place.line - 1 : place.end_line]
        if not lines:
            return ""
        if place.is_whole_line:
            return lines[0].strip()
        lines[-1] = lines[-1][: place.end_col]
        lines[0] = lines[0][place.col :]
        return "\n".join(lines)


def iter_frames(location: Location) -> Iterator[FileRange]:
    """Yields the known frames of a location, innermost first."""
    while isinstance(location, CallSite):
        if isinstance(location.callee, FileRange):
            yield location.callee
        location = location.caller
    if isinstance(location, FileRange):
        yield location


def short_path(path: str) -> str:
    """A path for people: relative where it lies below the working directory."""
    return path.removeprefix(f"{Path.cwd()}{os.sep}")


def called_from(frames: tuple[FileRange, ...]) -> Location:
    """Builds the location whose frames are `frames`, innermost first."""
    if not frames:
        return Unknown("no frame is known")
    location: Location = frames[-1]
    for frame in reversed(frames[:-1]):
        location = CallSite(frame, location)
    return location
