"""A model that came with a package: neither traced nor scripted as it is, and not yours to edit.

It calms its rows down until none is above 1, splits them into heads with a helper of the package,
and scores what comes out.

Lesson: how often `Settle` halves depends on the data, which a trace loses. `arranged` takes any
keyword, which scripting refuses. Each part does well in the other way, and they can be joined.
"""

import torch
from torch import Tensor, nn

# As many packages have it: without annotations.
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false


def arranged(x, **sizes):
    """Splits the last dimension: `arranged(x, heads=2)`."""
    (number,) = sizes.values()
    return x.reshape(x.shape[0], number, -1)


class Settle(nn.Module):
    """Halves its input, with a shift, until nothing is above 1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.rand(width) / 4)

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape `[rows, width]`, which stays."""
        while bool(x.abs().max() > 1):
            x = x / 2 + self.shift
        return x


class Heads(nn.Module):
    """Softmax within each head."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.key = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """Of any shape `[rows, width]`, which stays."""
        parts = arranged(self.key(x), heads=2)
        return parts.softmax(-1).flatten(1)


class Reader(nn.Module):
    """Settles, splits and scores.

    Args:
        width: numbers in a row.
    """

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.settle = Settle(width)
        self.heads = Heads(width)
        self.out = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Rows `[rows, width]` → scores `[rows, 3]`."""
        return self.out(self.heads(self.settle(x)))
