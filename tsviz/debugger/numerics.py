"""Tensors in figures: statistics, fingerprints of all bits, and how far two of them are apart."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

import torch

from tsviz.jit.natives import short_dtype

_COLUMNS = 128
_LARGE = 1 << 18
_MASK = (1 << 63) - 1
SAMPLES = 64
"""So many numbers of a tensor are kept to tell how far another one is from it."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What one tensor holds.

    Attributes:
        dtype: short name such as `f32`.
        least, most, mean: of the numbers that are finite; of complex ones their absolute values;
            `None` where there are none.
        nans, infinities: how many; 0 for integers.
        zeros: how many; `None` where they were not counted.
    """

    dtype: str
    shape: tuple[int, ...]
    device: str
    strides: tuple[int, ...]
    count: int
    least: float | None = None
    most: float | None = None
    mean: float | None = None
    deviation: float | None = None
    nans: int = 0
    infinities: int = 0
    zeros: int | None = None

    @property
    def kind(self) -> str:
        """`f32[2, 3]`."""
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]"


def statistics(tensor: torch.Tensor) -> Statistics:
    """Statistics of one tensor; those that take a second pass included."""
    with torch.no_grad():
        base = _described(tensor)
        numbers = readable_numbers(tensor)
        if numbers is None or not numbers.numel():
            return base
        zeros = numbers.numel() - int(torch.count_nonzero(numbers))
        finite = numbers
        nans = infinities = 0
        if numbers.is_floating_point() and not _all_finite(numbers):
            nans = int(numbers.isnan().sum())
            infinities = int(numbers.isinf().sum())
            finite = numbers[numbers.isfinite()]
        if not finite.numel():
            return _with(base, None, None, None, None, nans, infinities, zeros)
        least, most = torch.aminmax(finite)
        exact = finite.double() if not finite.is_complex() else finite
        mean, deviation = float(exact.mean()), float(exact.std(correction=0))
        return _with(base, float(least), float(most), mean, deviation, nans, infinities, zeros)


def in_rows(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers one after the other in memory, copied only where they are not."""
    plain = tensor.detach()
    if plain.layout is not torch.strided or plain.is_contiguous():
        return plain
    return plain.contiguous()


@dataclass(frozen=True, slots=True)
class Figures:
    """What a record keeps of a tensor's numbers, whatever their order."""

    least: float | None = None
    most: float | None = None
    mean: float | None = None
    nans: int = 0
    infinities: int = 0


def quick_figures(read: torch.Tensor) -> Figures:
    """Figures of a tensor from two passes over it, as it comes from `in_rows`."""
    with torch.no_grad():
        numbers = readable_numbers(read)
        if numbers is None or not numbers.numel():
            return Figures()
        found = _finite_figures(numbers)
        if found.least == found.least and not {found.least, found.most} & _INFINITE:
            return found
        finite = numbers[numbers.isfinite()]
        nans = int(numbers.isnan().sum())
        odd = nans, numbers.numel() - finite.numel() - nans
        if not finite.numel():
            return Figures(None, None, None, *odd)
        rest = _finite_figures(finite)
        return Figures(rest.least, rest.most, rest.mean, *odd)


def _finite_figures(numbers: torch.Tensor) -> Figures:
    least, most = (float(one.item()) for one in torch.aminmax(numbers))
    count = numbers.numel()
    total = numbers.sum(dtype=torch.float64 if count < SAMPLES else None).item()
    return Figures(least, most, total / count)


def quick_statistics(tensor: torch.Tensor, found: Figures) -> Statistics:
    """Statistics of a tensor without deviation and zeros."""
    return Statistics(
        short_dtype(tensor), tuple(tensor.shape), str(tensor.device),
        tuple(tensor.stride()) if tensor.layout is torch.strided else (), tensor.numel(),
        found.least, found.most, found.mean, None, found.nans, found.infinities,
    )  # fmt: skip


_INFINITE = frozenset((float("inf"), float("-inf")))


def is_finite(value: object) -> bool:
    """Whether no number in a value is NaN or infinite."""
    if isinstance(value, float):
        return value == value and value not in _INFINITE
    if isinstance(value, (list, tuple)):
        return all(map(is_finite, cast("Sequence[object]", value)))
    if not isinstance(value, torch.Tensor):
        return True
    numbers = readable_numbers(value)
    if numbers is None or not numbers.numel() or not numbers.is_floating_point():
        return True
    with torch.no_grad():
        return _all_finite(numbers)


def _all_finite(numbers: torch.Tensor) -> bool:
    least, most = (float(one) for one in torch.aminmax(numbers))
    return least == least and least not in _INFINITE and most not in _INFINITE


def _described(tensor: torch.Tensor) -> Statistics:
    strided = tensor.layout is torch.strided
    return Statistics(
        short_dtype(tensor),
        tuple(tensor.shape),
        str(tensor.device),
        tuple(tensor.stride()) if strided else (),
        tensor.numel(),
    )


def _with(
    base: Statistics,
    least: float | None,
    most: float | None,
    mean: float | None,
    deviation: float | None,
    nans: int,
    infinities: int,
    zeros: int | None,
) -> Statistics:
    return Statistics(
        base.dtype, base.shape, base.device, base.strides, base.count,
        least, most, mean, deviation, nans, infinities, zeros,
    )  # fmt: skip


def readable_numbers(tensor: torch.Tensor) -> torch.Tensor | None:
    """Real numbers that reductions take; `None` for tensors without any to read."""
    if tensor.device.type == "meta":
        return None
    plain = tensor.detach()
    if plain.is_mkldnn:
        plain = plain.to_dense()
    if plain.layout is not torch.strided:
        return plain.coalesce().values() if plain.layout is torch.sparse_coo else None
    if plain.is_quantized:
        plain = plain.dequantize()
    if plain.is_complex():
        return plain.abs()
    return plain.to(torch.uint8) if plain.dtype is torch.bool else plain


# ── fingerprints ────────────────────────────────────────────────────────────────────────────────


class _Array(Protocol):
    size: int

    def __getitem__(self, part: slice) -> "_Array": ...
    def tobytes(self) -> bytes: ...
    def view(self, dtype: str) -> "_Array": ...
    def reshape(self, *shape: int) -> "_Array": ...
    def sum(self, axis: int | None = None) -> "_Array": ...


def fingerprint(value: object) -> int:
    """63 bits that tell one content from another: all bits of tensors, their dtype and shape.

    Unlike Python's hashes it is the same in every process.
    """
    if isinstance(value, torch.Tensor):
        return _tensor_fingerprint(value)
    if isinstance(value, (list, tuple)):
        inner = [fingerprint(item) for item in cast("Sequence[object]", value)]
        kind = "list" if isinstance(value, list) else "tuple"
        return _of_bytes(f"{kind}{inner}".encode())
    if isinstance(value, dict):
        items = cast("Mapping[object, object]", value).items()
        inner = [(fingerprint(key), fingerprint(item)) for key, item in items]
        return _of_bytes(repr(inner).encode())
    return _of_bytes(f"{type(value).__name__}:{value!r}".encode("utf-8", "surrogatepass"))


def _of_bytes(data: bytes) -> int:
    return (zlib.crc32(data) << 31 | zlib.adler32(data)) & _MASK


def _tensor_fingerprint(tensor: torch.Tensor) -> int:
    return content_fingerprint(tensor, content_of(tensor))


def content_fingerprint(tensor: torch.Tensor, content: bytes) -> int:
    """The fingerprint of a tensor of that content."""
    return _of_bytes(f"{tensor.dtype}{tuple(tensor.shape)}".encode() + content)


def content_of(tensor: torch.Tensor) -> bytes:
    """A tensor's bits in the order of its numbers, condensed; b"" where there are none to read."""
    if tensor.device.type == "meta":
        return b""
    try:
        return _bytes_of(tensor.detach())
    except (RuntimeError, NotImplementedError, TypeError):  # a layout without bytes to read
        return b""


def _bytes_of(plain: torch.Tensor) -> bytes:
    if plain.layout is not torch.strided:
        plain = plain.to_dense()
    if plain.is_quantized:
        plain = plain.int_repr()
    if plain.device.type != "cpu":
        on_device = int(cast("Any", torch).hash_tensor(plain.contiguous().view(torch.uint8)))
        return on_device.to_bytes(9, "little", signed=True)
    return _condensed(plain.resolve_conj().resolve_neg())


def _condensed(plain: torch.Tensor) -> bytes:
    """All bytes of a tensor, big ones added up in columns."""
    flat = plain.contiguous().reshape(-1).view(torch.uint8)
    data = cast("_Array", cast("Any", flat).numpy())
    whole = data.size // (8 * _COLUMNS) * (8 * _COLUMNS)
    if not whole:
        return data.tobytes()
    if whole >= _LARGE and not flat.storage_offset() % 8:  # PyTorch adds with all its threads
        added = flat[:whole].view(torch.int64).view(-1, _COLUMNS).sum(0)
        columns = cast("_Array", cast("Any", added).numpy())
    else:
        columns = data[:whole].view("uint64").reshape(-1, _COLUMNS).sum(axis=0)
    return columns.tobytes() + data[whole:].tobytes()


def sample(value: object) -> tuple[float, ...]:
    """Up to `SAMPLES` numbers of a tensor, evenly spread; () of anything else."""
    numbers = readable_numbers(value) if isinstance(value, torch.Tensor) else None
    if numbers is None or not numbers.numel():
        return ()
    with torch.no_grad():
        flat = numbers.view(-1) if numbers.is_contiguous() else numbers.reshape(-1)
        spread = flat[:: max(1, flat.numel() // SAMPLES)][:SAMPLES]
        return tuple(map(float, cast("Any", spread).tolist()))


# ── two tensors ─────────────────────────────────────────────────────────────────────────────────

_BITS = {
    torch.float64: torch.int64,
    torch.float32: torch.int32,
    torch.float16: torch.int16,
    torch.bfloat16: torch.int16,
}


@dataclass(frozen=True, slots=True)
class Apart:
    """How far two tensors are apart.

    Attributes:
        differing: how many numbers differ, NaN counted as equal to NaN.
        count: of how many.
        absolute: the largest difference; infinite where only one of two numbers is finite.
        relative: the largest difference by the larger of the two numbers.
        ulps: the largest number of steps between two neighbouring floats; `None` for integers.
        where: the index of the largest difference.
    """

    differing: int
    count: int
    absolute: float = 0.0
    relative: float = 0.0
    ulps: int | None = None
    where: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.differing:
            return f"equal bit for bit in value, {self.count} numbers"
        ulps = "" if self.ulps is None else f", {self.ulps} ULP"
        return (
            f"{self.differing} of {self.count} numbers differ: at most {self.absolute:.3g} "
            f"(relative {self.relative:.3g}{ulps}), at {list(self.where)}"
        )


def apart(one: torch.Tensor, other: torch.Tensor) -> Apart:
    """How far two tensors of one shape are apart.

    Raises:
        ValueError: their shapes differ.
    """
    if one.shape != other.shape:
        raise ValueError(f"shapes {list(one.shape)} and {list(other.shape)} differ")
    with torch.no_grad():
        a, b = one.detach().cpu(), other.detach().cpu()
        a, b = (item.dequantize() if item.is_quantized else item for item in (a, b))
        same = (a == b) | ((a != a) & (b != b))
        differing = a.numel() - int(same.sum())
        if not differing:
            return Apart(0, a.numel())
        wide = torch.complex128 if a.is_complex() or b.is_complex() else torch.float64
        gap = (a.to(wide) - b.to(wide)).abs()
        gap = torch.where(same, 0.0, gap.nan_to_num(nan=float("inf"), posinf=float("inf")))
        size = torch.maximum(a.to(wide).abs(), b.to(wide).abs())
        relative = torch.where(same, 0.0, gap / size).nan_to_num(nan=float("inf"))
        at = int(gap.reshape(-1).argmax())
        where = tuple(int(i) for i in torch.unravel_index(torch.tensor(at), a.shape))
        return Apart(
            differing, a.numel(), float(gap.max()), float(relative.max()), _ulps(a, b), where
        )


def _ulps(a: torch.Tensor, b: torch.Tensor) -> int | None:
    kind = _BITS.get(a.dtype)
    if kind is None or a.dtype is not b.dtype:
        return None
    both = a.isfinite() & b.isfinite()
    steps = [_ordered(item[both].contiguous(), kind) for item in (a, b)]
    if not steps[0].numel():
        return None
    return max(int(x) - int(y) for x, y in _extremes(*steps))


def _ordered(numbers: torch.Tensor, kind: torch.dtype) -> torch.Tensor:
    """The bits of floats as integers in the order of the floats."""
    bits = numbers.view(kind).to(torch.int64)
    low = torch.iinfo(kind).min
    return torch.where(bits < 0, low - bits, bits)


def _extremes(a: torch.Tensor, b: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The pairs with the largest differences, up and down, without overflow."""
    gap = a.double() - b.double()
    up, down = int(gap.argmax()), int(gap.argmin())
    return [(a[up], b[up]), (b[down], a[down])]
