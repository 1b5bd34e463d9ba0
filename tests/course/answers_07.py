"""Reference answers of lesson 07, and what learners typically answer instead."""

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_07 import Head, Median, Resized
from tsviz.course.misconceptions import (
    HINT,
    INNERMOST,
    REPLAYS_VALUES,
    RUNS_HERE,
    RUNS_PYTHON,
)
from tsviz.course.trying import traced


class CarefulHead(Head):
    def forward(self, x: Tensor) -> Tensor:
        if x.size(1) != 4:
            raise ValueError(f"expected rows of 4, got rows of {x.size(1)}")
        return self.project(x)


class SilentHead(Head):
    def forward(self, x: Tensor) -> Tensor:
        assert x.size(1) == 4, "wrong width"
        return self.project(x)


class SortedMedian(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.sort(1)[0][:, x.shape[1] // 2]


class IgnoredMedian(nn.Module):
    @torch.jit.ignore
    def median(self, x: Tensor) -> Tensor:
        return Median()(x)

    def forward(self, x: Tensor) -> Tensor:
        return self.median(x)


def width_of(shape: dict[str, int]) -> int:
    return shape["width"]


class TypedResized(nn.Module):
    def forward(self, x: Tensor, shape: dict[str, int]) -> Tensor:
        return x * width_of(shape)


class OuterResized(nn.Module):
    """Only what comes out is annotated, not what goes in where it fails."""

    def forward(self, x: Tensor, shape: dict[str, int]) -> Tensor:
        factor: int = _width(shape)
        return x * factor


def _width(shape):
    return shape["width"]


class FixedResized(nn.Module):
    def forward(self, x: Tensor, shape: dict[str, int]) -> Tensor:
        return x * 2


def traced_median() -> object:
    return traced(Median(), torch.ones(3, 5))[0]


RIGHT = {
    "07.1": lambda: CarefulHead(4),
    "07.2": SortedMedian,
    "07.3": TypedResized,
}

WRONG = {
    "07.1": (
        Slip("an assertion without numbers", lambda: SilentHead(4), INNERMOST),
        Slip("the head as it is", lambda: Head(4), INNERMOST),
    ),
    "07.2": (
        Slip("the model as it is", Median, RUNS_PYTHON),
        Slip("ignored", IgnoredMedian, RUNS_HERE),
        Slip("traced", traced_median, REPLAYS_VALUES),
    ),
    "07.3": (
        Slip("the model as it is", Resized, INNERMOST),
        Slip("annotated outside", OuterResized, INNERMOST),
        Slip("a number of its own", FixedResized, HINT),
    ),
}
