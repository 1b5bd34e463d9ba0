"""Whether two runs differ, and by how much: more than rounding and the model's own noise."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.utils._pytree import tree_leaves, tree_map

from tsviz.comparison.subject import Outcome
from tsviz.jit.differences import Difference, difference

MARGIN = 10
"""A difference counts from so many times the tolerance and the noise on."""

# What PyTorch's own tests take as equal, by dtype: relative and absolute.
_TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
    torch.complex64: (1.3e-6, 1e-5),
    torch.complex128: (1e-7, 1e-7),
}
_EXACT = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Gap:
    """How two outcomes differ.

    Attributes:
        words: the same for people.
        difference: of what both returned; `None` where one of them raised.
        counts: whether it is more than rounding and noise.
    """

    words: str = ""
    difference: Difference | None = None
    counts: bool = False


def gap(expected: Outcome, found: Outcome, noise: float = 0.0) -> Gap:
    """Compares what a compiled program did with what Python did.

    Args:
        expected: of the Python code, which did not raise.
        noise: how far two runs of it are from each other, absolute.
    """
    if found.error is not None:
        return Gap(f"it raises {found.reason}", None, True)
    apart = _apart(expected.results, found.results, noise)
    if apart.beyond:
        return Gap(describe(apart), apart, True)
    inputs = _apart(expected.inputs, found.inputs, noise)
    if inputs.beyond:
        return Gap(f"it leaves other inputs behind: {describe(inputs)}", inputs, True)
    for name in sorted(expected.buffers.keys() & found.buffers.keys()):
        buffer = _apart(expected.buffers[name], found.buffers[name], noise)
        if buffer.beyond:
            words = f"it leaves another buffer `{name}` behind: {describe(buffer)}"
            return Gap(words, buffer, True)
    return Gap("", apart, False)


def noise_between(one: Outcome, other: Outcome) -> float | None:
    """How far two runs of the same are from each other; `None` where they do not agree at all."""
    if one.error is not None or other.error is not None:
        return None
    found = difference(_with_numbers(one.results), _with_numbers(other.results), rtol=0.0, atol=0.0)
    within = _apart(one.results, other.results, 0.0)
    return None if within.beyond or found.kinds else found.absolute


def tolerance_of(expected: Outcome) -> tuple[float, float]:
    """What a difference from these results must exceed to count: relative and absolute."""
    rtol, atol = _tolerance(expected.results)
    return MARGIN * rtol, MARGIN * atol


def _apart(expected: object, found: object, noise: float) -> Difference:
    rtol, atol = _tolerance(expected)
    expected, found = _with_numbers(expected), _with_numbers(found)
    return difference(expected, found, rtol=MARGIN * rtol, atol=MARGIN * (atol + noise))


def _with_numbers(results: object) -> object:
    """Tensors on the device `meta`, which have a shape and no numbers, as zeros."""

    def numbers(leaf: object) -> object:
        if isinstance(leaf, torch.Tensor) and leaf.is_meta:
            return torch.zeros((), dtype=leaf.dtype).expand(leaf.shape)
        return leaf

    return tree_map(numbers, results)


def _tolerance(expected: object) -> tuple[float, float]:
    """Those of the coarsest dtype; the absolute one grows with the largest number.

    A number near zero that large ones cancel to is as exact as they are.
    """
    tensors = [leaf for leaf in tree_leaves(expected) if isinstance(leaf, torch.Tensor)]
    pairs = [_TOLERANCES.get(tensor.dtype, _EXACT) for tensor in tensors]
    rtol, atol = max(pairs, default=_EXACT)
    largest = max(_largest(tensors), default=0.0)
    return rtol, atol + rtol * largest if rtol else 0.0


def _largest(tensors: list[torch.Tensor]) -> Iterator[float]:
    for tensor in tensors:
        if tensor.dtype in _TOLERANCES and tensor.numel() and not tensor.is_meta:
            dense = tensor.detach().abs().to_dense()
            finite = dense[dense.isfinite()]
            if finite.numel():
                yield float(finite.max())


def describe(apart: Difference) -> str:
    """A difference in words."""
    said = list(apart.kinds)
    if apart.absolute:
        said.append(f"off by {apart.absolute:.3g}")
    return ", ".join(said) or "another result"
