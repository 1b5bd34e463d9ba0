"""Where an archive's printed code comes from: its `.debug_pkl` records.

PyTorch stores beside every file of printed code which original text each stretch of it came from:
the file's name, the line, and the text of the whole function. So an archive can show its Python on
a machine that has none of it. The records are pickles: they are read without being run, and
nothing but the one name that PyTorch writes there is let through.

Two formats exist. Since PyTorch 1.10 a table of strings comes first and texts are lists of
indices into it; before, each text stood in full.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from tsviz.jit.pickles import Built, Global, PickleError, read_pickle
from tsviz.location import FileRange

_NEWLINE = re.compile(rb"\n")
_NAME = re.compile(rb"[A-Za-z_][\w.]*")
_FORMAT = "FORMAT_WITH_STRING_TABLE"
_INTEGERS = Global("torch.jit._pickle", "build_intlist")
_LAST_LINE = 1_000_000
_MOST_LINES = 4_000_000
_MOST_TEXT = 64 * 2**20


@dataclass(frozen=True, slots=True)
class SourcePiece:
    """The text of one function, and where it begins (1-based) in which file."""

    file: str
    line: int
    text: str

    def place(self, start: int, end: int) -> FileRange:
        """The range from byte `start` to byte `end` of the text."""
        line, col = _position(self.text, start)
        end_line, end_col = _position(self.text, end)
        return FileRange(self.file, self.line + line, col, self.line + end_line, end_col)


def _position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 0, of a byte of a text."""
    data, lines = _lines(text)
    line = bisect_right(lines, offset) - 1
    return line, len(data[lines[line] : offset].decode(errors="ignore"))


@lru_cache(maxsize=64)
def _lines(text: str) -> tuple[bytes, list[int]]:
    """The bytes of a text, and where its lines begin in them."""
    data = text.encode()
    return data, [0, *(match.end() for match in _NEWLINE.finditer(data))]


@dataclass(frozen=True, slots=True)
class DebugInfo:
    """What one `.debug_pkl` record says.

    Traced code has no pieces: PyTorch records its Python stack without the text.

    Attributes:
        pieces: the distinct original texts.
        offsets: bytes of the printed code, ascending.
        origins: for each offset the piece that the code from there on comes from (`None`: from
            none) and the range in it, in bytes.
    """

    pieces: tuple[SourcePiece, ...]
    offsets: tuple[int, ...]
    origins: tuple[tuple[SourcePiece | None, int, int], ...]

    def find(self, offset: int) -> FileRange | None:
        """The original place of the byte `offset` of the printed code, or `None`."""
        at = bisect_right(self.offsets, offset) - 1
        if at < 0:
            return None
        piece, start, end = self.origins[at]
        return None if piece is None else piece.place(start, end)

    def pieces_in(self, start: int, end: int) -> list[SourcePiece]:
        """The texts that the printed code from byte `start` to `end` comes from, each once."""
        span = slice(bisect_left(self.offsets, start), bisect_left(self.offsets, end))
        found = dict.fromkeys(piece for piece, _, _ in self.origins[span])
        return [piece for piece in found if piece is not None]

    def find_calls(self, code: str) -> dict[tuple[int, int], FileRange]:
        """The calls of functions whose original place PyTorch loses when it reads code back.

        It asks for the origin of the name that is called, which has none; the brackets after the
        name have that of the call.

        Args:
            code: the printed code.

        Returns:
            Line (1-based) and column where such a name ends in the code → the original call.
        """
        text, _ = _lines(code)
        calls: dict[tuple[int, int], FileRange] = {}
        for at, end in enumerate(self.offsets[1:], 1):
            piece, *place = self.origins[at]
            named = self.origins[at - 1][0] is None and text[end : end + 1] == b"("
            if piece is not None and named and _NAME.fullmatch(text, self.offsets[at - 1], end):
                line, col = _position(code, end)
                calls[line + 1, col] = piece.place(*place)
        return calls


def read_debug_info(data: bytes) -> DebugInfo:
    """Reads a `.debug_pkl` record.

    Raises:
        PickleError: it is not as PyTorch writes it.
    """
    pickled = read_pickle(data)
    strange = [name for name in pickled.names if name != _INTEGERS]
    if strange:
        raise PickleError(f"it names `{strange[0]}`")
    try:
        rows = sorted(_rows(pickled.root), key=lambda row: row[0])
    except (TypeError, ValueError, IndexError) as error:
        raise PickleError("its parts are not those of source positions") from error
    pieces = dict.fromkeys(piece for _, (piece, _, _) in rows if piece is not None)
    return DebugInfo(tuple(pieces), tuple(row[0] for row in rows), tuple(row[1] for row in rows))


def assemble_sources(pieces: Iterable[SourcePiece]) -> dict[str, str]:
    """File → its text as far as it is known: every piece at its line, the rest blank.

    Raises:
        PickleError: the pieces lie absurdly far down.
    """
    files: dict[str, dict[int, str]] = {}
    for piece in pieces:
        lines = files.setdefault(piece.file, {})
        for number, line in enumerate(piece.text.removesuffix("\n").split("\n"), piece.line):
            lines.setdefault(number, line)
    if sum(map(max, files.values())) > _MOST_LINES:
        raise PickleError("its texts would fill too many lines")
    return {file: _joined(lines) for file, lines in files.items()}


def _joined(lines: dict[int, str]) -> str:
    return "".join(lines.get(number, "") + "\n" for number in range(1, max(lines) + 1))


# ── the structure inside ────────────────────────────────────────────────────────────────────────


def _rows(root: object) -> Iterator[tuple[int, tuple[SourcePiece | None, int, int]]]:
    """Offset, and where the code from there on comes from."""
    first, *_ = _tuple(root) or ("",)
    if first == _FORMAT:
        _, strings, records = _tuple(root)
        table = _tuple(strings)
    else:
        records, table = root, ()
    known: dict[int, tuple[object, SourcePiece | None]] = {}  # keeps what has the id, too
    left = _MOST_TEXT
    for record in _tuple(records):
        offset, place, *_ = _tuple(record)
        source, start, end = _tuple(place)
        if id(source) not in known:
            piece = _piece(_tuple(source), table, left)
            known[id(source)] = (source, piece)
            left -= len(piece.text) if piece else 0
        yield _number(offset), (known[id(source)][1], _number(start), _number(end))


def _piece(source: tuple[object, ...], table: tuple[object, ...], most: int) -> SourcePiece | None:
    """A text with its place, or `None` where it has no file, or is a traced node's Python stack.

    Raises:
        ValueError: it is longer than `most`, or lies too far down: a bomb.
    """
    text, file, line = source
    parts = _strings(text, table)
    name = "".join(_strings(file, table))
    if not name or not parts or parts[0].startswith(f"{name}({line}): "):
        return None
    if sum(map(len, parts)) > most:
        raise ValueError
    whole = "".join(parts)
    if not 1 <= _number(line) <= _LAST_LINE - whole.count("\n"):
        raise ValueError
    return SourcePiece(name, _number(line), whole)


def _strings(value: object, table: tuple[object, ...]) -> tuple[str, ...]:
    """The parts of a text, given in full, as an index into the table, or as many of them."""
    if value is None or isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, int):
        return (_string(table[value]),)
    if not isinstance(value, Built) or value.maker != _INTEGERS:
        raise TypeError
    (indices,) = value.args
    return tuple(_string(table[index]) for index in cast("list[int]", indices))


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value


def _tuple(value: object) -> tuple[object, ...]:
    if not isinstance(value, tuple):
        raise TypeError
    return cast("tuple[object, ...]", value)
