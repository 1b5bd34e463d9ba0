"""Models whose costs are known without a profiler; a file of their own, so that they script."""

import time

import torch
from torch import Tensor, nn

SIZE = 384
SECONDS = 0.004
OP = "tsviz_known::sleep"
NOTED: list[int] = []
"""Nanoseconds of each call of the op that sleeps, as it timed itself."""

_library = torch.library.Library("tsviz_known", "DEF")
_library.define("sleep(Tensor x) -> Tensor")


def _sleep(x: Tensor) -> Tensor:
    start = time.perf_counter_ns()
    time.sleep(SECONDS)
    y = x.clone()
    NOTED.append(time.perf_counter_ns() - start)
    return y


_library.impl("sleep", _sleep, "CPU")


def inputs() -> tuple[Tensor]:
    """Example inputs of all of them."""
    return (torch.full((SIZE, SIZE), 1.0 / SIZE),)


class Products(nn.Module):
    """Four products of one size in a loop, one beside it: the loop's are four fifths."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds = 4
        self.register_buffer("weight", torch.full((SIZE, SIZE), 1.0 / SIZE))

    def forward(self, x: Tensor) -> Tensor:
        """Both products, added."""
        y = torch.mm(x, self.weight)
        z = x
        for _ in range(self.rounds):
            z = torch.mm(z, self.weight)
        return y + z


class Sleeps(nn.Module):
    """An op that sleeps, among others."""

    def forward(self, x: Tensor) -> Tensor:
        """One that sleeps, between two that do not."""
        return torch.tanh(torch.ops.tsviz_known.sleep(torch.mm(x, x)))


class Counting(nn.Module):
    """Knows how often it was called."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))


class Branches(Counting):
    """One call in ten sleeps."""

    def forward(self, x: Tensor) -> Tensor:
        """Sleep at the tenth call."""
        self.calls += 1
        y = torch.mm(x, x)
        if int(self.calls) % 10 == 0:
            y = torch.ops.tsviz_known.sleep(y)
        return y


class Loops(Counting):
    """Sleeps as often as the last digit of the call's number says."""

    def forward(self, x: Tensor) -> Tensor:
        """Sleep call by call longer, up to nine times."""
        self.calls += 1
        y = torch.mm(x, x)
        for _ in range(int(self.calls) % 10):
            y = torch.ops.tsviz_known.sleep(y)
        return y
