"""A size of the example becomes a number of the trace.

`x.size(0)` and its sums and products are recorded; what passes through `int`, `len`, `math`, `min`,
NumPy, a dictionary or a Python list of numbers is not.
"""

import bisect
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class IntBatch(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        batch = int(x.size(0))
        return x.reshape(batch, -1).cumsum(1)


class LenZeros(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.zeros(len(x), 5)
        return self.cell(x, hidden)


class ArangeLen(nn.Module):
    def forward(self, scores: Tensor, labels: Tensor) -> Tensor:
        rows = torch.arange(len(scores))
        return scores[rows, labels]


class CeilHalf(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        middle = math.ceil(x.shape[1] / 2)
        return x[:, :middle].sum(1) - x[:, middle:].sum(1)


class SqrtLength(nn.Module):
    def forward(self, sequence: Tensor) -> Tensor:
        scale = 1.0 / math.sqrt(sequence.size(1))
        return sequence.sum(1) * scale


class Truncates(nn.Module):
    """Python's `min` returns one of its arguments, so the trace knows only that one."""

    def __init__(self, longest: int = 6) -> None:
        super().__init__()
        self.longest = longest

    def forward(self, tokens: Tensor) -> Tensor:
        length = min(tokens.size(1), self.longest)
        return tokens[:, :length]


class AtLeastOne(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        kept = max(x.size(1) - 3, 1)
        return x[:, :kept].mean(1)


class NumpyFlatten(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(1, 3)

    def forward(self, x: Tensor) -> Tensor:
        flat = x.reshape(int(np.prod(x.shape)), 1)
        return self.linear(flat)


class CausalMask(nn.Module):
    def forward(self, scores: Tensor) -> Tensor:
        length = int(scores.size(-1))
        mask = torch.ones(length, length).tril() == 0
        return scores.masked_fill(mask, float("-inf")).softmax(-1)


class PositionTable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.register_buffer("table", torch.randn(16, 4))

    def forward(self, tokens: Tensor) -> Tensor:
        positions = self.table[: len(tokens[0])]
        return self.embedding(tokens) + positions


class OddPad(nn.Module):
    """Pads pictures of odd width before halving them."""

    def forward(self, picture: Tensor) -> Tensor:
        if picture.size(-1) % 2 == 1:
            picture = F.pad(picture, (0, 1))
        return picture.unflatten(-1, (-1, 2)).mean(-1)


class LengthBuckets(nn.Module):
    """A layer of its own for each range of lengths."""

    def __init__(self) -> None:
        super().__init__()
        self.bounds = [4, 8]
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])

    def forward(self, sequence: Tensor) -> Tensor:
        bucket = bisect.bisect_left(self.bounds, sequence.size(1))
        return self.layers[bucket](sequence.mean(1))


class ShiftByHalf(nn.Module):
    """`torch.roll` bakes a size, and neither warns nor fails."""

    def forward(self, spectrum: Tensor) -> Tensor:
        return torch.roll(spectrum, spectrum.size(1) // 2, 1)


class MeanByTensorOfSize(nn.Module):
    def forward(self, sequence: Tensor) -> Tensor:
        count = torch.tensor([sequence.size(1)])
        return sequence.sum(1) / count


class ScaleBySize(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scales = {2: 0.5, 4: 2.0, 6: 3.0}

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scales.get(int(x.size(1)), 1.0)


class HeadByName(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleDict({f"frames{n}": nn.Linear(3, 2) for n in range(1, 9)})

    def forward(self, clip: Tensor) -> Tensor:
        head = self.heads[f"frames{clip.size(1)}"]
        return head(clip.sum(1))


class EquationByRank(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(3, 2))

    def forward(self, x: Tensor) -> Tensor:
        letters = "abcd"[: x.ndim - 1]
        return torch.einsum(f"{letters}i,ij->{letters}j", x, self.weight)


class Coordinates(nn.Module):
    """Adds a channel of coordinates to a picture."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(2, 2, 1)

    def forward(self, picture: Tensor) -> Tensor:
        across = torch.linspace(-1.0, 1.0, int(picture.size(3)))
        channel = across.expand_as(picture)
        return self.mix(torch.cat([picture, channel], 1))


class UpsamplesTo(nn.Module):
    def forward(self, small: Tensor, large: Tensor) -> Tensor:
        size = [int(side) for side in large.shape[2:]]
        return F.interpolate(small, size=size) + large


class SilencesStart(nn.Module):
    """Writes to a slice whose end comes from a size."""

    def forward(self, signal: Tensor) -> Tensor:
        signal = signal.clone()
        signal[:, : int(signal.size(1) * 0.25)] = 0
        return signal


class GatesHalves(nn.Module):
    """One half gates the other; the halves' size is divided in Python."""

    def forward(self, x: Tensor) -> Tensor:
        half = int(x.size(-1)) // 2
        return x[:, :half] * torch.sigmoid(x[:, -half:])


class UnsqueezesVector(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 1:
            x = x.unsqueeze(0)
        return self.linear(x).sum(0)


class ChunksOf(nn.Module):
    """A matrix by blocks, as FlashAttention's examples do it."""

    def forward(self, x: Tensor) -> Tensor:
        blocks = -(-len(x) // 2)
        return torch.cat([block.softmax(0) for block in x.chunk(blocks)])


class PicksMiddle(nn.Module):
    def forward(self, frames: Tensor) -> Tensor:
        middle = round(float(frames.size(1)) / 2 - 0.25)
        return frames[:, middle]
