"""Models that the tests of the Debug drawer step."""

import torch
from torch import Tensor, nn


class Walk(nn.Module):
    """A line, a loop, an in-place write, a branch that raises."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 2)
        nn.init.eye_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc(x)
        z = torch.zeros(2, 2)
        for i in range(3):
            y = y + i
            z.add_(1)
        if bool(y.sum() > 1e6):
            raise ValueError("too much")
        return torch.log(y) * z


class Endless(nn.Module):
    """Goes on until somebody ends it."""

    def forward(self, x: Tensor) -> Tensor:
        while bool(x.sum() > 0):
            x = x + 1
        return x


class Forking(nn.Module):
    """What is stepped is another graph: what it forks is inlined."""

    def forward(self, x: Tensor) -> Tensor:
        later = torch.jit.fork(double, x)
        return torch.jit.wait(later) + 1


def double(x: Tensor) -> Tensor:
    return x * 2


class TwoWays(nn.Module):
    """Does something else once it is compiled."""

    def forward(self, x: Tensor) -> Tensor:
        y = x + 1
        return y * (3 if torch.jit.is_scripting() else 2)
