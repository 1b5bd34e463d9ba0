"""Tensors as text: the Python that makes them, so that a script can show them."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch

from tsviz.comparison.slots import Slot

Shape = tuple[int, ...]
MOST_WRITTEN = 64
"""A tensor of more numbers is not written out."""


@dataclass(frozen=True, slots=True)
class Values:
    """What may stand in one tensor.

    Attributes:
        low, high: the least and largest value.
        is_declared: whether that is a rule, or a guess from the example.
        also: values that may stand outside of these.
    """

    dtype: torch.dtype
    device: str
    low: float
    high: float
    is_declared: bool
    also: tuple[float, ...] = ()

    @property
    def is_float(self) -> bool:
        """Whether they have fractions."""
        return self.dtype.is_floating_point or self.dtype.is_complex

    def random(self, shape: Shape, seed: int) -> str:
        """Random ones."""
        drawn = f"generator=torch.Generator().manual_seed({seed})"
        if self.dtype is torch.bool:
            return self._placed(f"torch.rand({shape}, {drawn}) < 0.5")
        if not self.is_float:
            top = max(int(self.high), int(self.low)) + 1
            kind = f", dtype={self.dtype}"
            return self._placed(f"torch.randint({int(self.low)}, {top}, {shape}, {drawn}{kind})")
        kind = "" if self.dtype is torch.float32 else f".to({self.dtype})"
        if not self.is_declared:
            scale = "" if self.high in (0.0, 1.0) else f" * {self.high!r}"
            return self._placed(_in_brackets(f"torch.randn({shape}, {drawn}){scale}", kind))
        span = self.high - self.low
        scaled = f"torch.rand({shape}, {drawn})" + ("" if span == 1 else f" * {span!r}")
        shifted = scaled if self.low == 0 else f"{scaled} + {self.low!r}"
        return self._placed(_in_brackets(shifted, kind))

    def filled(self, shape: Shape, value: float) -> str | None:
        """One number everywhere; `None` where it may not stand there."""
        if self.is_declared and not self.low <= value <= self.high and not self._is_also(value):
            return None
        if self.dtype is torch.bool:
            made = f"torch.full({shape}, {bool(value)})"
            return self._placed(made) if value in (0, 1) else None
        if not self.is_float and (value != value or (value < 0 and not self.dtype.is_signed)):
            return None
        number: float = float(value) if self.is_float else int(value)
        kind = "" if self.dtype in (torch.float32, torch.int64) else f", dtype={self.dtype}"
        return self._placed(f"torch.full({shape}, {_written(number)}{kind})")

    def among(self, shape: Shape, value: float, seed: int) -> str:
        """Random ones, the first of them another."""
        drawn = f"torch.flatten({self.random(shape, seed)})"
        return f"{drawn}.index_fill(0, torch.tensor([0]), {_written(value)}).view({shape})"

    def exactly(self, nested: object) -> str:
        """A nested list of numbers."""
        return self._placed(f"torch.tensor({nested!r}, dtype={self.dtype})")

    def extremes(self) -> Iterator[float]:
        """Numbers to fill a tensor with, from the likely to the odd."""
        yield from self.also
        if self.dtype is torch.bool:
            yield from (0, 1)
        elif self.is_float and not self.is_declared:
            yield from (-1.0, 1.0, 0.0, 10.0, -10.0, 100.0, -100.0, 0.5, -0.5, 1000.0, math.nan)
        elif self.is_float:
            low, high = self.low, self.high
            yield from (high, low, (low + high) / 2, 0.0, 1.0, -1.0)
        else:
            yield from (self.high, self.low, *range(int(self.low) + 1, int(self.low) + 5))
            yield from () if self.is_declared else (0, 1)

    def _is_also(self, value: float) -> bool:
        return any(value == one or (value != value and one != one) for one in self.also)

    def _placed(self, text: str) -> str:
        return text if self.device == "cpu" else f"({text}).to({self.device!r})"


def _in_brackets(text: str, kind: str) -> str:
    return f"({text}){kind}" if kind else text


def _written(number: float) -> str:
    return repr(number) if math.isfinite(number) else f"float({str(number)!r})"


def values_of(
    slot: Slot, sizes: "dict[str, int]", *, dtype: torch.dtype | None = None, device: str = ""
) -> Values:
    """What may stand in a slot.

    Args:
        sizes: what `other.0` stands for.
        dtype, device: other ones than the example's.
    """
    pattern = slot.pattern
    kind = dtype or pattern.dtype
    device = device or str(pattern.device)
    if slot.low is not None and slot.high is not None:
        high = float(sizes[slot.high]) if isinstance(slot.high, str) else slot.high
        return Values(kind, device, slot.low, high, True, slot.also)
    return Values(kind, device, *_guessed(slot), False, slot.also)


def _guessed(slot: Slot) -> tuple[float, float]:
    """Of the example's order of magnitude."""
    tensors = [item.detach() for item in slot.items if item.numel()]
    if not tensors or tensors[0].device.type == "meta":
        return 0.0, 1.0
    if tensors[0].is_complex() or tensors[0].is_floating_point():
        finite = [item.abs()[item.abs().isfinite()] for item in tensors]
        scale = max((float(item.max()) for item in finite if item.numel()), default=1.0)
        rounded = 2.0 ** math.ceil(math.log2(scale)) if scale > 0 else 1.0
        return -rounded, rounded
    least = min(float(item.min()) for item in tensors)
    return min(0.0, least), max(float(item.max()) for item in tensors)


def evaluate(text: str, like: object) -> Any:
    """The value that a text of this folder makes."""
    made = eval(text, {"torch": torch})  # noqa: S307 (written by this folder)
    if isinstance(like, torch.Tensor) and isinstance(made, torch.Tensor):
        return made.requires_grad_(like.requires_grad and made.is_floating_point())
    return made


def exact_text(tensor: torch.Tensor) -> str | None:
    """What makes a small tensor number by number; `None` for others."""
    if tensor.numel() > MOST_WRITTEN or not bool(tensor.isfinite().all()):
        return None
    numbers: object = cast("Any", tensor).tolist()
    made = f"torch.tensor({numbers!r}, dtype={tensor.dtype})"
    return made if str(tensor.device) == "cpu" else f"({made}).to({str(tensor.device)!r})"


def listed(texts: Sequence[str], *, is_tuple: bool) -> str:
    """A list or tuple of texts."""
    inner = ", ".join(texts)
    if is_tuple:
        return f"({inner},)" if len(texts) == 1 else f"({inner})"
    return f"[{inner}]"
