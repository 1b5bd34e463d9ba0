"""Reference answers of lesson 06, and what learners typically answer instead."""

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_06 import Mixer, noise, twice
from tsviz.course.misconceptions import (
    ALWAYS_FASTER,
    ANY_TOLERANCE,
    GRAPH_IS_PLAN,
    LOOK_ALIKE,
    SAME_BITS,
)


def merged_by_hand(x: Tensor) -> Tensor:
    a = torch.sigmoid(x + 1)
    return a * a


def with_a_write_between(x: Tensor) -> Tensor:
    y = x.clone()
    a = torch.sigmoid(y)
    y.add_(1)
    return a * torch.sigmoid(y)


def in_two_spellings(x: Tensor) -> Tensor:
    return x.relu() * torch.relu(x)


def agrees(model: nn.Module, frozen: nn.Module, x: Tensor) -> bool:
    return torch.allclose(model(x), frozen(x), rtol=1e-4, atol=1e-5)


def agrees_in_bits(model: nn.Module, frozen: nn.Module, x: Tensor) -> bool:
    return torch.equal(model(x), frozen(x))


def agrees_roughly(model: nn.Module, frozen: nn.Module, x: Tensor) -> bool:
    return torch.allclose(model(x), frozen(x), atol=0.5)


class HoistedMixer(Mixer):
    def forward(self, x: Tensor, rounds: int) -> Tensor:
        mixed = x @ self.weight
        y = x
        for _ in range(rounds):
            y = torch.tanh(y + mixed)
        return y


class LocalMixer(Mixer):
    """Only the weight is fetched once."""

    def forward(self, x: Tensor, rounds: int) -> Tensor:
        weight = self.weight
        y = x
        for _ in range(rounds):
            y = torch.tanh(y + torch.matmul(x, weight))
        return y


RIGHT = {
    "06.1": lambda: twice,
    "06.2": lambda: noise,
    "06.3": lambda: agrees,
    "06.4": HoistedMixer,
}

WRONG = {
    "06.1": (
        Slip("merged by hand", lambda: merged_by_hand, GRAPH_IS_PLAN),
        Slip("a write in between", lambda: with_a_write_between, LOOK_ALIKE),
    ),
    "06.2": (
        Slip("the same twice", lambda: twice, LOOK_ALIKE),
        Slip("the same in two spellings", lambda: in_two_spellings, LOOK_ALIKE),
    ),
    "06.3": (
        Slip("equal", lambda: agrees_in_bits, SAME_BITS),
        Slip("a wide tolerance", lambda: agrees_roughly, ANY_TOLERANCE),
    ),
    "06.4": (
        Slip("the model as it is", Mixer, ALWAYS_FASTER),
        Slip("the weight in a local", LocalMixer, ALWAYS_FASTER),
    ),
}
