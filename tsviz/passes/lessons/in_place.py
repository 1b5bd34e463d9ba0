"""Passes between changes in place and new tensors."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def both_sides(x: Tensor) -> Tensor:
    parts: list[Tensor] = []
    parts.append(x + 1)
    parts.append(x - 1)
    both = torch.cat(parts)
    both.mul_(2)
    return both


def grow(x: Tensor) -> Tensor:
    x.add_(1)
    return x * 2


def rectify_in_place(x: Tensor) -> Tensor:
    y = x + 1
    return torch.relu_(y)


def rectify(x: Tensor) -> Tensor:
    y = x + 1
    return torch.relu(y)


def _pair() -> tuple[Tensor]:
    return (torch.ones(2),)


LESSONS = (
    Lesson(
        "remove_mutation",
        both_sides,
        "both.mul_(2)",
        (
            "The list is built at once instead of appended to, and `mul_` became `mul`: nobody "
            "else could see either change.",
            "The appends have no node left: the list is made behind what goes into it.",
            "What the caller could see, such as a change of `x` itself, stays as it is.",
        ),
        _pair,
    ),
    Lesson(
        "remove_inplace_ops",
        grow,
        "x.add_(1)",
        (
            "`add_` became `add`, though `x` belongs to the caller.",
            "The line stays and computes the same, but the caller's tensor is not changed any "
            "more: code that counted on it breaks without an error.",
            "`remove_mutation` does the same where nobody can tell.",
        ),
        _pair,
    ),
    Lesson(
        "inplace_to_functional_activation",
        rectify_in_place,
        "torch.relu_(y)",
        (
            "`relu_` became `relu`, which yields a new tensor; the numbers are the same.",
            "Your line shows an op that you did not write.",
        ),
        _pair,
    ),
    Lesson(
        "functional_to_inplace_activation",
        rectify,
        "torch.relu(y)",
        (
            "`relu` overwrites `y`, which nothing reads afterwards: one tensor less in memory.",
            "Your line shows an op that you did not write.",
            "Autograd may need what was overwritten, so it is for inference only.",
        ),
        _pair,
    ),
)
