"""The trace is of one call: what the model keeps for the next, and its mode, are left behind."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DropoutWhileTraining(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 8)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.linear(x))


class FunctionalDropout(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return F.dropout(x, 0.4, self.training) + 1


class NormWhileTraining(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 3, 1)
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class NoiseWhileTraining(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            x = x + 0.5 * torch.randn_like(x)
        return self.linear(x)


class AuxiliaryHead(nn.Module):
    """Adds the scores of a second head, in training only."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(4, 2)
        self.auxiliary = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.head(x)
        return scores + self.auxiliary(x) if self.training else scores


class RunningSum(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        self.total = self.total + x.sum(0)
        return x - self.total


class CountsCalls(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x / self.calls


class WarmsUp(nn.Module):
    """Behaves otherwise in its first calls."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1

    def forward(self, x: Tensor) -> Tensor:
        if self.left > 0:
            self.left -= 1
            return x * 0.1
        return x


class KeepsHistory(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.history: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.history.append(x.mean(0))
        return torch.stack(self.history).sum(0)


class CachesFirst(nn.Module):
    """Computes its reference at the first call and keeps it."""

    def __init__(self) -> None:
        super().__init__()
        self.reference: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.reference is None:
            self.reference = x.mean(0)
        return x - self.reference


class HiddenStateAttribute(nn.Module):
    """An actor that remembers its state between steps, outside its buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(3, 4)
        self.state = torch.zeros(1, 4)

    def forward(self, observation: Tensor) -> Tensor:
        self.state = self.cell(observation, self.state)
        return self.state


class KeyCache(nn.Module):
    """The cache of a decoder: each step attends to the steps before."""

    def __init__(self) -> None:
        super().__init__()
        self.project = nn.Linear(4, 4)
        self.cache: dict[str, Tensor] = {"keys": torch.zeros(1, 0, 4)}

    def forward(self, token: Tensor) -> Tensor:
        self.cache["keys"] = torch.cat([self.cache["keys"], self.project(token)], 1)
        keys = self.cache["keys"]
        return (token @ keys.mT).softmax(-1) @ keys


class MovingAverage(nn.Module):
    """Assigns to `.data`, as old code for moving averages does; one call is enough to see it."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("average", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        self.average.data = 0.9 * self.average + 0.1 * x.mean(0)
        return x - self.average


class PythonRandom(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * random.uniform(0.5, 1.5)


class NumpyPermutation(nn.Module):
    """Mixes the columns anew at each call."""

    def forward(self, x: Tensor) -> Tensor:
        order = np.random.permutation(6)
        return x[:, order.tolist()]


class LayerDrop(nn.Module):
    """Leaves layers out at random."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(6)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            if random.random() < 0.5:
                continue
            x = torch.tanh(layer(x))
        return x


class RandomScale(nn.Module):
    """Draws from PyTorch's generator, but as a Python number."""

    def forward(self, x: Tensor) -> Tensor:
        scale = torch.rand(()).item()
        return x * scale
