"""Lesson 04: scripting compiles the source, and its types are not Python's."""

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Misconception, Question, Wrong
from tsviz.course.misconceptions import HINT, ONLY_TENSORS, RUNS_PYTHON, STRAIGHT
from tsviz.course.trying import first_difference, first_graph_difference, refusal, same, scripted

# Functions without annotations are what the lesson is about.
# pyright: reportUnknownParameterType=false, reportMissingParameterType=false
# pyright: reportUnknownVariableType=false

FACTOR = 2.0
WEIGHTS = [0.5, 2.0]


class Chatty(nn.Module):
    """Says when it runs."""

    def forward(self, x: Tensor) -> Tensor:
        print("forward runs")  # noqa: T201 (whether it prints is the question)
        return x + 1


def scale(x):
    return x * FACTOR


def power(x, n):
    return x**n


class Gate(nn.Module):
    """The model of lesson 02."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x * 2
        return x - 1


class Blend(nn.Module):
    """A weighted sum of named parts: the transfer of the lesson."""

    def forward(self, parts, sharpen):
        total = torch.zeros(3)
        for name in parts:
            total = total + parts[name] * WEIGHTS[0]
        return total * WEIGHTS[1] if sharpen else total


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _prints() -> str:
    with redirect_stdout(io.StringIO()) as said:
        made = scripted(Chatty())
        for _ in range(3):
            made(torch.ones(1))
    return {4: "a", 3: "b", 0: "c"}[said.getvalue().count("forward runs")]


def _global() -> str:
    return "c" if refusal(lambda: scripted(scale)) else "a"


def _unannotated() -> str:
    if refusal(lambda: scripted(power)):
        return "b"
    made = scripted(power)
    return "c" if refusal(lambda: made(torch.ones(2), 2)) else "a"


def _branch() -> str:
    x = torch.full([3], -3.0)
    return "b" if same(scripted(Gate())(x), x - 1) else "a"


QUESTIONS = (
    Question(
        "04.a",
        "`Chatty` prints in its `forward`. It is scripted, and the result is called three times. "
        "How often is the line printed?",
        (
            Choice(
                "four times: while scripting, and at each call",
                "Scripting read the source and ran nothing.",
                RUNS_PYTHON,
            ),
            Choice("three times: at each call", "`print` was compiled: there is a `prim::Print`."),
            Choice(
                "never: `print` is no tensor operation",
                "That was tracing. The source is compiled as a whole.",
                ONLY_TENSORS,
            ),
        ),
        _prints,
    ),
    Question(
        "04.b",
        "`scale` multiplies by a global number of Python, `FACTOR = 2.0`. What does scripting it "
        "do?",
        (
            Choice(
                "it compiles, and reads `FACTOR` at each call",
                "Python's globals are not there when TorchScript runs.",
                RUNS_PYTHON,
            ),
            Choice(
                "it compiles with 2.0",
                "A global number may change, so the compiler does not take it for a constant.",
                RUNS_PYTHON,
            ),
            Choice("it is refused", "A value has to come in: as argument, local, or attribute."),
        ),
        _global,
    ),
    Question(
        "04.c",
        "`power(x, n)` has no annotations. It is scripted and called as `power(x, 2)`. What "
        "happens?",
        (
            Choice(
                "it works: `n` is an int",
                "Types are settled when it is compiled, and no one had said int.",
                HINT,
            ),
            Choice(
                "it is not compiled: types are missing",
                "A missing annotation has a meaning: Tensor.",
                HINT,
            ),
            Choice(
                "it is compiled, and the call is refused",
                "`n` is a Tensor for the compiler, and 2 is none.",
            ),
        ),
        _unannotated,
    ),
    Question(
        "04.d",
        "`Gate`, whose trace always doubled, is scripted. What does that give for three times -3?",
        (
            Choice("-6: doubled", "The graph holds a `prim::If` with both branches.", STRAIGHT),
            Choice("-4: one less", "The graph holds both branches, and decides at each call."),
        ),
        _branch,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _judged(
    answer: Any, truth: Callable[..., Any], calls: list[tuple[Any, ...]]
) -> Iterator[Wrong]:
    """Compares an answer with `truth`, as Python and then scripted."""
    expected = _spread(truth)
    if seen := first_difference(_spread(answer), expected, calls):
        yield Wrong(f"before any scripting, {seen}")
    if why := refusal(lambda: scripted(answer)):
        yield Wrong(f"it does not compile: {why}", _behind(why))
        return
    made = scripted(answer)
    if seen := first_graph_difference(_spread(made), expected, calls):
        yield Wrong(f"scripted, {seen}", _behind(seen))


def _spread(function: Callable[..., Any]) -> Callable[[tuple[Any, ...]], Any]:
    return lambda call: function(*call)


def _behind(refused: str) -> Misconception:
    return RUNS_PYTHON if "python value" in refused or "global" in refused else HINT


def _repeat(answer: Any) -> Iterator[Wrong]:
    yield from _judged(answer, _doubled, [(torch.randn(2), times) for times in (0, 1, 5)])


def _doubled(x: Tensor, times: int) -> Tensor:
    return x * 2**times


def _limit(answer: Any) -> Iterator[Wrong]:
    x = torch.randn(4)
    yield from _judged(answer, _limited, [(x, 0.5), (x, None), (x,), (x, -1.0)])


def _limited(x: Tensor, most: float | None = None) -> Tensor:
    return x if most is None else x.clamp(max=most)


def _factor(answer: Any) -> Iterator[Wrong]:
    yield from _judged(answer, _tripled, [(torch.randn(size),) for size in (1, 4)])
    made = scripted(answer)
    made.factor = 0.5
    x = torch.randn(3)
    if seen := first_graph_difference(made, _halved, [x]):
        yield Wrong(f"with `factor` set to 0.5, {seen}", RUNS_PYTHON)


def _tripled(x: Tensor) -> Tensor:
    return x * 3


def _halved(x: Tensor) -> Tensor:
    return x / 2


def _blend(answer: Any) -> Iterator[Wrong]:
    parts = {name: torch.randn(3) for name in ("base", "detail", "edge")}
    calls: list[tuple[Any, ...]] = [(parts, True), (parts, False), ({"base": parts["edge"]}, True)]
    yield from _judged(answer, Blend(), calls)


EXERCISES = (
    Exercise(
        "04.1",
        "Give a function `repeat(x, times)` that doubles a tensor as often as a number says, and "
        "can be scripted.",
        _repeat,
        "Scripted, it doubled a fresh tensor never, once and five times.",
    ),
    Exercise(
        "04.2",
        "Give a function `limit(x, most=None)` that clamps from above, or returns `x` where there "
        "is no limit, and can be scripted.",
        _limit,
        "Scripted, it was called with a limit, with `None`, and without either.",
    ),
    Exercise(
        "04.3",
        "Give a module that multiplies by its attribute `factor`, which is 3, and can be scripted.",
        _factor,
        "Scripted, it multiplies by 3, and by another `factor` once that is set.",
    ),
    Exercise(
        "04.4",
        "Give a module that computes what `Blend` does, and can be scripted.",
        _blend,
        "Scripted, it blended fresh parts, sharpened and not.",
    ),
)

LESSON = Lesson(
    "04",
    "Scripting and its types",
    "say what scripting does with a source, read its refusals, and give it the types it asks for",
    25,
    QUESTIONS,
    EXERCISES,
)
