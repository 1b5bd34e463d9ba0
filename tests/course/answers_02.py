"""Reference answers of lesson 02, and what learners typically answer instead."""

import warnings

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_02 import Gate, Halve
from tsviz.course.misconceptions import CHECK_TRACE, KEEPS_IF, KEEPS_LOOP, NO_WARNING
from tsviz.course.trying import scripted, traced
from tsviz.examples import get


class Chosen(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x.sum() > 0, x * 2, x - 1)


class Hushed(nn.Module):
    """The branch stays, only the warning goes."""

    def forward(self, x: Tensor) -> Tensor:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            positive = bool(x.sum() > 0)
        return x * 2 if positive else x - 1


def _long_sentence() -> Tensor:
    model = get("decoder").build()
    sentences = torch.randn(20, 1, 16, generator=torch.Generator().manual_seed(0))
    return max(sentences, key=lambda sentence: len(model(sentence)))


RIGHT = {
    "02.1": lambda: torch.tensor([30.0, 0.0, 1.0]),
    "02.2": Chosen,
    "02.3": lambda: scripted(Halve()),
    "02.4": lambda: scripted(get("decoder").build()),
}

WRONG = {
    "02.1": (
        Slip("the example again", lambda: torch.ones(3), CHECK_TRACE),
        Slip("another, but short one", lambda: torch.tensor([-1.0, 2.0, 0.5]), CHECK_TRACE),
    ),
    "02.2": (
        Slip("the model as it is", Gate, KEEPS_IF),
        Slip("the warning silenced", Hushed, NO_WARNING),
    ),
    "02.3": (
        Slip("a trace", lambda: traced(Halve(), torch.tensor([8.0]))[0], KEEPS_LOOP),
        Slip("a long trace", lambda: traced(Halve(), torch.full([1], 1e3))[0], KEEPS_LOOP),
    ),
    "02.4": (
        Slip(
            "a trace with the example",
            lambda: traced(get("decoder").build(), *get("decoder").inputs())[0],
            KEEPS_LOOP,
        ),
        Slip(
            "a trace with a long sentence",
            lambda: traced(get("decoder").build(), _long_sentence())[0],
            KEEPS_LOOP,
        ),
    ),
}
