"""A look at one weight: statistics and a histogram, never the numbers themselves."""

from dataclasses import dataclass

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
    if tensor is None or tensor.is_meta or tensor.numel() == 0:
        return None
    return summarize(tensor)


def summarize(tensor: torch.Tensor) -> Statistics:
    """Statistics of a tensor with at least one element, computed in 64-bit floats in one copy."""
    dense = tensor.detach().dequantize() if tensor.is_quantized else tensor.detach()
    flat = (dense.abs() if dense.is_complex() else dense).reshape(-1).to(torch.float64).cpu()
    finite = flat[torch.isfinite(flat)]
    missing = flat.numel() - finite.numel()
    if finite.numel() == 0:
        return Statistics(0.0, 0.0, 0.0, 0.0, 0, missing, (0,) * BINS)
    low, high = (float(bound) for bound in torch.aminmax(finite))
    if low == high:
        histogram = (finite.numel(), *([0] * (BINS - 1)))
    else:
        histogram = tuple(int(n) for n in torch.histc(finite, BINS, low, high).tolist())
    return Statistics(
        low,
        high,
        float(finite.mean()),
        float(finite.std(unbiased=False)),
        int((finite == 0).sum()),
        missing,
        histogram,
    )
