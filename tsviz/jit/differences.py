"""How far the results of two runs are from each other."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

import torch
from torch.utils._pytree import tree_leaves

_INTEGERS = {
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
    torch.float32: torch.int32,
    torch.float64: torch.int64,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two results, the worst of all their tensors and numbers.

    Attributes:
        absolute, relative: the largest error; `inf` where one is finite or a number and the other
            is not.
        ulp: units in the last place, of tensors of one dtype; `None` where there are none.
        kinds: changes of dtype, shape or structure, in words.
        beyond: whether anything is out of tolerance, `kinds` included.
    """

    absolute: float = 0.0
    relative: float = 0.0
    ulp: int | None = None
    kinds: tuple[str, ...] = ()
    beyond: bool = False


def difference(expected: object, found: object, *, rtol: float, atol: float) -> Difference:
    """Compares two results of a model, whatever they are made of.

    Args:
        rtol, atol: as those of `torch.allclose`.
    """
    worst = Difference()
    for one, other in zip_longest(tree_leaves(expected), tree_leaves(found), fillvalue=_NOTHING):
        worst = _worse(worst, _of_leaves(one, other, rtol, atol))
    return worst


_NOTHING = object()


def _worse(one: Difference, other: Difference) -> Difference:
    ulps = [ulp for ulp in (one.ulp, other.ulp) if ulp is not None]
    return Difference(
        max(one.absolute, other.absolute),
        max(one.relative, other.relative),
        max(ulps, default=None),
        tuple(dict.fromkeys((*one.kinds, *other.kinds))),
        one.beyond or other.beyond,
    )


def _of_leaves(one: object, other: object, rtol: float, atol: float) -> Difference:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        kinds = tuple(_kinds(one, other))
        if one.shape != other.shape:
            return Difference(kinds=kinds, beyond=True)
        return _of_tensors(one.detach(), other.detach(), kinds, rtol, atol)
    if type(one) is not type(other):
        words = (f"{_kind(one)} became {_kind(other)}",)
        return Difference(kinds=words, beyond=True)
    if isinstance(one, (int, float, complex)) and isinstance(other, (int, float, complex)):
        return _of_tensors(torch.tensor(one), torch.tensor(other), (), rtol, atol)
    return Difference() if one == other else Difference(kinds=("another value",), beyond=True)


def _kind(value: object) -> str:
    return "nothing" if value is _NOTHING else type(value).__name__


def _kinds(one: torch.Tensor, other: torch.Tensor) -> Iterator[str]:
    for what in ("dtype", "device", "layout"):
        was, now = getattr(one, what), getattr(other, what)
        if was != now:
            yield f"{was} became {now}"
    if one.shape != other.shape:
        yield f"shape {list(one.shape)} became {list(other.shape)}"


def _of_tensors(
    one: torch.Tensor, other: torch.Tensor, kinds: tuple[str, ...], rtol: float, atol: float
) -> Difference:
    ulp = largest_ulp(one, other)
    was, now = _comparable(one), _comparable(other)
    if was.numel() == 0:
        return Difference(kinds=kinds, beyond=bool(kinds))
    same = (was == now) | (was.isnan() & now.isnan())
    gap = torch.where(same, 0.0, (was - now).abs())
    gap = torch.where(gap.isnan(), math.inf, gap)
    relative = torch.where(same, 0.0, gap / was.abs())
    is_close = torch.isclose(now, was, rtol=rtol, atol=atol, equal_nan=True).all()
    beyond = bool(kinds) or not bool(is_close)
    return Difference(float(gap.max()), float(relative.max()), ulp, kinds, beyond)


def _comparable(tensor: torch.Tensor) -> torch.Tensor:
    dense = tensor.dequantize() if tensor.is_quantized else tensor.to_dense()
    if dense.is_complex():
        dense = torch.view_as_real(dense)
    return dense.cpu().to(torch.float64)


def largest_ulp(one: torch.Tensor, other: torch.Tensor) -> int | None:
    """How many numbers of the dtype lie between two of one place, at most; `None` of no floats."""
    integer = _INTEGERS.get(one.dtype)
    if integer is None or one.dtype != other.dtype or not one.numel():
        return None
    places = [_place(tensor.to_dense().cpu(), integer) for tensor in (one, other)]
    finite = one.isfinite() & other.isfinite()
    gaps = (places[0] - places[1]).abs()[finite.to_dense().cpu()]
    return int(gaps.max()) if gaps.numel() else None


def _place(tensor: torch.Tensor, integer: torch.dtype) -> torch.Tensor:
    """The rank of each number among those of its dtype; 0.0 and -0.0 have one rank."""
    bits = tensor.contiguous().view(integer).to(torch.int64)
    least = -(2 ** (8 * tensor.element_size() - 1))
    return torch.where(bits < 0, least - bits, bits)
