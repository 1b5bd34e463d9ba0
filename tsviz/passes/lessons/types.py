"""Passes that learn or forget what is known of tensors."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def affine(x: Tensor, weight: Tensor) -> Tensor:
    y = torch.mm(x, weight)
    return torch.relu(y)


def pick(row: int) -> Tensor:
    table = torch.tensor([1.0, 2.0, 3.0])
    return table[row] * 2


def stretch(x: Tensor, times: int) -> Tensor:
    return x * (times + 2)


def _matrices() -> tuple[Tensor, Tensor]:
    return torch.ones(2, 3), torch.ones(3, 4)


LESSONS = (
    Lesson(
        "complete_shape_analysis",
        affine,
        "torch.mm(x, weight)",
        (
            "The types say dtype, shape, strides and device now: those of the example inputs, and "
            "what follows from them.",
            "Nothing checks them when the graph runs. Passes after it believe them, so with inputs "
            "of another shape the results may be wrong: not safe.",
        ),
        _matrices,
    ),
    Lesson(
        "erase_shape_information",
        affine,
        "torch.mm(x, weight)",
        (
            "The trace has written the shapes of its example into the types; now all are `Tensor`.",
            "The executor does this first, and learns shapes from runs of its own. So shapes in "
            "the text of a trace are no promise.",
            "Constants that tracing took from the example, such as a batch size, stay.",
        ),
        _matrices,
        via="trace",
    ),
    Lesson(
        "propagate_device",
        pick,
        "table[row] * 2",
        (
            "The table is a constant on the CPU, so what is read from it and computed with it is "
            "known to be there, too.",
            "Where inputs of unknown device take part, nothing can be said.",
        ),
        lambda: (1,),
        prepare=("constant_propagation",),
    ),
    Lesson(
        "erase_number_types",
        stretch,
        "x * (times + 2)",
        (
            "The `2` became a tensor of one number, and the integers in the types became tensors.",
            "It prepares exports to formats that know tensors only; in TorchScript such a graph "
            "may no longer run.",
        ),
        lambda: (torch.ones(2), 3),
    ),
)
