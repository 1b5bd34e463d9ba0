"""How far a condition is from turning over, as a number that can be differentiated."""

from collections.abc import Callable, Mapping
from typing import cast

import torch
from torch.overrides import TorchFunctionMode

from tsviz.comparison.changes import Spot
from tsviz.comparison.leaks import name_of
from tsviz.comparison.ways import Frames

_MORE = frozenset({"gt", "ge", "__gt__", "__ge__"})
_LESS = frozenset({"lt", "le", "__lt__", "__le__"})
_SAME = frozenset({"eq", "__eq__"})
_TAKEN = frozenset({"__bool__", "__float__", "__int__", "__index__", "item", "is_nonzero"})


class Margins(TorchFunctionMode):
    """Notes how far the condition at one spot is from turning over.

    Attributes:
        found: margins as numbers that can be differentiated, in the order in which they were met.
    """

    def __init__(self, frames: Frames, spot: Spot) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.found: list[torch.Tensor] = []
        self._frames, self._spot = frames, spot
        self._known: dict[int, tuple[object, torch.Tensor]] = {}

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        made = func(*args, **(kwargs or {}))
        name = name_of(func)
        if name in _TAKEN and args:
            self._take(args[0])
        elif isinstance(made, torch.Tensor) and made.dtype is torch.bool:
            margin = self._margin(name, args)
            if margin is not None:
                self._known[id(made)] = made, margin
        return made

    def _take(self, condition: object) -> None:
        if not isinstance(condition, torch.Tensor) or self._where() != self._spot:
            return
        _, margin = self._known.get(id(condition), (None, condition))
        if margin.requires_grad and margin.numel() == 1 and margin.is_floating_point():
            self.found.append(margin.reshape(()))

    def _where(self) -> Spot | None:
        found = self._frames.find()
        if found is None:
            return None
        place, site = found
        return Spot(place) if site is None else Spot(site.place, site)

    def _margin(self, name: str, args: tuple[object, ...]) -> torch.Tensor | None:
        first = args[0] if args else None
        if not isinstance(first, torch.Tensor):
            return None
        known = self._known.get(id(first), (None, None))[1]
        if name in ("any", "all") and known is not None and known.numel():
            return known.amax() if name == "any" else known.amin()
        if name in ("logical_not", "__invert__", "bitwise_not") and known is not None:
            return -known
        if len(args) < 2 or not first.is_floating_point():
            return None
        gap = first - cast("torch.Tensor", args[1])
        if name in _SAME:
            return -gap.abs()
        return gap if name in _MORE else -gap if name in _LESS else None
