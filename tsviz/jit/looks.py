"""What a watched value held, in words short enough for an edge of the graph."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch

from tsviz.ir import TensorFacts
from tsviz.jit.natives import short_dtype

_MANY = "list of tensors"
_WIDTHS = {
    "f16": 2, "bf16": 2, "f32": 4, "f64": 8, "u8": 1, "i8": 1, "i16": 2, "i32": 4, "i64": 8,
    "bool": 1, "c64": 8, "c128": 16, "qi8": 1, "qu8": 1, "qi32": 4,
}  # fmt: skip
_NUMBERS: dict[type, str] = {bool: "bool", int: "i64", float: "f64", complex: "c128"}


@dataclass(frozen=True, slots=True)
class Seen:
    """A tensor (`facts`), a list or tuple of them (`items`), or `None` (neither)."""

    facts: TensorFacts | None = None
    items: "tuple[Seen, ...] | None" = None
    is_list: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes of a tensor, () where they are not the same each time."""
        sizes = self.facts.shape if self.facts is not None else None
        known = [size for size in sizes or () if size is not None]
        return tuple(known) if sizes is not None and len(known) == len(sizes) else ()

    @property
    def nbytes(self) -> int | None:
        """What its tensors hold, in bytes; `None` where that was not the same each time."""
        if self.items is not None:
            sizes = [item.nbytes for item in self.items]
            known = [size for size in sizes if size is not None]
            return sum(known) if len(known) == len(sizes) and self.items else None
        if self.facts is None:
            return 0
        width = _WIDTHS.get(self.facts.dtype)
        sizes = self.facts.shape
        if width is None or sizes is None or None in sizes:
            return None
        return math.prod(size or 0 for size in sizes) * width

    def merged(self, other: "Seen") -> "Seen":
        """What both have in common; `None` yields to anything."""
        if self == other or other == _NOTHING:
            return self
        if self == _NOTHING:
            return other
        if self.facts is not None and other.facts is not None:
            return Seen(_common(self.facts, other.facts))
        mine, theirs = self.items or (), other.items or ()
        if len(mine) != len(theirs):
            return Seen(items=(), is_list=True)
        pairs = zip(mine, theirs, strict=True)
        return Seen(items=tuple(a.merged(b) for a, b in pairs), is_list=self.is_list)

    def __str__(self) -> str:
        if self.items is None:
            return "None" if self.facts is None else str(self.facts)
        if not self.is_list:
            return f"({', '.join(map(str, self.items))})"
        kinds = set(map(str, self.items))
        return f"{len(self.items)} of {kinds.pop()}" if len(kinds) == 1 else _MANY


_NOTHING = Seen()


def look(value: object) -> Seen:
    """What `value` is: a tensor, `None`, or a list or tuple of these."""
    if isinstance(value, torch.Tensor):
        return Seen(TensorFacts(short_dtype(value), tuple(value.shape)))
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[object]", value)
        return Seen(items=tuple(map(look, items)), is_list=isinstance(value, list))
    if value is None:
        return _NOTHING
    return Seen(TensorFacts(_NUMBERS.get(type(value), ""), ()))  # a trace's tensor of one number


def _common(a: TensorFacts, b: TensorFacts) -> TensorFacts:
    shape = None
    if a.shape is not None and b.shape is not None and len(a.shape) == len(b.shape):
        shape = tuple(x if x == y else None for x, y in zip(a.shape, b.shape, strict=True))
    return TensorFacts(a.dtype if a.dtype == b.dtype else "", shape)
