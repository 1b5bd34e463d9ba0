"""Reference answers of lesson 01, and what learners typically answer instead."""

import random
from typing import Any

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_01 import Head
from tsviz.course.misconceptions import EVAL_AFTER, IN_PLACE, RECORDS_PYTHON
from tsviz.course.trying import traced
from tsviz.examples import get


class Counter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.calls.add_(1)
        return x + self.calls


class ReassigningCounter(Counter):
    def forward(self, x: Tensor) -> Tensor:
        self.calls = self.calls + 1
        return x + self.calls


class PythonCounter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x + self.calls


class Noise(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand_like(x)


class PythonNoise(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + random.random()


class NoiseMadeATensor(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x + torch.tensor(random.random())


def _trace(model: nn.Module, x: Tensor) -> Any:
    return traced(model, x, check_trace=False)[0]


def _resnet(*, training: bool) -> Any:
    return _trace(get("resnet-tiny").build().train(training), *get("resnet-tiny").inputs())


RIGHT = {
    "01.1": lambda: _trace(Head().eval(), torch.ones(1, 4)),
    "01.2": Counter,
    "01.3": Noise,
    "01.4": lambda: _resnet(training=False),
}

WRONG = {
    "01.1": (
        Slip("eval after tracing", lambda: _trace(Head(), torch.ones(1, 4)).eval(), EVAL_AFTER),
        Slip("the model, which was traced", lambda: Head().eval(), IN_PLACE),
    ),
    "01.2": (
        Slip("a Python number", PythonCounter, RECORDS_PYTHON),
        Slip("a buffer that is assigned anew", ReassigningCounter, RECORDS_PYTHON),
    ),
    "01.3": (
        Slip("Python's random number", PythonNoise, RECORDS_PYTHON),
        Slip("Python's random number, as a tensor", NoiseMadeATensor, RECORDS_PYTHON),
    ),
    "01.4": (
        Slip("a trace in training mode", lambda: _resnet(training=True), EVAL_AFTER),
        Slip("eval after tracing", lambda: _resnet(training=True).eval(), EVAL_AFTER),
    ),
}
