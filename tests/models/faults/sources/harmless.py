"""Models that lose a branch, a size, a number or state, and whose trace is right all the same."""

import math

import torch
from torch import Tensor, nn


class ChecksWidth(nn.Module):
    """Its check never fails in its domain."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.width = width
        self.linear = nn.Linear(width, 2)

    def forward(self, x: Tensor) -> Tensor:
        if x.size(-1) != self.width:
            raise ValueError(f"expected {self.width} features, got {x.size(-1)}")
        if x.numel() == 0:
            return x.new_zeros(0, 2)
        return self.linear(x)


class ScaledByWidth(nn.Module):
    """A size becomes a number, but one that is the same for all inputs."""

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        scores = query @ key.mT / math.sqrt(query.size(-1))
        return scores.softmax(-1)


class LogsItself(nn.Module):
    """Keeps a number for its user; the result does not depend on it."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.seen: list[float] = []

    def forward(self, x: Tensor) -> Tensor:
        x = self.linear(x)
        self.seen.append(x.mean().item())
        return x


class OnItsDevice(nn.Module):
    """What it makes is on the device and of the dtype of the input, and these do not vary."""

    def forward(self, x: Tensor) -> Tensor:
        steps = torch.arange(x.size(1), device=x.device, dtype=x.dtype)
        return torch.sin(x + steps)


class SameEitherWay(nn.Module):
    """Takes a shortcut whose result is that of the long way."""

    def forward(self, x: Tensor) -> Tensor:
        if (x >= 0).all():
            return x * 0.5
        return torch.where(x < 0, x * 0.5, x / 2)
