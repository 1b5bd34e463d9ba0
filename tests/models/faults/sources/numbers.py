"""A value of the example becomes a Python number, and the trace keeps the number."""

import statistics

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ScaleByItem(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        peak = x.abs().max().item()
        return x / peak


class CentersByFloat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        mean = float(x.mean())
        return x - mean


class SortsInPython(nn.Module):
    def forward(self, scores: Tensor) -> Tensor:
        ordered = sorted(scores.tolist(), reverse=True)
        return torch.tensor(ordered) / scores.sum()


class TensorOfNumber(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = torch.tensor(x.sum().item())
        return torch.cat([x.mean(1), total.reshape(1)])


class LargerOfTwo(nn.Module):
    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        scale = max(left.max().item(), right.max().item())
        return (left + right) / (1 + scale)


class NumpyRoundTrip(nn.Module):
    def forward(self, signal: Tensor) -> Tensor:
        smooth = torch.from_numpy(np.convolve(signal.numpy(), [0.5, 0.5], mode="same"))
        return signal - smooth.to(signal.dtype)


class MaskByLoop(nn.Module):
    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        mask = torch.zeros_like(x)
        for row, length in enumerate(lengths.tolist()):
            mask[row, :length] = 1
        return (x * mask).sum(1)


class TokenTable(nn.Module):
    """Looks a token up in a Python dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = {0: 0.1, 1: 0.2, 2: 3.0}

    def forward(self, x: Tensor, token: Tensor) -> Tensor:
        return x * self.weights.get(int(token), 1.0)


class TopByCount(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        count = int((x > 0).sum())
        return x.topk(count).values.sum()


class OneHotByMaximum(nn.Module):
    def forward(self, labels: Tensor) -> Tensor:
        classes = int(labels.max()) + 1
        return F.one_hot(labels, classes).float().mean(0)


class PadsToLongest(nn.Module):
    """Cuts a batch to its longest sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(9, 3)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        longest = lengths.max().item()
        return self.embedding(tokens[:, :longest])


class SplitsByLengths(nn.Module):
    def forward(self, packed: Tensor, lengths: Tensor) -> Tensor:
        first, second = packed.split(lengths.tolist())
        return first.sum(0) - second.sum(0)


class ChoosesExpert(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4, 3)
        self.experts = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        chosen = int(self.gate(x).sum(0).argmax())
        return self.experts[chosen](x)


class ClampsToMedian(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        median = statistics.median(x.flatten().tolist())
        return x.clamp(max=median)


class LastWord(nn.Module):
    """The state at the last word of each sentence, found by Python indexes."""

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        last = [states[i, int(n) - 1] for i, n in enumerate(lengths.unbind(0))]
        return torch.stack(last)


class CountedTimes(nn.Module):
    """As many times as the caller says with a tensor."""

    def forward(self, rate: Tensor, count: Tensor) -> Tensor:
        times = torch.arange(int(count)) / 10
        return torch.sin(times * rate)


class BatchTemperature(nn.Module):
    def forward(self, scores: Tensor, temperature: Tensor) -> Tensor:
        return F.softmax(scores / float(temperature), dim=-1)


class RowsByIndexList(nn.Module):
    def forward(self, memory: Tensor, wanted: Tensor) -> Tensor:
        return memory[wanted.tolist()].mean(0)


class FillsWithMinimum(nn.Module):
    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(mask, x.min().item() - 1)


class CropsToBox(nn.Module):
    """Cuts a picture by corners that come from another network."""

    def forward(self, picture: Tensor, box: Tensor) -> Tensor:
        left, right = map(int, box)
        return F.adaptive_avg_pool1d(picture[:, left:right], 2)
