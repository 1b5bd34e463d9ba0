"""How far the elements of two tensors are from each other, given as bytes, piece by piece."""

import math

import torch

from tsviz.jit.differences import largest_ulp

_NUMBERS = {
    "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64,
    "u8": torch.uint8, "i8": torch.int8, "i16": torch.int16, "i32": torch.int32,
    "i64": torch.int64, "qi8": torch.int8, "qu8": torch.uint8, "qi32": torch.int32,
    "c32": torch.float16, "c64": torch.float32, "c128": torch.float64,
    "bool": torch.uint8,
}  # fmt: skip
"""What the bytes of a dtype are read as; of complex numbers, both parts."""

_WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
_FEW = 0.1


class ElementMeter:
    """Adds up what differs between two tensors of one dtype.

    Attributes:
        differing: how many elements have other bits.
        absolute, relative: the largest error, `inf` where one is finite or a number and the other
            is not; `None` where the dtype cannot be computed with, or nothing differs.
        ulp: units in the last place, at most; `None` where the elements are no floats.
    """

    def __init__(self, dtype: str, width: int) -> None:
        self._numbers = _NUMBERS.get(dtype)
        self._width = width
        self.differing = 0
        self.absolute: float | None = None
        self.relative: float | None = None
        self.ulp: int | None = None

    def add(self, before: bytes | bytearray, after: bytes | bytearray) -> None:
        """Compares two pieces of one length, made of whole elements."""
        was, now = _bytes(before), _bytes(after)
        other = self._unlike(was, now)
        count = int(other.sum())
        if count == 0:
            return
        self.differing += count
        if self._numbers is not None:
            if count < _FEW * len(other):  # picking them out takes longer than it saves else
                places = other.nonzero().squeeze(1)
                was, now = (side.view(-1, self._width)[places].view(-1) for side in (was, now))
            self._measure(was.view(self._numbers), now.view(self._numbers))

    def _unlike(self, was: torch.Tensor, now: torch.Tensor) -> torch.Tensor:
        """For every element whether any of its bits are others."""
        word = _WORDS.get(self._width)
        if word is None:
            return (was != now).view(-1, self._width).any(dim=1)
        return was.view(word) != now.view(word)

    def _measure(self, was: torch.Tensor, now: torch.Tensor) -> None:
        """Measures the elements that differ."""
        old, new = was.to(torch.float64), now.to(torch.float64)
        same = (was == now) | (old.isnan() & new.isnan())
        gap = torch.where(same, 0.0, (old - new).abs())
        if not was.is_floating_point():  # 64 bits do not fit: near ones could seem the same
            gap = torch.where(gap == 0, (was - now).abs().to(torch.float64), gap)
        gap = torch.where(gap.isnan(), math.inf, gap)
        relative = torch.where(same, 0.0, gap / old.abs())
        self.absolute = max(self.absolute or 0.0, float(gap.max()))
        self.relative = max(self.relative or 0.0, float(relative.max()))
        ulp = largest_ulp(was, now)
        self.ulp = ulp if self.ulp is None else max(self.ulp, ulp or 0)


def gathered(
    data: bytes, width: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> bytearray:
    """The elements of a tensor that lie scattered in some bytes, one after the other.

    Args:
        width: of an element, in bytes.
        strides: in elements.
    """
    steps = tuple(stride * width for stride in strides)
    view = _bytes(data).as_strided((*shape, width), (*steps, 1))
    return bytearray(view.contiguous().view(-1).numpy().tobytes())


def _bytes(data: bytes | bytearray) -> torch.Tensor:
    return torch.frombuffer(bytearray(data), dtype=torch.uint8)
