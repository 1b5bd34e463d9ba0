"""Reads a document the way a browser does: by rows."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise

from tsviz.protocol import Column
from tsviz.protocol.tables import Document, GraphPayload


def iter_texts(value: object) -> Iterator[str]:
    """Every string in a payload, keys and names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from iter_texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from iter_texts(item)
    elif is_dataclass(value) and not isinstance(value, (Column, type)):
        for field in fields(value):
            yield from iter_texts(getattr(value, field.name))


def strings(document: Document, column: Column) -> list[str]:
    return [document.strings[row] for row in column.data]


def rows_of(at: Column, flat: Column) -> list[list[int]]:
    return [list(flat.data[start:end]) for start, end in pairwise(at.data)]


def frame(document: Document, row: int) -> tuple[str, int] | None:
    """(path, line) of a frame's row."""
    if row < 0:
        return None
    frames = document.frames
    return document.files[frames.file.data[row]].path, frames.line.data[row]


def chain_of(document: Document, row: int) -> list[tuple[str, int]]:
    """The frames from `row` outwards."""
    found: list[tuple[str, int]] = []
    while (here := frame(document, row)) is not None:
        found.append(here)
        row = document.frames.caller.data[row]
    return found


def column_lengths(graph: GraphPayload, table: str) -> dict[str, int]:
    """Column → length, the flat ones and their offsets left out."""
    rows = getattr(graph, table)
    names = [field.name for field in fields(rows)]
    flat = {name.removesuffix("_at") for name in names if name.endswith("_at")}
    return {n: len(getattr(rows, n)) for n in names if n not in flat and not n.endswith("_at")}
