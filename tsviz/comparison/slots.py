"""One argument, or a tensor inside one, and what may vary in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, cast

import torch

from tsviz.errors import Diagnostic, UsageError

Sizes = tuple[int, int]
"""The least and the largest size, both included."""
Size = Sizes | str
"""The same, or `other.0`: that of a dimension of another one."""
EXAMPLE = 'write inputs={"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}'
KEYS = frozenset(
    {"dims", "range", "also", "dtypes", "devices", "ranks", "lengths", "classes", "given", "only"}
)


@dataclass(frozen=True, slots=True)
class Slot:
    """What may vary in one place of the inputs.

    Attributes:
        name: how it is reached from the arguments: `x`, `batch['ids']`.
        example: a tensor, a list or tuple of tensors, or `None` where the example leaves it out.
        dims: dimension → sizes that it may have; of a list, those of each item.
        low, high: the least and largest value; `None` where that is not declared.
        also: values that may stand outside of these.
        dtypes, devices: names of other ones that it may have.
        ranks: least and largest number of dimensions; `None`: that of the example.
        lengths: least and largest number of items; `None`: that of the example.
        classes: what it may be instead: `tensor`, `list`, `tuple`, `none`.
        given: shape and dtype, where the example leaves it out.
        only: all values there are; empty: any.
        told: as it was declared.
    """

    name: str
    example: object
    dims: Mapping[int, Size] = field(default_factory=lambda: MappingProxyType({}))
    low: float | None = None
    high: float | str | None = None
    also: tuple[float, ...] = ()
    dtypes: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    ranks: Sizes | None = None
    lengths: Sizes | None = None
    classes: tuple[str, ...] = ()
    given: tuple[tuple[int | str, ...], str] | None = None
    only: tuple[object, ...] = ()
    told: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def items(self) -> tuple[torch.Tensor, ...]:
        """Its tensors."""
        if isinstance(self.example, torch.Tensor):
            return (self.example,)
        return tuple(cast("tuple[torch.Tensor, ...]", self.example or ()))

    @property
    def is_many(self) -> bool:
        """Whether it is a list or tuple."""
        return isinstance(self.example, (list, tuple))

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the example, of a list that of its first item."""
        return tuple(self.items[0].shape) if self.items else ()

    @property
    def pattern(self) -> torch.Tensor:
        """What has its dtype, device and shape."""
        if self.items:
            return self.items[0]
        sizes = [size for size in (self.given or ((), ""))[0] if isinstance(size, int)]
        dtype = getattr(torch, self.given[1]) if self.given else torch.float32
        return torch.zeros(sizes, dtype=dtype)


def read_slot(name: str, example: object, said: Mapping[str, Any]) -> Slot:
    """A slot as declared.

    Raises:
        UsageError: `TSV-V18` it does not fit the example, or is not of the kind that it should be.
    """
    try:
        slot = _read_slot(name, example, said)
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        message = f"expected what `{name}` may be as in the help, got {dict(said)!r}"
        note = f"Python says: {error}"
        raise UsageError(Diagnostic("TSV-V18", message, notes=(note,), help=EXAMPLE)) from error
    ends = [end for end in (slot.low, slot.high) if isinstance(end, float)]
    if not all(map(math.isfinite, ends)):
        message = f"expected a range of finite numbers for `{name}`, got {said['range']!r}"
        help = "what lies outside may stand in `also`"
        raise UsageError(Diagnostic("TSV-V18", message, help=help))
    return slot


def _read_slot(name: str, example: object, said: Mapping[str, Any]) -> Slot:
    shape = Slot(name, example).shape
    dims = {
        int(dim): _size(name, shape, int(dim), size) for dim, size in said.get("dims", {}).items()
    }
    low, high = said.get("range", (None, None))
    return Slot(
        name,
        example,
        MappingProxyType(dims),
        None if low is None else float(low),
        high if isinstance(high, str) or high is None else float(high),
        tuple(map(float, said.get("also", ()))),
        tuple(map(str, said.get("dtypes", ()))),
        tuple(map(str, said.get("devices", ()))),
        said.get("ranks"),
        said.get("lengths"),
        tuple(map(str, said.get("classes", ()))),
        said.get("given"),
        tuple(said.get("only", ())),
        MappingProxyType(dict(said)),
    )


def _size(name: str, shape: tuple[int, ...], dim: int, size: Any) -> Size:
    if shape and not 0 <= dim < len(shape):
        message = f"expected a dimension of `{name}` from 0 to {len(shape) - 1}, got {dim}"
        raise UsageError(Diagnostic("TSV-V18", message))
    if isinstance(size, str):
        return size
    least, largest = map(int, size)
    if shape and not 0 <= least <= shape[dim] <= largest:
        message = (
            f"expected sizes around that of the example, {shape[dim]}, for dimension {dim} of "
            f"`{name}`, got {least} to {largest}"
        )
        raise UsageError(Diagnostic("TSV-V18", message))
    return least, largest
