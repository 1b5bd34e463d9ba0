"""Reference answers of lesson 08, and what learners typically answer instead."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import mean, median, quantiles
from threading import Thread

import torch
from torch import Tensor

from tests.course.answer import Slip
from tsviz.course.lesson_08 import Rows
from tsviz.course.misconceptions import ALWAYS_FASTER, FIRST_RUN, GIL_FREE, ONE_NUMBER
from tsviz.course.trying import scripted

Call = Callable[[], object]
Clock = Callable[[], float]


def times_of(call: Call, clock: Clock, *, warm_up: int) -> list[float]:
    for _ in range(warm_up):
        call()
    times: list[float] = []
    for _ in range(21):
        start = clock()
        call()
        times.append(clock() - start)
    return times


def typical(call: Call, clock: Clock) -> float:
    return median(times_of(call, clock, warm_up=5))


def typical_of_the_first(call: Call, clock: Clock) -> float:
    start = clock()
    call()
    return clock() - start


def typical_without_warm_up(call: Call, clock: Clock) -> float:
    return mean(times_of(call, clock, warm_up=0))


def typical_on_average(call: Call, clock: Clock) -> float:
    return mean(times_of(call, clock, warm_up=5))


def faster(before: list[float], after: list[float]) -> str | None:
    (low_before, _, high_before), (low_after, _, high_after) = (
        quantiles(times, n=4) for times in (before, after)
    )
    if high_before < low_after:
        return "before"
    return "after" if high_after < low_before else None


def faster_by_median(before: list[float], after: list[float]) -> str | None:
    return "before" if median(before) < median(after) else "after"


def faster_by_the_best(before: list[float], after: list[float]) -> str | None:
    return "before" if min(before) < min(after) else "after"


def all_at_once(call: Callable[[Tensor], Tensor], inputs: Sequence[Tensor]) -> list[Tensor]:
    with ThreadPoolExecutor(len(inputs)) as pool:
        return list(pool.map(call, inputs))


def one_by_one(call: Callable[[Tensor], Tensor], inputs: Sequence[Tensor]) -> list[Tensor]:
    return [call(x) for x in inputs]


def each_in_a_thread_alone(
    call: Callable[[Tensor], Tensor], inputs: Sequence[Tensor]
) -> list[Tensor]:
    results: list[Tensor] = []
    for x in inputs:
        thread = Thread(target=lambda x=x: results.append(call(x)))
        thread.start()
        thread.join()
    return results


class BatchedRows(Rows):
    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear(x))


RIGHT = {
    "08.1": lambda: typical,
    "08.2": lambda: faster,
    "08.3": lambda: all_at_once,
    "08.4": BatchedRows,
}

WRONG = {
    "08.1": (
        Slip("the first call", lambda: typical_of_the_first, FIRST_RUN),
        Slip("no warm-up", lambda: typical_without_warm_up, FIRST_RUN),
        Slip("the mean", lambda: typical_on_average, ONE_NUMBER),
    ),
    "08.2": (
        Slip("the smaller median", lambda: faster_by_median, ONE_NUMBER),
        Slip("the best call", lambda: faster_by_the_best, ONE_NUMBER),
    ),
    "08.3": (
        Slip("one by one", lambda: one_by_one, GIL_FREE),
        Slip("a thread each, in turn", lambda: each_in_a_thread_alone, GIL_FREE),
    ),
    "08.4": (
        Slip("the model as it is", Rows, ALWAYS_FASTER),
        Slip("scripted", lambda: scripted(Rows()), ALWAYS_FASTER),
    ),
}
