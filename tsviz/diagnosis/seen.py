"""The types of values that a run of the model really showed, and how they are annotated.

TorchScript takes what has no annotation for a tensor. What eager passes is a fact; this is how it
is written down. Only forms that need no import are used: `list[int]`, `int | None`.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import reduce
from itertools import islice
from typing import cast

import torch

_DEPTH = 5
_ELEMENTS = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """The type of one or more values.

    Attributes:
        name: `Tensor`, `int`, `list`, `Union` …, or the qualified name of a class.
        parts: of elements, of key and value, of alternatives; () where there was nothing to see.
        known: whether TorchScript has this type.
        kind: the class itself, where it is one of the user's.
    """

    name: str
    parts: tuple["Seen", ...] = ()
    known: bool = True
    kind: type | None = None

    @property
    def is_open(self) -> bool:
        """Whether an empty container hides what it would hold."""
        if self.name in ("list", "dict") and not self.parts:
            return True
        return any(part.is_open for part in self.parts)

    @property
    def is_expressible(self) -> bool:
        """Whether TorchScript has it, down to the elements."""
        return self.known and all(part.is_expressible for part in self.parts)

    @property
    def is_mixed(self) -> bool:
        """Whether it is a container whose elements differ in type."""
        return self.name in ("list", "dict") and any(part.name == "Union" for part in self.parts)

    def __str__(self) -> str:
        return render(self, _name) or self.name


def _name(kind: Seen) -> str:
    return kind.name


_PLAIN: dict[type, str] = {
    int: "int", float: "float", bool: "bool", str: "str", complex: "complex",
    type(None): "None", torch.device: "torch.device", torch.dtype: "torch.dtype",
}  # fmt: skip


def see(value: object, depth: int = 0) -> Seen:
    """The type of a value, looked at down to its elements."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return Seen(plain)
    if isinstance(value, torch.Tensor):
        return Seen("Tensor")
    if depth > _DEPTH:
        return Seen("...", known=False)
    if isinstance(value, torch.Size):
        return Seen("list", (Seen("int"),))
    if type(value) is list:
        return Seen("list", _union(cast("list[object]", value), depth))
    if type(value) is tuple:
        return Seen("tuple", tuple(see(item, depth + 1) for item in cast("tuple[object]", value)))
    if type(value) in (dict, OrderedDict):
        found = cast("Mapping[object, object]", value)
        keys, values = _union(found.keys(), depth), _union(found.values(), depth)
        return Seen("dict", (*keys, *values))
    return _see_object(value)


def _see_object(value: object) -> Seen:
    kind = type(value)
    known = isinstance(value, Enum) or is_named_tuple(kind)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _full_name(kind)
    return Seen(name, known=known, kind=kind)


def is_named_tuple(kind: type) -> bool:
    """Whether a class is a `NamedTuple`, which TorchScript has a type for."""
    return tuple in kind.__mro__ and hasattr(kind, "_fields")


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _union(values: Iterable[object], depth: int) -> tuple[Seen, ...]:
    kinds = [see(value, depth + 1) for value in islice(values, _ELEMENTS)]
    return (reduce(merge, kinds),) if kinds else ()


def merge(one: Seen, other: Seen) -> Seen:
    """The type of values of both types."""
    if one == other:
        return one
    if one.name == other.name and one.name in ("list", "dict", "tuple"):
        if not one.parts or not other.parts:
            return one if one.parts else other
        if len(one.parts) == len(other.parts):
            pairs = zip(one.parts, other.parts, strict=True)
            return Seen(one.name, tuple(merge(*pair) for pair in pairs))
    parts: list[Seen] = []
    for part in (*_alternatives(one), *_alternatives(other)):
        at = next((at for at, known in enumerate(parts) if _fit(known, part)), None)
        if at is None:
            parts.append(part)
        else:
            parts[at] = merge(parts[at], part)
    return parts[0] if len(parts) == 1 else Seen("Union", tuple(parts))


def _alternatives(kind: Seen) -> tuple[Seen, ...]:
    return kind.parts if kind.name == "Union" else (kind,)


def _fit(one: Seen, other: Seen) -> bool:
    if one.name != other.name or one.name not in ("list", "dict", "tuple"):
        return one == other
    return one.name != "tuple" or len(one.parts) == len(other.parts)


def render(kind: Seen, name_of: Callable[[Seen], str | None]) -> str | None:
    """The annotation, or `None` where there is none.

    Args:
        name_of: how a class, or `Tensor`, is named where it is written.
    """
    if kind.name == "Union":
        return _join(sorted(kind.parts, key=lambda part: part.name == "None"), " | ", name_of)
    if kind.name in ("list", "dict", "tuple"):
        inner = _join(kind.parts, ", ", name_of) if kind.parts else None
        return f"{kind.name}[{inner}]" if inner is not None else None
    if kind.name in _PLAIN.values():
        return kind.name
    return name_of(kind)


def _join(
    parts: Sequence[Seen], separator: str, name_of: Callable[[Seen], str | None]
) -> str | None:
    texts = [render(part, name_of) for part in parts]
    known = [text for text in texts if text is not None]
    return separator.join(known) if len(known) == len(texts) else None
