"""Loops, branches, returns, assertions and calls of calls."""

import torch
from torch import Tensor, nn


class LoopControl(nn.Module):
    """`while` with `continue` and `break`, and `for` with both."""

    def forward(self, x: Tensor, turns: int) -> tuple[float, list[int]]:
        assert turns > 0, f"turns must be positive, not {turns}"
        total = 0.0
        turn = 0
        while turn < turns:
            turn += 1
            if turn == 3:
                continue
            if turn > 6:
                break
            total += float(x[turn % x.size(0)].sum())
        seen: list[int] = []
        for number in [5, 3, 8, 1]:
            if number == 3:
                continue
            if number == 1:
                break
            seen.append(number)
        return total, seen


class EarlyReturn(nn.Module):
    """Returns from inside a loop, from inside a branch, and at the end."""

    def forward(self, x: Tensor, limit: float) -> Tensor:
        if x.numel() == 0:
            return torch.zeros(1)
        for row in range(x.size(0)):
            if float(x[row].sum()) > limit:
                return x[row]
        return x.sum(0)


class Raises(nn.Module):
    """Raises an error on positive input."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            raise ValueError(f"sum was {x.sum().item()}")
        return x


class NestedBranches(nn.Module):
    """Branches in loops in branches; a conditional expression; `and`, `or`, `not`."""

    def forward(self, x: Tensor, depth: int) -> Tensor:
        positive = bool(x.sum() > 0)
        if depth > 0 and (positive or depth > 5):
            for outer in range(depth):
                for inner in range(outer):
                    x = x + inner if inner % 2 == 0 else x - inner
                turns = outer
                while not positive and turns > 2:
                    x = x * 2
                    positive = bool(x.mean() > 0)
                    turns -= 1
        return x


def double(x: Tensor) -> Tensor:
    return x * 2


def double_and_add(x: Tensor, number: float) -> Tensor:
    return double(x) + number


class NestedCalls(nn.Module):
    """Functions and methods that call each other, some twice on one line."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def shift(self, x: Tensor, number: float = 1.0) -> Tensor:
        return double_and_add(x, number) - double_and_add(x, -number)

    def forward(self, x: Tensor) -> Tensor:
        return self.shift(self.linear(self.shift(x, 0.5))) + self.shift(double(double(x)))


def clamp_rows(x: Tensor, low: float = -1.0, high: float = 1.0) -> Tensor:
    """A free function to be scripted by itself."""
    rows: list[Tensor] = []
    for row in range(x.size(0)):
        rows.append(x[row].clamp(low, high))
    return torch.stack(rows)
