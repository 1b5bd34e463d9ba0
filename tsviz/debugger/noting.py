"""What a record notes of tensors, with what is known of the memory that they look at.

A program looks at the same numbers again and again: as a view of another shape, or another order.
"""

from collections import deque
from dataclasses import dataclass

import torch

from tsviz.debugger.numerics import (
    Figures,
    Statistics,
    content_fingerprint,
    content_of,
    in_rows,
    quick_figures,
    quick_statistics,
    sample,
)

_RECENT = 4


@dataclass(frozen=True, slots=True)
class _Seen:
    """A tensor that is kept alive, so that its memory is no other tensor's."""

    tensor: torch.Tensor
    address: int
    version: int
    figures: Figures
    content: bytes | None


class Noting:
    """Notes tensors one by one, as a program computes them."""

    def __init__(self) -> None:
        self._recent: deque[_Seen] = deque(maxlen=_RECENT)

    def note(self, tensor: torch.Tensor) -> tuple[int, Statistics, tuple[float, ...]]:
        """Fingerprint, statistics and sample of a tensor as it is now."""
        tensor = tensor.detach()
        if tensor.layout is not torch.strided or tensor.is_inference() or not tensor.numel():
            figures = quick_figures(in_rows(tensor))
            mark = content_fingerprint(tensor, content_of(tensor))
            return mark, quick_statistics(tensor, figures), sample(tensor)
        read = in_rows(tensor)
        address, version = tensor.data_ptr(), tensor._version
        known = self._find(tensor, address, version)
        figures = known.figures if known is not None else quick_figures(read)
        in_order = read is tensor or tensor.is_contiguous()
        content = known.content if known is not None and in_order else None
        if content is None:
            content = content_of(read)
        seen = _Seen(tensor, address, version, figures, content if in_order else None)
        self._recent.append(seen)
        return (
            content_fingerprint(tensor, content),
            quick_statistics(tensor, figures),
            sample(read),
        )

    def _find(self, tensor: torch.Tensor, address: int, version: int) -> _Seen | None:
        """What was noted of the same numbers."""
        if not address or not _is_dense(tensor):
            return None
        for seen in self._recent:
            if (
                seen.address == address
                and seen.version == version == seen.tensor._version
                and _reading(seen.tensor) == _reading(tensor)
                and seen.tensor.numel() == tensor.numel()
                and _is_dense(seen.tensor)
            ):
                return seen
        return None


def _reading(tensor: torch.Tensor) -> tuple[object, ...]:
    """How memory is read as numbers."""
    return tensor.dtype, tensor.is_conj(), tensor.is_neg()


def _is_dense(tensor: torch.Tensor) -> bool:
    """Whether a tensor has its memory without gaps and overlaps, in whatever order."""
    if tensor.is_contiguous():
        return True
    expected = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size > 1:
            if stride != expected:
                return False
            expected *= size
    return True
