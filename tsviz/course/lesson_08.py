"""Lesson 08: what a time says, what scripting changes of it, and what threads get out of it."""

import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import ALWAYS_FASTER, FIRST_RUN, GIL_FREE, ONE_NUMBER
from tsviz.course.trying import first_difference, same, scripted
from tsviz.profiler import profile
from tsviz.profiler.noise import difference_of


class Wide(nn.Module):
    """Three large products."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.layers = nn.ModuleList([nn.Linear(512, 512) for _ in range(3)])

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


class Chain(nn.Module):
    """Many small operations, one after the other."""

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(40):
            x = torch.tanh(x * 0.5 + 0.1)
        return x


class Rows(nn.Module):
    """Works row by row: the transfer of the lesson."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.linear = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        rows: list[Tensor] = []
        for at in range(len(x)):
            rows.append(torch.tanh(self.linear(x[at])))
        return torch.stack(rows)


# ── observations ────────────────────────────────────────────────────────────────────────────────


class _Kernels(TorchDispatchMode):
    """Counts what PyTorch's dispatcher is asked for."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.names: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


def _kernels(call: Callable[..., Any], x: Tensor) -> list[str]:
    with _Kernels() as mode:
        call(x)
    return mode.names


def _products() -> str:
    model, x = Wide().eval(), torch.randn(4, 512)
    compiled = scripted(model)
    eager, script = (
        [name for name in _kernels(call, x) if "mm" in name] for call in (model, compiled)
    )
    return "b" if eager == script else "a" if len(script) < len(eager) else "c"


def _first_call() -> str:
    first, *_, last = profile(Wide().eval(), (torch.randn(4, 512),), runs=1).warm_up
    return "a" if first.words == last.words else "b"


def _four_percent() -> str:
    """The same two medians, once of calls that are all alike, once of calls that are not."""
    alike = [1.00, 1.01, 0.99] * 3, [1.04, 1.05, 1.03] * 3
    unlike = [1.00, 1.60, 0.70] * 3, [1.04, 1.64, 0.74] * 3
    told, noise = (difference_of(*series) for series in (alike, unlike))
    return {(False, True): "b", (False, False): "a", (True, True): "c"}[
        told.is_noise, noise.is_noise
    ]


def meet(here: Tensor, there: Tensor) -> bool:
    here.fill_(1)
    left = 100_000_000
    while int(there) == 0 and left > 0:
        left -= 1
    return int(there) == 1


def _beside() -> str:
    """Whether another Python thread runs while a compiled call does: each waits for the other."""
    here, there = torch.zeros((), dtype=torch.int64), torch.zeros((), dtype=torch.int64)
    over = threading.Event()

    def answer() -> None:
        while not int(here) and not over.is_set():
            pass
        there.fill_(1)

    other = threading.Thread(target=answer)
    other.start()
    met = scripted(meet)(here, there)
    over.set()
    other.join()
    return "b" if met else "a"


QUESTIONS = (
    Question(
        "08.a",
        "`Wide` is three large matrix products. What does scripting change of them?",
        (
            Choice(
                "fewer products: the compiler joins them",
                "Each needs what the one before gives, so there are three in both.",
                ALWAYS_FASTER,
            ),
            Choice(
                "nothing: the same three, by the same kernels",
                "What takes the time is in the kernels, and those are PyTorch's in both.",
            ),
            Choice(
                "each product gets a faster kernel",
                "Both ask the dispatcher for the same op, so the kernel is the same.",
                ALWAYS_FASTER,
            ),
        ),
        _products,
    ),
    Question(
        "08.b",
        "You time one call of a model that was just scripted. What is in that time?",
        (
            Choice(
                "what each later call takes, too",
                "The executor compiled in that call; later ones find the plan made.",
                FIRST_RUN,
            ),
            Choice(
                "compiling, and a run of a graph that is not the final plan",
                "What the executor did in each call of the warm-up is in the profile.",
            ),
        ),
        _first_call,
    ),
    Question(
        "08.c",
        "Nine calls of one variant take 1.00 ms at the median, nine of the other 1.04 ms. "
        "Is the first faster?",
        (
            Choice(
                "yes, by 4 %",
                "If single calls take from 0.7 to 1.6 ms, these two medians say nothing.",
                ONE_NUMBER,
            ),
            Choice(
                "the two medians do not say: how far do the calls spread?",
                "Between 0.99 and 1.05 ms it is faster; between 0.7 and 1.6 ms it is noise.",
            ),
            Choice(
                "no, 4 % is always noise",
                "If all calls lie within 1 % of their median, 4 % is far outside.",
                ONE_NUMBER,
            ),
        ),
        _four_percent,
    ),
    Question(
        "08.d",
        "A compiled call gives Python's lock (the GIL) up until it returns. What is that good for?",
        (
            Choice(
                "the call itself is faster",
                "It runs the same kernels. It only keeps no one else waiting.",
                GIL_FREE,
            ),
            Choice(
                "other Python threads can go on meanwhile",
                "A compiled call waited in a loop for another Python thread, and was answered.",
            ),
        ),
        _beside,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


class _Watched:
    """A call that takes its time from a list, on a clock of its own; the first three warm up."""

    def __init__(self, unit: float) -> None:
        self._unit, self._now = unit, 0.0
        self.calls, self.first_look = 0, -1

    def call(self) -> None:
        at = self.calls
        self.calls += 1
        warm = 40.0 if at % 7 == 6 else (1.0, 1.1, 0.9)[at % 3]
        self._now += self._unit * ((200.0, 90.0, 30.0)[at] if at < 3 else warm)

    def clock(self) -> float:
        if self.first_look < 0:
            self.first_look = self.calls
        return self._now


def _typical(answer: Any) -> Iterator[Wrong]:
    for unit in (1.0, 0.002):
        watched = _Watched(unit)
        said = answer(watched.call, watched.clock)
        if not watched.calls or not isinstance(said, int | float):
            yield Wrong(f"it made {watched.calls} calls and gave {said!r}, expected a time")
        elif not 0.85 * unit <= said <= 1.15 * unit:
            early = watched.first_look < 3
            seen = (
                f"a warm call took {unit:g}, and now and then 40 times that; yours gives {said:g}"
            )
            yield Wrong(seen, FIRST_RUN if early else ONE_NUMBER)


def _faster(answer: Any) -> Iterator[Wrong]:
    steady, other = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95, 1.0, 1.02, 0.98], [2.0, 2.2, 1.9] * 3
    wide = [1.0, 3.0, 2.0, 5.0, 1.5, 4.0, 2.5, 3.5, 4.5]
    shifted = [time + 0.2 for time in reversed(wide)]
    series = ((steady, other), (other, steady), (wide, shifted), (shifted, wide), (wide, wide))
    for before, after in series:
        apart = difference_of(before, after)
        truth = None if apart.is_noise else "before" if apart.low > 0 else "after"
        said = answer(list(before), list(after))
        if said != truth:
            seen = f"for {before} and {after} yours gives {said!r}, expected {truth!r}"
            yield Wrong(seen, ONE_NUMBER if truth is None else None)


_PATIENCE = 2.0
"""Seconds that a call waits for another beside it; calls that are made at once do not wait."""


def _at_once(answer: Any) -> Iterator[Wrong]:
    """Two calls have to be in at the same time."""
    both = threading.Barrier(2)
    alone = threading.Event()

    def call(x: Tensor) -> Tensor:
        try:
            both.wait(_PATIENCE)
        except threading.BrokenBarrierError:
            alone.set()
        return x * 2

    inputs = [torch.full((2,), float(at)) for at in range(4)]
    found = answer(call, inputs)
    if not isinstance(found, list | tuple):
        yield Wrong(f"it gives {type(found).__name__}, expected a list of 4 results")
        return
    results = cast("list[Any]", found)
    if [same(one, x * 2) for one, x in zip(results, inputs, strict=False)] != [True] * 4:
        yield Wrong(f"it gives {results!r}, expected the results of 4 calls in their order")
    elif alone.is_set():
        yield Wrong("no two calls were made at the same time", GIL_FREE)


def _batched(answer: Any) -> Iterator[Wrong]:
    truth = Rows()
    truth.load_state_dict(answer.state_dict())
    inputs = [torch.randn(rows, 8) for rows in (1, 3, 12)]
    if seen := first_difference(answer, truth, inputs):
        yield Wrong(seen)
    few, many = (len(_kernels(answer, x)) for x in inputs[1:])
    if many > few:
        seen = f"for 3 rows it calls {few} kernels, for 12 rows {many}"
        yield Wrong(seen, ALWAYS_FASTER)


EXERCISES = (
    Exercise(
        "08.1",
        "Give a function `typical(call, clock)` that says how long a warm `call()` typically "
        "takes, by the clock it is given.",
        _typical,
        "The first calls were left out, and rare slow ones did not count.",
    ),
    Exercise(
        "08.2",
        'Give a function `faster(before, after)` of two lists of times: it returns "before", '
        '"after", or `None` where the difference is noise.',
        _faster,
        "It told what differs from what only seems to.",
    ),
    Exercise(
        "08.3",
        "Give a function `all_of(call, inputs)` that calls `call` on each input, several at the "
        "same time, and returns the results in the order of the inputs.",
        _at_once,
        "Two calls were in at the same time, and the results came in order.",
    ),
    Exercise(
        "08.4",
        "Give a module that computes what `Rows` does, with as many kernels for many rows as for "
        "few.",
        _batched,
        "The same numbers, and as many kernels for 12 rows as for 3.",
    ),
)

LESSON = Lesson(
    "08",
    "Is it faster?",
    "say what a measured time is worth, what scripting changes of it, and when threads gain by it",
    25,
    QUESTIONS,
    EXERCISES,
)
