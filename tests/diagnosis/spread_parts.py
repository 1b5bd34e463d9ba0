"""What the model of `spread.py` is made of; seven of its faults stand here."""

import torch
from torch import Tensor, nn

weigh = lambda rows, by: rows * by  # noqa: E731  # 1


def total_of(sizes: list):  # 2
    kept = [n for n in sizes if n > 1]  # 3
    total = 0
    for size in kept:
        total += size
    return total


class Placed(nn.Module):
    """A base class."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)

    @property
    def place(self):
        return next(self.parameters()).device  # 4

    def prepare(self, x):
        if (rows := x.size(0)) > 1:  # 5
            x = x + rows
        return self.inner(x)


class Masked(nn.Module):
    """A submodule."""

    def forward(self, x, mask: Tensor | None = None):
        is_masked = mask is not None
        for step in range(2):  # 6
            x = x + step
        else:
            x = torch.relu(x)
        if is_masked:
            x = x * mask  # 7
        return weigh(x, 2)
