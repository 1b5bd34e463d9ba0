"""The tensors of an archive by name, dtype and shape, read out of its pickles as data."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import cast

from tsviz.ir import Type
from tsviz.jit.pickles import Built, Entries, Global, Persistent

_MOST_OBJECTS = 1_000_000
_LONGEST_NAME = 10_000  # of what is nested deeper than anyone would
_WIDTHS = {"bool": 1, "c32": 4, "c64": 8, "c128": 16}


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """One tensor.

    Attributes:
        name: dotted path of attributes, keys and positions.
        dtype: short name such as `f32`.
        device: that it was saved from, such as `cuda:0`.
        nbytes: size of its elements, in bytes.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    device: str
    nbytes: int


def find_tensors(root: object, name: str = "") -> tuple[StoredTensor, ...]:
    """Every tensor below `root`; one that is shared is listed where it is met first."""
    return tuple(_iter_tensors(root, name))


def _iter_tensors(root: object, name: str) -> Iterator[StoredTensor]:
    seen: dict[int, object] = {}  # keeps what it has seen, so that no other object gets its id
    waiting = [(name, root)]
    while waiting and len(seen) < _MOST_OBJECTS:
        name, value = waiting.pop()
        if id(value) in seen or len(name) > _LONGEST_NAME:
            continue
        seen[id(value)] = value
        if isinstance(value, Built) and _is_rebuilt(value.maker):
            yield from _tensor(name, value.args)
        else:
            waiting += reversed([(_join(name, key), part) for key, part in _parts(value)])


def _is_rebuilt(maker: object) -> bool:
    return (
        isinstance(maker, Global)
        and maker.module == "torch._utils"
        and maker.name.startswith("_rebuild")
    )


def _parts(value: object) -> Iterator[tuple[object, object]]:
    """What an object holds, by attribute, key or position."""
    if isinstance(value, Entries):
        yield from value
    elif isinstance(value, Built):
        yield from value.entries
        yield from (("", part) for part in (*value.args, value.state))
    elif isinstance(value, list | tuple):
        yield from enumerate(cast("list[object]", value))


def _join(name: str, key: object) -> str:
    return ".".join(filter(None, (name, str(key) if isinstance(key, str | int) else "")))


def _tensor(name: str, args: tuple[object, ...]) -> Iterator[StoredTensor]:
    """The tensor that `_rebuild_tensor_v2(storage, offset, size, …)` makes."""
    storage, _, size = (*args, None, None, None)[:3]
    key = storage.parts if isinstance(storage, Persistent) else ()
    if len(key) < 5 or not isinstance(key[1], Global):
        return  # a sparse tensor, or what PyTorch does not write
    dtype = dtype_of(key[1].name)
    shape = tuple(length for length in _items(size) if isinstance(length, int))
    yield StoredTensor(name, dtype, shape, str(key[3]), prod(shape) * _width(dtype))


def _items(value: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()


def dtype_of(storage: str) -> str:
    """Short name of the dtype of a storage such as `FloatStorage`."""
    scalar = storage.removesuffix("Storage")
    facts = Type(f"{scalar}(*)").tensor
    return facts.dtype if facts is not None and facts.dtype else scalar


def width_of(storage: str) -> int:
    """Bytes of one element of a storage such as `FloatStorage`, 0 where that is not known."""
    return _width(dtype_of(storage))


def _width(dtype: str) -> int:
    """Bytes of one element: `f32` has 32 bits."""
    bits = dtype.lstrip("abcdefghijklmnopqrstuvwxyz")
    return _WIDTHS.get(dtype, int(bits) // 8 if bits.isdigit() else 0)
