"""Values that are kept, to be held against others later."""

from dataclasses import dataclass

import torch

from tsviz.debugger.numerics import Apart, apart
from tsviz.errors import DebugError, Diagnostic


@dataclass(frozen=True, slots=True)
class Pin:
    """What an expression gave at one place.

    Attributes:
        name: by which it is compared.
        text: the expression.
        position: of the run when it was kept.
        node: the node that had computed it, 0 where that is not one value of the graph's.
        what: a copy of it.
    """

    name: str
    text: str
    position: int
    node: int
    what: object


def compare(one: Pin, other: Pin) -> Apart:
    """How far two of them are apart.

    Raises:
        DebugError: `TSV-D35` one is no tensor, or their shapes differ.
    """
    for pin in (one, other):
        if not isinstance(pin.what, torch.Tensor):
            raise DebugError(Diagnostic("TSV-D35", f"expected tensors, `{pin.name}` is none"))
    try:
        return apart(_tensor(one), _tensor(other))
    except ValueError as error:
        raise DebugError(Diagnostic("TSV-D35", f"cannot compare: {error}")) from error


def _tensor(pin: Pin) -> torch.Tensor:
    assert isinstance(pin.what, torch.Tensor)
    return pin.what
