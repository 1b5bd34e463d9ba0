"""Errors that say where, why and what to do now.

Every failure a user can meet is a `TsvizError` that carries a `Diagnostic`; faces render the
diagnostic and keep stack traces of tsviz itself to themselves.
"""

from dataclasses import dataclass, field

from tsviz.location import FileRange, Location, SourceFile, Unknown, iter_frames


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, in words.

    Attributes:
        code: stable name, such as `TSV-C03`.
        message: lower case, no full stop, what was expected and what was found.
        location: the place in the user's source.
        notes: further facts, PyTorch's own text among them.
        help: one thing that can be done now, or "".
        severity: `error` or `warning`.
    """

    code: str
    message: str
    location: Location = field(default_factory=lambda: Unknown("no source line applies"))
    notes: tuple[str, ...] = ()
    help: str = ""
    severity: str = "error"

    def render(self, sources: tuple[SourceFile, ...] = ()) -> str:
        """The diagnostic as plain text, with the source line and a caret where it is known."""
        lines = [f"{self.severity}[{self.code}]: {self.message}"]
        lines += _render_place(self.location, {source.path: source for source in sources})
        for note in self.notes:
            first, *rest = note.splitlines() or [""]
            lines.append(f"  note: {first}")
            lines += [f"        {line}" for line in rest]
        if self.help:
            lines.append(f"  help: {self.help}")
        return "\n".join(lines)


def _render_place(location: Location, sources: dict[str, SourceFile]) -> list[str]:
    frames = tuple(iter_frames(location))
    if not frames:
        return []
    here = frames[0]
    via = f" (called from {frames[1]})" if len(frames) > 1 else ""
    lines = [f"  --> {here}{via}"]
    source = sources.get(here.file)
    if source is not None:
        lines += render_snippet(source, here)
    return lines


def render_snippet(source: SourceFile, place: FileRange) -> list[str]:
    """The first line of a range with its number, and carets under it; nothing behind the end."""
    rows = source.text.split("\n")
    if place.line > len(rows):
        return []
    row = rows[place.line - 1].rstrip()
    start, end = place.col, place.end_col if place.end_line == place.line else len(row)
    if place.is_whole_line:
        start, end = len(row) - len(row.lstrip()), len(row)
    number = f"{place.line:>4} | "
    indent = "".join("\t" if char == "\t" else " " for char in row[:start])
    caret = " " * (len(number) - 2) + "| " + indent + "^" * max(1, end - start)
    return [number + row, caret]


class TsvizError(Exception):
    """Base of every error tsviz raises on purpose; `diagnostic` says it all.

    Attributes:
        diagnostic: the finding.
        sources: the files that its places are in, where their text is known.
    """

    def __init__(self, diagnostic: Diagnostic, sources: tuple[SourceFile, ...] = ()) -> None:
        super().__init__(diagnostic.render(sources))
        self.diagnostic = diagnostic
        self.sources = sources

    def __reduce__(self) -> tuple[type["TsvizError"], tuple[object, ...]]:
        return type(self), (self.diagnostic, self.sources)


class CaptureError(TsvizError):
    """A model could not be turned into a `Program`."""


class ArchiveError(TsvizError):
    """A file is not what it should be, or would run code when loaded."""


class PassError(TsvizError):
    """A pass failed or left a broken graph."""


class DebugError(TsvizError):
    """A debug session cannot do what was asked."""


class ProtocolError(TsvizError):
    """A message between browser and kernel is malformed or of another version."""


class UsageError(TsvizError, ValueError):
    """The call itself is wrong: bad arguments, a missing requirement."""
