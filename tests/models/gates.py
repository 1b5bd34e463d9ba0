"""Models of which a trace loses something that scripting keeps; each fits on a screen."""

import torch
from torch import Tensor, nn


class Cell(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.fc(x))


class TwoWays(nn.Module):
    """A branch that the example does not take, a loop, and one callee called three times."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = Cell()
        self.out = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.cell(x)
        if bool(x.sum() > 0):
            y = self.cell(y) * 2
        else:
            y = y - 1
            y = torch.relu(y)
        for _ in range(x.shape[0]):
            y = y + self.cell(y)
        return self.out(y)


class Formats(nn.Module):
    """It does not script: TorchScript has no format in f-strings."""

    def forward(self, x: Tensor) -> Tensor:
        name = f"{x.shape[0]:>3}"
        return x * len(name)


class Encoder(nn.Module):
    """Two methods, the one calling the other; the other captured by itself."""

    def encode(self, x: Tensor) -> Tensor:
        if bool(x.sum() > 0):
            return x + 1
        return x - 1

    def forward(self, x: Tensor) -> Tensor:
        return self.encode(x) * 2


class Outer(nn.Module):
    """Its part branches; a hybrid keeps that, and a trace does not."""

    def __init__(self) -> None:
        super().__init__()
        self.ways = TwoWays()

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.ways(x + 1))


def branches(x: Tensor) -> Tensor:
    """A function."""
    if bool(x.sum() > 0):
        return x * 2
    return x - 2
