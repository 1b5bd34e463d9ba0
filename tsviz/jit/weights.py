"""A look at one weight: statistics and a histogram, never the numbers themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, sqrt

import torch

from tsviz.jit import natives

BINS = 32


@dataclass(frozen=True, slots=True)
class Statistics:
    """Over the finite numbers of one tensor.

    Attributes:
        std: population standard deviation.
        zeros: how many are exactly zero.
        not_finite: how many are NaN or infinite.
        histogram: counts in `BINS` bins of equal width from `minimum` to `maximum`.
    """

    minimum: float
    maximum: float
    mean: float
    std: float
    zeros: int
    not_finite: int
    histogram: tuple[int, ...]


def find_statistics(native: object, name: str) -> Statistics | None:
    """Statistics of the parameter or buffer `name`, `None` where it has no readable numbers."""
    tensor = next((t for n, _, t in natives.iter_tensors(native) if n == name), None)
    return summarize(tensor) if tensor is not None and _is_readable(tensor) else None


def iter_statistics(native: object) -> Iterator[tuple[str, Statistics]]:
    """(name, statistics) of every parameter and buffer with readable numbers.

    One walk over the model: `find_statistics` for each name would be a walk for each.
    """
    for name, _, tensor in natives.iter_tensors(native):
        if _is_readable(tensor):
            yield name, summarize(tensor)


def _is_readable(tensor: torch.Tensor) -> bool:
    return not tensor.is_meta and tensor.numel() > 0


def summarize(tensor: torch.Tensor) -> Statistics:
    """Statistics of a tensor with at least one element.

    Numbers of 16 bits and integers are widened first; 32-bit floats are read where they lie, since
    a second copy of a large model is worse than the last digits of a mean.
    """
    flat = _numbers(tensor.detach())
    missing = 0
    low, high = (float(bound) for bound in torch.aminmax(flat))
    if not (isfinite(low) and isfinite(high)):
        finite = flat[torch.isfinite(flat)]
        missing, flat = flat.numel() - finite.numel(), finite
        if finite.numel() == 0:
            return Statistics(0.0, 0.0, 0.0, 0.0, 0, missing, (0,) * BINS)
        low, high = (float(bound) for bound in torch.aminmax(flat))
    if low == high:
        histogram = (flat.numel(), *([0] * (BINS - 1)))
    else:
        histogram = tuple(int(bin) for bin in torch.histc(flat, BINS, low, high))
    variance, mean = torch.var_mean(flat, correction=0)
    zeros = flat.numel() - int(torch.count_nonzero(flat))
    deviation = sqrt(max(0.0, float(variance)))
    return Statistics(low, high, float(mean), deviation, zeros, missing, histogram)


def _numbers(tensor: torch.Tensor) -> torch.Tensor:
    """The numbers in one dimension on the CPU, as 32-bit or 64-bit floats."""
    dense = _dense(tensor)
    real = (dense.abs() if dense.is_complex() else dense).reshape(-1).cpu()
    if real.dtype in (torch.float32, torch.float64):
        return real
    return real.to(torch.float32 if real.is_floating_point() else torch.float64)


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_quantized:
        return tensor.dequantize()
    return tensor if tensor.layout == torch.strided else tensor.to_dense()
