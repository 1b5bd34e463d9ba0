"""Which functions of two archives differ, as text.

The Python text tells best what somebody changed. An archive holds it for what was scripted; of
what was traced there is only the code that TorchScript prints.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff
from itertools import zip_longest
from pathlib import PureWindowsPath
from typing import TypeVar

from tsviz.comparison.differences import FunctionDiff, Kind
from tsviz.comparison.printing import Printing, canonical
from tsviz.frontends.printed_code import PrintedFunction, defined_name
from tsviz.jit.debug_info import SourcePiece
from tsviz.location import FileRange

_T = TypeVar("_T")
_MOST_LINES = 5_000
_PRINTED = "TorchScript's code"
_NOTHING = "/dev/null"
_HUNK = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


@dataclass(slots=True)
class _Function:
    """All that one archive has under one name: types of one class are printed one by one.

    Attributes:
        local: its name without the module.
        texts: Python text → its piece.
        printed: what TorchScript prints, by its canonical form.
        is_whole: whether every one of the printed has its Python text.
    """

    name: str
    local: str
    texts: dict[str, SourcePiece] = field(default_factory=dict[str, SourcePiece])
    printed: dict[str, str] = field(default_factory=dict[str, str])
    is_whole: bool = True


def compare_code(
    before: Sequence[PrintedFunction],
    after: Sequence[PrintedFunction],
    renamed: Mapping[str, str],
    constants: Mapping[str, str],
) -> tuple[FunctionDiff, ...]:
    """The functions that differ, the user's own first, then those of libraries.

    Args:
        renamed: class after → class before that it took the place of.
        constants: name of a constant after → name of the one before that corresponds to it.
    """
    old = _grouped(before, {}, Printing(None, {}, None))
    new = _grouped(after, renamed, Printing.make(renamed, constants))
    found: list[FunctionDiff] = []
    for was, now in _pairs(old, new):
        found += _compare(was, now)
    return tuple(sorted(found, key=lambda diff: diff.is_library))


def _grouped(
    functions: Iterable[PrintedFunction], renamed: Mapping[str, str], printing: Printing
) -> dict[str, _Function]:
    groups: dict[str, _Function] = {}
    for function in functions:
        name = _renamed(function.name, renamed)
        parts = 2 if function.is_method else 1
        local = ".".join(name.split(".")[-parts:])
        group = groups.setdefault(name, _Function(name, local))
        text = printing.translated(function.text)
        group.printed[canonical(text)] = text
        if function.original is not None:
            group.texts[_key(function.original)] = function.original
        group.is_whole &= function.original is not None
        for piece in function.inlined:
            defined = defined_name(piece)
            place = f"{PureWindowsPath(piece.file).stem}.{defined}"
            inlined = groups.setdefault(f"{place} (inlined)", _Function(place, defined))
            inlined.texts[_key(piece)] = piece
    return groups


def _key(piece: SourcePiece) -> str:
    return piece.text.rstrip()


def _renamed(name: str, renamed: Mapping[str, str]) -> str:
    owner, _, method = name.rpartition(".")
    return f"{renamed[owner]}.{method}" if owner in renamed else name


def _pairs(
    before: Mapping[str, _Function], after: Mapping[str, _Function]
) -> Iterator[tuple[_Function | None, _Function | None]]:
    """Functions of one name; of the rest, those that have one local name on both sides."""
    alone = {name: group for name, group in after.items() if name not in before}
    left = _by_local(alone.values())
    gone = _by_local(group for name, group in before.items() if name not in after)
    for name, group in before.items():
        other = after.get(name)
        if other is None and len(gone[group.local]) == len(left.get(group.local, ())) == 1:
            (other,) = left.pop(group.local)
        yield group, other
    yield from ((None, group) for groups in left.values() for group in groups)


def _by_local(groups: Iterable[_Function]) -> dict[str, list[_Function]]:
    found: dict[str, list[_Function]] = {}
    for group in groups:
        found.setdefault(group.local, []).append(group)
    return found


def _compare(was: _Function | None, now: _Function | None) -> Iterator[FunctionDiff]:
    if was is None or now is None:
        one = was or now
        assert one is not None
        yield from _alone(one, Kind.ADDED if was is None else Kind.REMOVED)
        return
    is_python = was.is_whole and now.is_whole
    changed = list(_changed(was, now)) if is_python else []
    yield from changed
    if changed or not (was.printed and now.printed):  # what was put into another has no print
        return
    lines = (_first_line(was), _first_line(now))
    gone, come = _unlike(was.printed, now.printed)
    for old, new in zip_longest(gone, come):
        text = _diff(_printed(was.printed.get(old or "")), _printed(now.printed.get(new or "")))
        yield FunctionDiff(Kind.CHANGED, was.name, *lines, False, is_python, text)


def _unlike(was: Mapping[str, object], now: Mapping[str, object]) -> tuple[list[str], list[str]]:
    """The texts that only one side has."""
    return [text for text in was if text not in now], [text for text in now if text not in was]


def _alone(one: _Function, kind: Kind) -> Iterator[FunctionDiff]:
    if one.is_whole:
        for piece in one.texts.values():
            yield _python(kind, one.name, *_sides(piece, kind))
        return
    for text in one.printed.values():
        was, now = _sides(text, kind)
        diff = _diff(_printed(was), _printed(now))
        yield FunctionDiff(kind, one.name, None, None, False, False, diff)


def _sides(one: _T, kind: Kind) -> tuple[_T | None, _T | None]:
    return (None, one) if kind is Kind.ADDED else (one, None)


def _changed(was: _Function, now: _Function) -> Iterator[FunctionDiff]:
    gone, come = _unlike(was.texts, now.texts)
    for old, new in zip_longest(gone, come):
        pieces = was.texts.get(old or ""), now.texts.get(new or "")
        yield _python(Kind.CHANGED, was.name, *pieces)


def _python(
    kind: Kind, name: str, was: SourcePiece | None, now: SourcePiece | None
) -> FunctionDiff:
    return FunctionDiff(kind, name, _line(was), _line(now), True, False, _diff(was, now))


def _line(piece: SourcePiece | None) -> FileRange | None:
    return FileRange(piece.file, piece.line) if piece is not None else None


def _first_line(group: _Function) -> FileRange | None:
    return _line(next(iter(group.texts.values()), None))


def _printed(text: str | None) -> SourcePiece | None:
    return SourcePiece(_PRINTED, 1, text) if text is not None else None


def _diff(was: SourcePiece | None, now: SourcePiece | None) -> str:
    """A unified diff with the line numbers of the files that the texts stand in."""
    old, new = (piece.text.rstrip("\n").split("\n") if piece else [] for piece in (was, now))
    if max(len(old), len(new)) > _MOST_LINES:
        return f"{len(old):,} lines became {len(new):,}, too many to compare line by line"
    file, other = (piece.file if piece else _NOTHING for piece in (was, now))
    lines = unified_diff(old, new, file, other, lineterm="")
    starts = [piece.line if piece else 1 for piece in (was, now)]
    return "\n".join(_shifted(line, starts) for line in lines)


def _shifted(line: str, starts: list[int]) -> str:
    """The head of a hunk with the lines of the files; any other line as it is."""
    found = _HUNK.fullmatch(line)
    if found is None:
        return line
    places = [
        f"{int(number) + start - 1}{count}" if number != "0" else f"0{count}"
        for number, count, start in zip(found.group(1, 3), found.group(2, 4), starts, strict=True)
    ]
    return f"@@ -{places[0]} +{places[1]} @@"
