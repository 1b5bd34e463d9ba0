"""Lesson 02: branches and loops of Python are gone once a model is traced."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import CHECK_TRACE, KEEPS_IF, KEEPS_LOOP, NO_WARNING
from tsviz.course.trying import (
    CHECK_FAILED,
    first_difference,
    first_graph_difference,
    is_compiled,
    not_compiled,
    refusal,
    same,
    shown,
    traced,
)
from tsviz.examples import get


class Gate(nn.Module):
    """The model of the notebook: twice the input if its sum is positive, else one less."""

    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x * 2
        return x - 1


class Rank(nn.Module):
    """A batch is averaged, a single sample is not."""

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() == 2:
            return x.mean(dim=0)
        return x


class Halve(nn.Module):
    """Halves until nothing is above one."""

    def forward(self, x: Tensor) -> Tensor:
        while bool(x.max() > 1):
            x = x / 2
        return x


class Limit(nn.Module):
    """Scales down what is too large: the model of exercise 02.1."""

    def forward(self, x: Tensor) -> Tensor:
        most = x.abs().max()
        if most > 5:
            x = x * 5 / most
        return x


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _other_branch() -> str:
    x = torch.full([3], -3.0)
    made, _ = traced(Gate(), torch.ones(3))
    if refusal(lambda: made(x)):
        return "c"
    return "a" if same(made(x), x - 1) else "b"


def _silent_branch() -> str:
    made, warned = traced(Rank(), torch.ones(4, 3))
    x = torch.arange(3.0)
    if warned:
        return "a"
    return "c" if first_graph_difference(made, Rank(), [x]) else "b"


def _checked() -> str:
    try:
        made, _ = traced(Gate(), torch.ones(3), check_trace=True)
    except CHECK_FAILED:
        return "a"
    x = torch.full([3], -3.0)
    return "b" if same(made(x), Gate()(x)) else "c"


def _rounds() -> str:
    made, _ = traced(Halve(), torch.tensor([8.0]))
    return {1.0: "a", 8.0: "b"}[float(made(torch.tensor([64.0])))]


QUESTIONS = (
    Question(
        "02.a",
        "`Gate` is traced with `torch.ones(3)`, whose sum is positive. What does the trace give "
        "for three times -3?",
        (
            Choice("`x - 1`, as the model does", "The trace gives `x * 2`.", KEEPS_IF),
            Choice(
                "`x * 2`, as the model does for the example",
                "The graph is one multiplication. Whatever comes in is doubled.",
            ),
            Choice(
                "an error, because this input takes the other branch",
                "The trace does not know that there was a branch, so it cannot refuse.",
                KEEPS_IF,
            ),
        ),
        _other_branch,
    ),
    Question(
        "02.b",
        "`Rank` branches on `x.dim() == 2`. It is traced with a batch, a tensor of two dimensions. "
        "What does tracing say, and is the trace right for a single sample?",
        (
            Choice(
                "it warns, and the trace is wrong for a sample",
                "`x.dim()` is a Python int. No tensor became a Python value, so nothing warned.",
                NO_WARNING,
            ),
            Choice(
                "it does not warn, and the trace is right",
                "It is silent, and still averages the sample away.",
                NO_WARNING,
            ),
            Choice(
                "it does not warn, and the trace is wrong for a sample",
                "A rank is a Python int: the branch is lost without a word.",
            ),
        ),
        _silent_branch,
    ),
    Question(
        "02.c",
        "`torch.jit.trace(gate, torch.ones(3), check_trace=True)`: what happens?",
        (
            Choice(
                "it raises, because the `if` was lost",
                "The check ran the same example again, and that took the same branch.",
                CHECK_TRACE,
            ),
            Choice(
                "the check passes, so the trace is right",
                "It passes, and the trace is wrong for every input with a negative sum.",
                CHECK_TRACE,
            ),
            Choice(
                "the check passes, and the trace is wrong for other inputs",
                "The check compares two runs of one example. `check_inputs=` gives it more.",
            ),
        ),
        _checked,
    ),
    Question(
        "02.d",
        "`Halve` halves until nothing is above 1. It is traced with 8, which takes three rounds. "
        "What does the trace give for 64?",
        (
            Choice("1: it halves six times", "The graph has no loop to go on with.", KEEPS_LOOP),
            Choice("8: it halves three times", "Three divisions stand in the graph, always three."),
            Choice("an error: too many rounds", "Nobody counts rounds any more.", KEEPS_LOOP),
        ),
        _rounds,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _counterexample(answer: Any) -> Iterator[Wrong]:
    model = Limit()
    made, _ = traced(model, torch.ones(3))
    if not isinstance(answer, Tensor):
        yield Wrong(f"expected a tensor, got {shown(answer)}")
    elif same(made(answer), model(answer)):
        seen = f"for {shown(answer)} the trace and the model agree"
        if float(answer.abs().max()) > 5:
            yield Wrong(f"{seen}, because it is scaled by a factor too near to 1")
        yield Wrong(f"{seen}: it takes the branch of the example", CHECK_TRACE)


def _traceable(answer: Any) -> Iterator[Wrong]:
    if is_compiled(answer):
        yield Wrong("this is compiled already; give the Python model, it is traced here")
        return
    inputs = [torch.randn(4) + shift for shift in (2, -2, 2, -2)]
    if seen := first_difference(answer, Gate(), inputs):
        yield Wrong(f"before any tracing, {seen}")
    for example in inputs[:2]:
        made, warned = traced(answer, example, check_trace=False)
        if seen := first_graph_difference(made, Gate(), inputs):
            yield Wrong(f"traced with {shown(example)}, {seen}", KEEPS_IF if warned else NO_WARNING)


def _compiled_loop(answer: Any) -> Iterator[Wrong]:
    if not is_compiled(answer):
        yield not_compiled(answer)
        return
    inputs = [torch.tensor([size, size / 3]) for size in (0.5, 3.0, 24.0, 1000.0)]
    if seen := first_graph_difference(answer, Halve(), inputs):
        yield Wrong(seen, KEEPS_LOOP)


def _decoder(answer: Any) -> Iterator[Wrong]:
    if not is_compiled(answer):
        yield not_compiled(answer)
        return
    model = get("decoder").build()
    for _ in range(8):
        sentence = torch.randn(1, 16)
        expected, got = model(sentence), answer(sentence)
        if not same(got, expected):
            seen = f"for a fresh sentence it says {len(got)} words, expected {len(expected)}"
            yield Wrong(seen, KEEPS_LOOP)


EXERCISES = (
    Exercise(
        "02.1",
        "Give a tensor of three numbers for which `Limit` and its trace, made with `torch.ones(3)`"
        ", differ.",
        _counterexample,
        "Model and trace differ on your input. A warning names a line; an input shows the harm.",
    ),
    Exercise(
        "02.2",
        "Give a module that computes what `Gate` does, and still does so after it was traced.",
        _traceable,
        "It was traced with a positive and with a negative example; both traces are right.",
    ),
    Exercise(
        "02.3",
        "Give a compiled `Halve` that is right for every size of its input.",
        _compiled_loop,
        "Right for no round, and for ten.",
    ),
    Exercise(
        "02.4",
        "Give a compiled form of the example `decoder` that says every sentence to its end.",
        _decoder,
        "Eight fresh sentences, each with its own number of words.",
    ),
)

LESSON = Lesson(
    "02",
    "Control flow that vanishes",
    "tell which branches and loops of a model a trace loses, prove it with an input, and repair it",
    25,
    QUESTIONS,
    EXERCISES,
)
