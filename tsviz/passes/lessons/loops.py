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
            "All three copies have the same line, so what the line costs is their sum.",
            "A loop of many rounds is not written out whole, but eight rounds at a time; one whose "
            "count is no constant stays as it is.",
        ),
        lambda: (torch.ones(2),),
    ),
    Lesson(
        "loop_unrolling",
        double_often,
        "x * 2",
        (
            "Two loops came of one: the first does eight rounds at a time, the second the rest.",
            "The line has nine nodes now, so a node runs less often than its line.",
            "Loops in loops multiply their copies. Long bodies are left alone.",
        ),
        lambda: (torch.ones(2), 11),
    ),
)
