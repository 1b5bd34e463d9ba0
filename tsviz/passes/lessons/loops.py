"""Passes that write loops out."""

import torch
from torch import Tensor

from tsviz.passes.lessons.running import Lesson


def double_three_times(x: Tensor) -> Tensor:
    for _ in range(3):
        x = x * 2
    return x


def double_often(x: Tensor, times: int) -> Tensor:
    for _ in range(times):
        x = x * 2
    return x


LESSONS = (
    Lesson(
        "constant_loop_unrolling",
        double_three_times,
        "x * 2",
        (
            "The loop is gone: its body stands there three times.",
            "All three copies have the same line; a profile shows each for itself, and their sum "
            "on the line.",
            "Long loops stay loops, and so do those whose count is known only when they run.",
        ),
        lambda: (torch.ones(2),),
    ),
    Lesson(
        "loop_unrolling",
        double_often,
        "x * 2",
        (
            "Two loops came of one: the first does eight rounds at a time, the second the rest.",
            "The line has nine nodes now, so one node ran less often than its line.",
            "Bodies that are long, or hold a loop themselves, are not unrolled.",
        ),
        lambda: (torch.ones(2), 11),
    ),
)
