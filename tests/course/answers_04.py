"""Reference answers of lesson 04, and what learners typically answer instead."""

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_04 import Blend
from tsviz.course.misconceptions import HINT, RUNS_PYTHON

FACTOR = 3.0
CONFIG = {"factor": 3.0}


def repeat(x: Tensor, times: int):
    for _ in range(times):
        x = x + x
    return x


def repeat_without_a_type(x, times):
    for _ in range(times):
        x = x + x
    return x


def repeat_with_a_default(x, times=2):
    for _ in range(times):
        x = x + x
    return x


def limit(x, most: float | None = None):
    if most is None:
        return x
    return x.clamp(max=most)


def limit_without_a_type(x, most=None):
    if most is None:
        return x
    return x.clamp(max=most)


def limit_of_a_float(x, most: float = None):  # noqa: RUF013 (that is the mistake)
    if most is None:
        return x
    return x.clamp(max=most)


class ByAttribute(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.factor = 3.0

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


class ByGlobal(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * FACTOR


class ByConfig(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * CONFIG["factor"]


class TypedBlend(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weights = [0.5, 2.0]

    def forward(self, parts: dict[str, Tensor], sharpen: bool) -> Tensor:
        total = torch.zeros(3)
        for part in parts.values():
            total = total + part * self.weights[0]
        return total * self.weights[1] if sharpen else total


class UntypedBlend(TypedBlend):
    def forward(self, parts, sharpen):
        total = torch.zeros(3)
        for part in parts.values():
            total = total + part * self.weights[0]
        return total * self.weights[1] if sharpen else total


RIGHT = {
    "04.1": lambda: repeat,
    "04.2": lambda: limit,
    "04.3": ByAttribute,
    "04.4": TypedBlend,
}

WRONG = {
    "04.1": (
        Slip("no annotation", lambda: repeat_without_a_type, HINT),
        Slip("a default instead of an annotation", lambda: repeat_with_a_default, HINT),
    ),
    "04.2": (
        Slip("no annotation", lambda: limit_without_a_type, HINT),
        Slip("a float that may be None", lambda: limit_of_a_float, HINT),
    ),
    "04.3": (
        Slip("a global number", ByGlobal, RUNS_PYTHON),
        Slip("a global dict", ByConfig, RUNS_PYTHON),
    ),
    "04.4": (
        Slip("the model as it is", Blend, RUNS_PYTHON),
        Slip("attributes, but no types", UntypedBlend, HINT),
    ),
}
