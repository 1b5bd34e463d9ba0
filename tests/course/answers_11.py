"""Reference answers of lesson 11, and what learners typically answer instead."""

from collections.abc import Callable
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from tests.course.answer import Slip
from tsviz.course.lesson_11 import Gate
from tsviz.course.misconceptions import EVERY_SIZE, FIRST_RUN, KEEPS_LOOP, NEW_TRACING, RUNS_HERE
from tsviz.course.trying import exported, loaded, scripted, traced


class ExportableGate(Gate):
    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(x)
        return torch.cond(y.sum() > 0, lambda y: y.relu(), lambda y: y * 0.1, (y,))


class ItemGate(Gate):
    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(x)
        return y.relu() if y.sum().item() > 0 else y * 0.1


def export_rows(model: nn.Module, x: Tensor) -> Any:
    return exported(model, x, dynamic_shapes=({0: torch.export.Dim("rows")},))


def export_as_it_is(model: nn.Module, x: Tensor) -> Any:
    return exported(model, x)


def export_few_rows(model: nn.Module, x: Tensor) -> Any:
    return exported(model, x, dynamic_shapes=({0: torch.export.Dim("rows", max=64)},))


def _times(call: Callable[[], object], clock: Callable[[], float], number: int) -> list[float]:
    times: list[float] = []
    for _ in range(number):
        start = clock()
        call()
        times.append(clock() - start)
    return times


def steady(call: Callable[[], object], clock: Callable[[], float]) -> float:
    return median(_times(call, clock, 25)[5:])


def first_only(call: Callable[[], object], clock: Callable[[], float]) -> float:
    return _times(call, clock, 1)[0]


def mean_of_all(call: Callable[[], object], clock: Callable[[], float]) -> float:
    return sum(_times(call, clock, 20)) / 20


def save_scripted(model: nn.Module, path: str) -> None:
    scripted(model).save(path)


def save_traced(model: nn.Module, path: str) -> None:
    traced(model, torch.full([2, 4], 4.0), check_trace=False)[0].save(path)


def save_compiled(model: nn.Module, path: str) -> None:
    torch.save(torch.compile(model, backend="eager"), path)


def save_exported(model: nn.Module, path: str) -> None:
    torch.export.save(exported(model, torch.ones(2, 4)), path)


def load_object(path: str) -> Any:
    return torch.load(path, weights_only=False)


def load_exported(path: str) -> Any:
    return torch.export.load(path).module()


RIGHT = {
    "11.1": ExportableGate,
    "11.2": lambda: export_rows,
    "11.3": lambda: steady,
    "11.4": lambda: (save_scripted, loaded),
}

WRONG = {
    "11.1": (
        Slip("the gate as it is", Gate, NEW_TRACING),
        Slip("a number of Python", ItemGate, NEW_TRACING),
    ),
    "11.2": (
        Slip("nothing said of sizes", lambda: export_as_it_is, EVERY_SIZE),
        Slip("too few rows", lambda: export_few_rows, EVERY_SIZE),
    ),
    "11.3": (
        Slip("the first call", lambda: first_only, FIRST_RUN),
        Slip("the mean of all", lambda: mean_of_all, FIRST_RUN),
    ),
    "11.4": (
        Slip("a trace", lambda: (save_traced, loaded), KEEPS_LOOP),
        Slip("compiled", lambda: (save_compiled, load_object), RUNS_HERE),
        Slip("exported", lambda: (save_exported, load_exported), NEW_TRACING),
    ),
}
