"""A loop runs as often as the example says, and the trace is the copies of its body."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class HalvesUntilSmall(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        while x.norm() > 2:
            x = x / 2
        return x


class StepsByTensor(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(4, 4)

    def forward(self, x: Tensor, steps: Tensor) -> Tensor:
        for _ in range(int(steps)):
            x = torch.tanh(self.step(x))
        return x


class CumulatedColumns(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros_like(x[:, 0])
        for column in range(x.shape[1]):
            total = total * 0.5 + x[:, column]
        return total


class RecurrentLoop(nn.Module):
    """The loop of `examples/word_language_model` and of many a paper's code."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 6)

    def forward(self, sequence: Tensor) -> Tensor:
        state = sequence.new_zeros(sequence.size(0), 6)
        outputs = []
        for step in range(sequence.size(1)):
            state = self.cell(sequence[:, step], state)
            outputs.append(state)
        return torch.stack(outputs, 1)


class EachRow(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4))

    def forward(self, batch: Tensor) -> Tensor:
        scores = []
        for row in batch:
            scores.append(torch.dot(row, self.weight))
        return torch.stack(scores)


class NewtonRoot(nn.Module):
    """Stops where the steps are small."""

    def forward(self, square: Tensor) -> Tensor:
        root = square
        for _ in range(20):
            better = (root + square / root) / 2
            if (better - root).abs().max() < 0.5:
                break
            root = better
        return root


class PowerIteration(nn.Module):
    def forward(self, matrix: Tensor) -> Tensor:
        vector = torch.ones(3)
        change, turns = torch.ones(()), 0
        while change > 0.05 and turns < 30:
            following = F.normalize(matrix @ vector, dim=0)
            change = (following - vector).norm()
            vector, turns = following, turns + 1
        return vector


class ColumnPowers(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([x[:, i] ** (i + 1) for i in range(x.shape[1])], dim=1)


def shrink(x: Tensor) -> Tensor:
    if x.abs().max() <= 1:
        return x
    return shrink(x * 0.5)


class RecursiveShrink(nn.Module):
    """The depth of the recursion follows from the data."""

    def forward(self, x: Tensor) -> Tensor:
        return shrink(x) + 1


class SumOfPositiveRows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        kept = [row for row in x if row.sum() > 0]
        return sum(kept, torch.zeros(4))


class SumsPieces(nn.Module):
    """As many pieces as the width gives."""

    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros(x.size(0), 2)
        for piece in x.split(2, dim=1):
            total = total + torch.sigmoid(piece)
        return total


class PairsOfRows(nn.Module):
    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        distances = [(a - b).norm() for a, b in zip(left, right, strict=True)]
        return torch.stack(distances).mean()


class ScansWindows(nn.Module):
    def __init__(self, window: int = 3) -> None:
        super().__init__()
        self.window = window

    def forward(self, signal: Tensor) -> Tensor:
        peaks = []
        start = 0
        while start + self.window <= signal.size(1):
            peaks.append(signal[:, start : start + self.window].amax(1))
            start += self.window
        return torch.stack(peaks, 1)


class Positives(nn.Module):
    """Doubles what is positive, one index after the other."""

    def forward(self, x: Tensor) -> Tensor:
        doubled = x.clone()
        for index in (x > 0).nonzero().flatten().tolist():
            doubled[index] = doubled[index] * 2
        return doubled


class FirstLarge(nn.Module):
    """Returns from inside the loop."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(4)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = x + layer(x)
            if x.abs().mean() > 1.5:
                return x
        return -x


class DepthByLength(nn.Module):
    """How many layers are used follows from the length of the signal."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv1d(2, 2, 3, padding=1) for _ in range(5)])

    def forward(self, signal: Tensor) -> Tensor:
        depth = int(signal.size(2)).bit_length()
        for layer in self.layers[:depth]:
            signal = signal + torch.tanh(layer(signal))
        return signal
