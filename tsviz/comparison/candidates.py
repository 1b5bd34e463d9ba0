"""Inputs to try, from the likely to the odd, each written as the Python that makes it."""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import torch

from tsviz.comparison.domain import Axis, Domain, Leaf
from tsviz.comparison.subject import Case

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case to try, and how it is written.

    Attributes:
        texts: leaf's number → the expression that makes it; the others are those of the example.
        words: in what it differs from the example.
        is_inside: whether it lies in the domain.
    """

    case: Case
    texts: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    words: str = ""
    is_inside: bool = True


def iter_candidates(domain: Domain, example: Case, *, is_training: bool) -> Iterator[Candidate]:
    """What to try without knowing anything of the model; it never ends.

    Args:
        is_training: whether a mode other than the example's is to be tried, too.
    """
    yield Candidate(replace(example, calls=2), words="a second call")
    yield Candidate(replace(example, seed=1), words="other random numbers")
    if is_training:
        yield Candidate(replace(example, evaluating=True), words="after `eval()`")
    maker = _Maker(domain, example)
    for axis in domain.axes:
        for size in _sizes(axis):
            yield maker.resized({axis: size}, 0)
    for number in range(_MOST_FILLS):
        yield from maker.filled(number)
    for axis in domain.outside():
        for size in _sizes(axis)[:2]:
            yield replace(maker.resized({axis: size}, 0), is_inside=False)
    draw = random.Random(0)
    for number in range(1, 1_000_000):
        sizes = {axis: draw.randint(*axis.sizes) for axis in domain.axes if draw.random() < 0.5}
        yield maker.resized(sizes, number)


def _sizes(axis: Axis) -> list[int]:
    least, largest = axis.sizes
    wanted = (least, axis.size + 1, axis.size - 1, largest, 2, 3, 2 * axis.size, axis.size // 2)
    return [n for n in dict.fromkeys(wanted) if least <= n <= largest and n != axis.size]


_MOST_FILLS = 12


class _Maker:
    """Makes candidates of one domain."""

    def __init__(self, domain: Domain, example: Case) -> None:
        self._domain, self._example = domain, example

    def resized(self, sizes: Mapping[Axis, int], number: int) -> Candidate:
        """Other sizes, and random values of the leaves that have them; all leaves, if none has."""
        shapes = {leaf.at: list(leaf.example.shape) for leaf in self._domain.leaves}
        touched: set[int] = set()
        for axis, size in sizes.items():
            for at, dim in axis.places:
                shapes[at][dim] = size
                touched.add(at)
        leaves = [leaf for leaf in self._domain.leaves if not touched or leaf.at in touched]
        texts = {
            leaf.at: random_text(leaf, tuple(shapes[leaf.at]), 100 * number + at)
            for at, leaf in enumerate(leaves)
        }
        words = ", ".join(f"{_where(self._domain, axis)} is {n}" for axis, n in sizes.items())
        return self.made(texts, words or "other values")

    def filled(self, number: int) -> Iterator[Candidate]:
        """Extreme values: in each leaf alone, and in all."""
        texts = {
            leaf.at: text
            for leaf in self._domain.leaves
            if (text := _fill(leaf, number)) is not None
        }
        for at, text in texts.items():
            yield self.made({at: text}, "other values")
        if len(texts) > 1:
            yield self.made(texts, "other values")

    def made(self, texts: Mapping[int, str], words: str) -> Candidate:
        return candidate(self._domain, self._example, texts, words)


def candidate(domain: Domain, example: Case, texts: Mapping[int, str], words: str) -> Candidate:
    """A candidate whose tensors are made by what is written."""
    leaves = {leaf.at: leaf for leaf in domain.leaves}
    tensors = {at: evaluate(text, leaves[at].example) for at, text in texts.items()}
    case = replace(example, inputs=domain.inputs(tensors))
    return Candidate(case, MappingProxyType(dict(texts)), words)


def evaluate(text: str, like: torch.Tensor) -> torch.Tensor:
    """The tensor that an expression of this file makes."""
    made: torch.Tensor = eval(text, {"torch": torch})  # noqa: S307 (written by this file)
    return made.requires_grad_(like.requires_grad and made.is_floating_point())


def _where(domain: Domain, axis: Axis) -> str:
    names = {leaf.at: leaf.name for leaf in domain.leaves}
    return ", ".join(f"`{names[at]}.shape[{dim}]`" for at, dim in axis.places)


# ── values, as text ─────────────────────────────────────────────────────────────────────────────


def random_text(leaf: Leaf, shape: Shape, seed: int) -> str:
    """Random values as the domain has them, else as the example has them."""
    dtype, low, high = leaf.example.dtype, *bounds(leaf)
    drawn = f"generator=torch.Generator().manual_seed({seed})"
    if dtype is torch.bool:
        return _placed(leaf, f"torch.rand({shape}, {drawn}) < 0.5")
    if not (dtype.is_floating_point or dtype.is_complex):
        top = max(int(high), int(low)) + 1
        return _placed(leaf, f"torch.randint({int(low)}, {top}, {shape}, {drawn}, dtype={dtype})")
    if leaf.low is None:
        return _placed(leaf, f"torch.randn({shape}, {drawn}){_times(high)}{_as(dtype)}")
    span = f" * {high - low!r}" if high - low != 1 else ""
    return _placed(leaf, f"torch.rand({shape}, {drawn}){span} + {low!r}{_as(dtype)}")


def _times(scale: float) -> str:
    return "" if scale in (0.0, 1.0) else f" * {scale!r}"


def _as(dtype: torch.dtype) -> str:
    return "" if dtype is torch.float32 else f".to({dtype})"


def bounds(leaf: Leaf) -> tuple[float, float]:
    """The least and largest value to draw; where none is declared, of the example's order."""
    if leaf.low is not None and leaf.high is not None:
        return leaf.low, leaf.high
    example = leaf.example.detach()
    if not example.numel():
        return 0.0, 1.0
    if example.is_complex() or example.is_floating_point():
        finite = example.abs()[example.abs().isfinite()]
        scale = float(finite.max()) if finite.numel() else 1.0
        rounded = 2.0 ** math.ceil(math.log2(scale)) if scale > 0 else 1.0
        return -rounded, max(1.0, rounded / 2)
    return min(0.0, float(example.min())), float(example.max())


def fill_text(leaf: Leaf, shape: Shape, value: float) -> str | None:
    """One number everywhere; `None` where the domain does not have it."""
    dtype = leaf.example.dtype
    is_float = dtype.is_floating_point or dtype.is_complex
    if leaf.low is not None and leaf.high is not None and not leaf.low <= value <= leaf.high:
        return None
    if dtype is torch.bool:
        return _placed(leaf, f"torch.full({shape}, {bool(value)})") if value in (0, 1) else None
    if not is_float and not dtype.is_signed and value < 0:
        return None
    number = float(value) if is_float else int(value)
    return _placed(leaf, f"torch.full({shape}, {_written(number)}{_typed(dtype)})")


def resized_text(leaf: Leaf, shape: Shape) -> str:
    """Random values with a small seed."""
    return random_text(leaf, shape, 0)


def _written(number: float) -> str:
    return repr(number) if math.isfinite(number) else f"float({str(number)!r})"


def _typed(dtype: torch.dtype) -> str:
    return "" if dtype in (torch.float32, torch.int64) else f", dtype={dtype}"


def _fill(leaf: Leaf, number: int) -> str | None:
    """One of the extreme values, or `None` where there are no more."""
    dtype = leaf.example.dtype
    if dtype is torch.bool:
        values: list[float] = [0, 1]
    elif dtype.is_floating_point or dtype.is_complex:
        values = list(_floats(leaf))
    else:
        low, high = bounds(leaf)
        values = [int(high), int(low), *range(int(low) + 1, min(int(high), int(low) + 4))]
        if leaf.low is None:
            values += [0, 1]
    values = list(dict.fromkeys(values))
    shape = tuple(leaf.example.shape)
    return fill_text(leaf, shape, values[number]) if number < len(values) else None


def _floats(leaf: Leaf) -> Iterator[float]:
    low, high = bounds(leaf)
    if leaf.low is not None:
        yield from (high, low, (low + high) / 2)
        yield from (value for value in (0.0, 1.0, -1.0) if low <= value <= high)
        return
    yield from (-1.0, 1.0, 0.0, 10.0, -10.0, 100.0, -100.0, 0.5, -0.5, 1000.0, math.nan)


def _placed(leaf: Leaf, text: str) -> str:
    device = leaf.example.device
    if device.type == "cpu":
        return text
    return f"({text}).to({str(device)!r})"
