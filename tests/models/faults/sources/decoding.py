"""Whole algorithms whose course follows from the data."""

import torch
from torch import Tensor, nn


class GreedyDecoder(nn.Module):
    END = 0

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(6, 4)
        self.cell = nn.GRUCell(4, 4)
        self.scores = nn.Linear(4, 6)

    def forward(self, state: Tensor) -> Tensor:
        token = torch.ones(1, dtype=torch.long)
        tokens = [token]
        while token.item() != self.END and len(tokens) < 8:
            state = self.cell(self.embedding(token), state)
            token = self.scores(state).argmax(-1)
            tokens.append(token)
        return torch.cat(tokens)


class BeamSearch(nn.Module):
    """Keeps the two best of all continuations, sorted by Python."""

    def forward(self, transitions: Tensor) -> Tensor:
        beams = [(0.0, [0])]
        for _ in range(3):
            longer = [
                (score + gain, [*path, state])
                for score, path in beams
                for state, gain in enumerate(transitions[path[-1]].tolist())
            ]
            beams = sorted(longer, reverse=True)[:2]
        return transitions[beams[0][1]].sum(0)


def overlap(box: Tensor, others: Tensor) -> Tensor:
    low = torch.maximum(box[0], others[:, 0])
    high = torch.minimum(box[1], others[:, 1])
    shared = (high - low).clamp(min=0)
    return shared / (box[1] - box[0] + others[:, 1] - others[:, 0] - shared)


class Suppression(nn.Module):
    """Non-maximum suppression of intervals."""

    def forward(self, boxes: Tensor, scores: Tensor) -> Tensor:
        order = scores.argsort(descending=True)
        kept = []
        while order.numel() > 0:
            best, rest = order[0], order[1:]
            kept.append(best)
            order = rest[overlap(boxes[best], boxes[rest]) < 0.5]
        return boxes[torch.stack(kept)]


class AdaptiveSteps(nn.Module):
    """Adaptive computation time: stops when every row has halted."""

    def __init__(self) -> None:
        super().__init__()
        self.step = nn.Linear(4, 4)
        self.halt = nn.Linear(4, 1)

    def forward(self, x: Tensor) -> Tensor:
        halted = torch.zeros(x.size(0), 1)
        for _ in range(10):
            x = torch.tanh(self.step(x)) + 0.5 * x
            halted = halted + torch.sigmoid(self.halt(x))
            if halted.min() > 1.2:
                break
        return x


class SparseExperts(nn.Module):
    """Leaves out an expert that no token was routed to."""

    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])

    def forward(self, tokens: Tensor, routes: Tensor) -> Tensor:
        mixed = torch.zeros_like(tokens)
        for number, expert in enumerate(self.experts):
            rows = (routes == number).nonzero().flatten()
            if len(rows) == 0:
                continue
            mixed = mixed.index_add(0, rows, expert(tokens[rows]))
        return mixed


class CollapsesRepeats(nn.Module):
    """The last step of a CTC decoder."""

    def forward(self, scores: Tensor) -> Tensor:
        path = scores.argmax(-1)
        collapsed = [0]
        for symbol in path.tolist():
            if symbol not in (0, collapsed[-1]):
                collapsed.append(symbol)
        return torch.tensor(collapsed)


class SortsByLength(nn.Module):
    """Orders a batch from long to short, as packing wants it."""

    def forward(self, batch: Tensor, lengths: Tensor) -> Tensor:
        order = sorted(range(4), key=lambda row: -lengths[row])
        return batch[order].cumsum(0)


class BinarySearch(nn.Module):
    """Finds the threshold that keeps half of the mass."""

    def forward(self, weights: Tensor) -> Tensor:
        low, high = weights.min(), weights.max()
        for _ in range(6):
            middle = (low + high) / 2
            if weights[weights > middle].sum() > weights.sum() / 2:
                low = middle
            else:
                high = middle
        return low


class TreeDepth(nn.Module):
    """Walks a tree that a tensor of parents describes."""

    def forward(self, values: Tensor, parents: Tensor) -> Tensor:
        node, total = 3, values[3]
        while node != 0:
            node = int(parents[node])
            total = total * 0.5 + values[node]
        return total


class EuclidSteps(nn.Module):
    """The remainder decides whether to go on."""

    def forward(self, larger: Tensor, smaller: Tensor) -> Tensor:
        while smaller.abs() > 0:
            larger, smaller = smaller, larger % smaller
        return larger


class ThresholdedPoints(nn.Module):
    """Samples points until their number is enough."""

    def forward(self, scores: Tensor) -> Tensor:
        threshold = torch.full((), 0.9)
        chosen = scores[scores > threshold]
        while chosen.numel() < 3:
            threshold = threshold - 0.2
            chosen = scores[scores > threshold]
        return chosen.sum() + threshold
