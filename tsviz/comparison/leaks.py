"""What leaves its tensors for Python while a model runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import torch
from torch.overrides import TorchFunctionMode

from tsviz.comparison.events import Events, Leak
from tsviz.comparison.ways import Frames


class Leaks(TorchFunctionMode):
    """Listens to everything that is called on tensors."""

    def __init__(self, events: Events, frames: Frames, pins: Mapping[object, list[object]]) -> None:
        super().__init__()
        self._events, self._frames, self._pins = events, frames, pins
        self._met: dict[object, int] = {}

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, torch.Tensor) or made is None:
            return made
        value, is_plain = comparable(made)
        if value == "Tensor":
            return made
        name = name_of(func)
        found = self._frames.find()
        if found is None:
            return made
        place, site = found
        leak = Leak(place, name, value, made if is_plain else None, site)
        self._events.add(leak)
        return self._pinned(leak, made)

    def _pinned(self, leak: Leak, made: object) -> object:
        pins = self._pins.get(leak.key)
        if not pins or leak.raw is None:
            return made
        at = self._met[leak.key] = self._met.get(leak.key, -1) + 1
        return pins[min(at, len(pins) - 1)]


@dataclass(frozen=True, slots=True)
class Array:
    """Stands for an array of NumPy."""

    shape: tuple[int, ...]
    digest: str

    def __repr__(self) -> str:
        return f"an array of {' by '.join(map(str, self.shape))}"


def comparable(value: object) -> tuple[object, bool]:
    """A value that can be compared with that of another run, and whether no tensor is in it."""
    if isinstance(value, torch.Tensor):
        return "Tensor", False
    if isinstance(value, (tuple, list)):
        items = cast("list[object]", value)
        if type(items) in (tuple, list, torch.Size) or hasattr(items, "_fields"):
            parts = [comparable(item) for item in items]
            return tuple(part for part, _ in parts), all(plain for _, plain in parts)
    if isinstance(value, (bool, int, float, complex, str)):
        return (repr(value) if value != value else value), True  # NaN is not itself
    if isinstance(value, (torch.dtype, torch.device, torch.layout)):
        return str(value), True
    if type(cast("object", value)).__module__ == "numpy":
        array = cast("Any", value)
        digest = sha256(array.tobytes()).hexdigest()
        return array.item() if array.ndim == 0 else Array(tuple(array.shape), digest), True
    return type(cast("object", value)).__qualname__, False


def name_of(func: Callable[..., object]) -> str:
    """The name of what is called on tensors; of a property, that of the property."""
    name = str(getattr(func, "__name__", func))
    owner = getattr(func, "__self__", None) if name == "__get__" else None
    return str(getattr(owner, "__name__", name))
