"""Functions in which types come from everywhere; the tests give tables of them, line by line."""

from typing import Dict, NamedTuple, Optional

import torch
from torch import Tensor, nn


class Point(NamedTuple):
    at: Tensor
    size: int


def refines(x: Tensor, rounds: int, best: Optional[Tensor] = None):
    last: Optional[Tensor] = None
    for i in range(rounds):
        if last is None:
            last = x
        else:
            last = last + i
        if best is not None and i > 1:
            x = x + best
    assert last is not None
    return x + last


def branches(x, n: int):
    if n > 2:
        w = 1
        x = x + w
    elif n > 1:
        w = 2.0
        x = x + w
    else:
        w = [x]
        x = w[0]
    return x


def unpacks(x: Tensor) -> Dict[str, Tensor]:
    point = Point(x, 2)
    at, size = point
    found: Dict[str, Tensor] = {"at": at}
    for name, value in found.items():
        kept = {name: value * size}
    same = found
    return same


def assumes(x, n, mask=None):
    """What it does."""
    y = x
    z = y
    z += n
    functional = torch.nn.functional
    return functional.relu(z)


def comments(x, n):
    # type: (Tensor, int) -> Tensor
    while n > 0:
        n -= 1
        x = x + n
    return x


class Linear(nn.Module):
    def __init__(self, size: int):
        super().__init__()
        self.linear = nn.Linear(size, size)

    def forward(self, x):
        layer = self.linear
        y = layer(x)
        return y


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Linear(2), Linear(2)

    def forward(self, x):
        with torch.no_grad():
            x = self.first(x)
        return self.second(x)


class Edited(nn.Module):
    def forward(self, x, times):
        y = None
        for i in range(times):
            y = x + i
        return y


class Stubbed(nn.Module):
    def forward(self, x, times):
        try:
            x = x + 1
        except RuntimeError:
            pass
        total = x * times
        return total
