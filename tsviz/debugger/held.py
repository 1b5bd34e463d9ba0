"""The values of a run, as long as there is room for them."""

from collections.abc import Iterator
from typing import Any, cast

import torch

_GONE = object()


class Held:
    """Values by their ids, the one computed last at the end.

    PyTorch's interpreter frees what nobody needs any more; here it stays, so that it can be looked
    at. Tensors are the program's own: they show what later nodes wrote into them.

    Args:
        limit: so many bytes of tensors are held; beyond it the oldest go.
        free: values that cost nothing, because the module holds them anyway.
    """

    def __init__(self, limit: int, free: frozenset[int]) -> None:
        self._limit = limit
        self._free = free
        self._values: dict[int, object] = {}
        self._sizes: dict[int, int] = {}
        self._total = 0

    def add(self, value: int, what: object) -> None:
        """Notes what a value is now."""
        self._values.pop(value, None)
        self._values[value] = what
        if value in self._free:
            return
        size = _size(what)
        self._total += size - self._sizes.pop(value, 0)
        if size:
            self._sizes[value] = size
            while self._total > self._limit and len(self._sizes) > 1:
                oldest = next(iter(self._sizes))
                self._total -= self._sizes.pop(oldest)
                self._values[oldest] = _GONE

    def refresh(self, value: int, what: object) -> None:
        """Notes what a list or dict holds now; it was computed before."""
        if value in self._values:
            self._values[value] = what

    def __contains__(self, value: int) -> bool:
        return value in self._values

    def __iter__(self) -> Iterator[int]:
        return iter(self._values)

    def get(self, value: int) -> object:
        """What a value is.

        Raises:
            KeyError: it was not computed.
        """
        return self._values[value]

    def is_gone(self, value: int) -> bool:
        """Whether a value was computed and had to make room."""
        return self._values.get(value) is _GONE

    def clear(self) -> None:
        """Forgets all."""
        self._values.clear()
        self._sizes.clear()
        self._total = 0


def _size(what: object) -> int:
    if isinstance(what, torch.Tensor):
        return what.numel() * what.element_size() if what.layout is torch.strided else 0
    if isinstance(what, (list, tuple)):
        return sum(map(_size, cast("list[Any]", what)))
    return sum(map(_size, cast("dict[Any, Any]", what).values())) if isinstance(what, dict) else 0
