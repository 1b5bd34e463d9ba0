"""Small models that a trace gets wrong, or right. Not in a test file: pytest rewrites `assert`."""

import random

import numpy
import torch
from torch import nn

NUMBERS = iter(range(1_000_000))


class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            x = x + 1
        return x


class Counts(nn.Module):
    calls: int = 0

    def forward(self, x):
        self.calls += 1
        return x * self.calls


class Checks(nn.Module):
    def forward(self, x):
        assert x.max() < 5, "too large"
        return x * 2


class Harmless(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x * 2
        return x + x


class Unsteady(nn.Module):
    def forward(self, x):
        noise = torch.empty(3).uniform_(generator=torch.Generator().manual_seed(next(NUMBERS)))
        return x + noise if x.sum() > 0 else x - noise


class Catches(nn.Module):
    def forward(self, x):
        try:
            return x.view(2, 3)
        except RuntimeError:
            return x.reshape(-1)


class Two(nn.Module):
    def forward(self, x):
        return x

    def encode(self, x):
        return x.reshape(len(x), -1)


class Holds(Gate):
    def __init__(self) -> None:
        super().__init__()
        self.stream = (n for n in range(3))

    def __deepcopy__(self, memo: object) -> "Holds":
        return Holds()


class Moves(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))
        self.seen: list[int] = []

    def forward(self, x):
        self.mean = self.mean + x.mean(0)
        self.seen.append(len(x))
        return nn.functional.dropout(x - self.mean) * random.random() * numpy.random.rand()


def outer_size(x, scale=1.0):
    return x.reshape(len(x), -1) * scale


class Far(nn.Module):
    """What no random input meets: one sum of squares in a thousand million."""

    def forward(self, x):
        energy = x.square().sum()
        if (energy - 700.0).abs() < 1e-3:
            return x * 0
        return x


class AnyLarge(nn.Module):
    def forward(self, x):
        if (x > 5000.0).any():
            return x * 0
        return x
