"""Passes that compute ahead of the first run."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def weigh(x: Tensor) -> Tensor:
    weights = torch.tensor([1.0, 2.0]) * 3
    return x * weights


def countdown(x: Tensor) -> Tensor:
    for step in range(3):
        x = x * (3 - step)
    return x


def _pair() -> tuple[Tensor]:
    return (torch.ones(2),)


LESSONS = (
    Lesson(
        "constant_propagation",
        weigh,
        "torch.tensor([1.0, 2.0]) * 3",
        (
            "The weights are computed once, now, and stored in the graph: the line is not run "
            "again.",
            "The constant keeps the line it was computed on.",
            "A large tensor made this way is kept in memory with the graph, and is saved with it.",
        ),
        _pair,
    ),
    Lesson(
        "constant_propagation_immutable_types",
        countdown,
        "3 - step",
        (
            "The loop was unrolled before; now every `step` is a known number, and so is `3 - "
            "step`.",
            "Tensors and lists are left alone, as code could still change them; "
            "`constant_propagation` takes those, too, where nothing does.",
        ),
        _pair,
        prepare=("constant_loop_unrolling",),
    ),
    Lesson(
        "constant_pooling",
        countdown,
        "3 - step",
        (
            "Unrolling made a constant for each round; equal ones become a single one, at the "
            "front.",
            "One constant then stands for several places and can name only one of them, so take "
            "the line of a constant as a hint.",
        ),
        _pair,
        prepare=("constant_loop_unrolling",),
    ),
)
