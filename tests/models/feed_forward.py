"""Straight networks: calls of functions and modules, containers of modules, dictionaries out."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def alternate(x: Tensor, steps: int) -> Tensor:
    for step in range(steps):
        if step % 2 == 0:  # noqa: SIM108
            x = torch.relu(
                x + step,
            )
        else:
            x = torch.tanh(x) * 0.5 + torch.tanh(x)
    return x


class FeedForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.widen = nn.Linear(8, 16)
        self.dropout = nn.Dropout(0.1)
        self.narrow = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.widen(x)
        x = alternate(x, 3)
        x = self.dropout(x)
        if x.sum() > 0:  # noqa: SIM108
            x = x * 2
        else:
            x = x - 1
        return self.narrow(x)


class VariationalAutoencoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(8, 8)
        self.decoder = nn.Linear(4, 8)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        mean, log_variance = self.encoder(x).chunk(2, -1)
        code = mean + torch.exp(0.5 * log_variance)
        return {"picture": self.decoder(code), "mean": mean, "log_variance": log_variance}


class ModuleContainers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.named = nn.ModuleDict({"linear": nn.Linear(3, 3), "relu": nn.ReLU()})
        self.listed = nn.ModuleList([nn.Linear(3, 3), nn.Sigmoid()])
        self.chain = nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3), nn.Softmax(-1))
        self.weights = nn.ParameterList([nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))])

    def forward(self, x: Tensor) -> Tensor:
        for _, module in self.named.items():
            x = module(x)
        for number, module in enumerate(self.listed):
            x = module(x) + number
        for weight in self.weights:
            x = x * weight
        return self.chain(x)


class BagOfWords(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(10, 4, mode="sum")
        self.group_norm = nn.GroupNorm(2, 4)
        self.bilinear = nn.Bilinear(4, 4, 2)
        self.prelu = nn.PReLU()
        self.batch_norm = nn.BatchNorm1d(4)

    def forward(self, words: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor]:
        bags = self.bag(words, offsets)
        pairs = self.prelu(self.bilinear(bags, self.group_norm(bags)))
        wanted = torch.zeros(bags.size(0), dtype=torch.long)
        return pairs + F.cross_entropy(bags, wanted), self.batch_norm(bags)


class SharedModule(nn.Module):
    """One module called twice, and a module that is also reachable by a second name."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.again = self.first

    def forward(self, x: Tensor) -> Tensor:
        return self.again(torch.relu(self.first(self.first(x))))
