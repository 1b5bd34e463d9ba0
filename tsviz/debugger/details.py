"""All that is told of one value that was chosen."""

from collections.abc import Iterator, Sized
from dataclasses import dataclass

import torch

from tsviz.debugger.numerics import Statistics, statistics
from tsviz.debugger.portraits import Portrait, portrait
from tsviz.debugger.values import describe, describe_tensor

_UNITS = ("B", "KiB", "MiB", "GiB")


@dataclass(frozen=True, slots=True)
class Detail:
    """One value.

    Attributes:
        title: what it is, in a line.
        facts: further ones, in words.
        statistics, portrait: of a tensor.
    """

    title: str
    facts: tuple[str, ...]
    statistics: Statistics | None = None
    portrait: Portrait | None = None


def detail(what: object) -> Detail:
    """One value, of any kind and size."""
    if isinstance(what, torch.Tensor):
        found = statistics(what)
        title = describe_tensor(what, found)
        return Detail(title, tuple(_facts(what)), found, portrait(what))
    kind, unit = type(what).__name__, "characters" if isinstance(what, str) else "items"
    size = (f"{len(what):,} {unit}",) if isinstance(what, Sized) else ()
    return Detail(describe(what), (kind, *size))


def _facts(tensor: torch.Tensor) -> Iterator[str]:
    if tensor.layout is torch.strided:
        yield bytes_text(tensor.numel() * tensor.element_size())
        yield f"strides {list(tensor.stride())}"
        yield from _order(tensor)
        if tensor.storage_offset():
            yield f"begins at number {tensor.storage_offset():,} of its storage"
    else:
        yield str(tensor.layout).removeprefix("torch.")
    if tensor.requires_grad:
        yield "requires grad"
    if tensor.is_inference():
        yield "inference tensor"


def _order(tensor: torch.Tensor) -> Iterator[str]:
    if tensor.is_contiguous():
        yield "contiguous"
    elif tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last):
        yield "channels last"
    elif 0 in tensor.stride() and tensor.numel() > 1:
        yield "expanded: numbers are shared"
    else:
        yield "not contiguous"


def bytes_text(count: int) -> str:
    """`36 KiB`."""
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.4g} {_UNITS[unit]}"
