"""Changes of a text at known places, and the way back from the changed text to the original."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tsviz.location import FileRange


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement; an empty place inserts.

    Attributes:
        place: what is replaced.
        text: by what.
    """

    place: FileRange
    text: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of the new text, and where it was before."""

    at: int
    start: int
    end: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Patched:
    """A changed text.

    Attributes:
        text: as it is now.
        made: the changes that were made.
    """

    before: str
    text: str
    made: tuple[Change, ...]
    pieces: tuple[_Piece, ...]

    def original(self, place: FileRange, file: str) -> FileRange:
        """The place before the changes of one after them."""
        if place.is_whole_line:
            line, _ = self._back(place.line, 0, to_end=False)
            return FileRange(file, line, function=place.function)
        line, col = self._back(place.line, place.col, to_end=False)
        end_line, end_col = self._back(place.end_line, place.end_col, to_end=True)
        return FileRange(file, line, col, end_line, end_col, place.function)

    def _back(self, line: int, col: int, *, to_end: bool) -> tuple[int, int]:
        offset = offset_of(self.text, line, col)
        at = bisect_right([piece.at for piece in self.pieces], offset - to_end) - 1
        piece = self.pieces[max(at, 0)]
        if piece.is_kept:
            return position_of(self.before, min(piece.start + offset - piece.at, piece.end))
        return position_of(self.before, piece.end if to_end else piece.start)


def patch(text: str, changes: Sequence[Change]) -> Patched:
    """Makes the changes; of those that overlap, the first and longest is made."""
    spans = sorted(
        (
            (
                offset_of(text, change.place.line, change.place.col),
                offset_of(text, change.place.end_line, change.place.end_col),
                change,
            )
            for change in dict.fromkeys(changes)
        ),
        key=lambda span: (span[0], -span[1]),
    )
    out: list[str] = []
    pieces: list[_Piece] = []
    made: list[Change] = []
    done = size = 0
    for start, end, change in spans:
        if start < done:
            continue
        out += [text[done:start], change.text]
        pieces.append(_Piece(size, done, start, is_kept=True))
        size += start - done
        pieces.append(_Piece(size, start, end, is_kept=False))
        size += len(change.text)
        done = end
        made.append(change)
    out.append(text[done:])
    pieces.append(_Piece(size, done, len(text), is_kept=True))
    return Patched(text, "".join(out), tuple(made), tuple(pieces))


def offset_of(text: str, line: int, col: int) -> int:
    """Characters before a place; lines end with a newline only, as for Python."""
    at = 0
    for _ in range(line - 1):
        following = text.find("\n", at)
        if following < 0:
            return len(text)
        at = following + 1
    return min(at + col, len(text))


def position_of(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1)
