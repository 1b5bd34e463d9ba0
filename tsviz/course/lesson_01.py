"""Lesson 01: tracing runs the model once, and keeps the tensor operations of that run."""

import io
import random
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import EVAL_AFTER, READS_SOURCE, RECORDS_PYTHON, REPLAYS_VALUES
from tsviz.course.trying import is_compiled, not_compiled, same, shown, traced
from tsviz.examples import get


class Chatty(nn.Module):
    """Says when it runs."""

    def forward(self, x: Tensor) -> Tensor:
        print("forward runs")  # noqa: T201 (whether a trace prints is the question)
        return x + 1


class Jitter(nn.Module):
    """Adds two random numbers, one of Python's and one of PyTorch's."""

    def forward(self, x: Tensor) -> Tensor:
        return x + random.random() + torch.rand(1)


class Head(nn.Module):
    """The end of a classifier, with dropout."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.linear = nn.Linear(4, 4)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.linear(x))


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _prints() -> str:
    with redirect_stdout(io.StringIO()) as said:
        made, _ = traced(Chatty(), torch.ones(1), check_trace=False)
        for _ in range(3):
            made(torch.ones(1))
    return {4: "a", 1: "b", 0: "c"}[said.getvalue().count("forward runs")]


def _draws() -> str:
    x = torch.zeros(1)
    made, _ = traced(Jitter(), x, check_trace=False)
    torch.default_generator.manual_seed(1)
    first = made(x)
    torch.default_generator.manual_seed(1)
    # From one seed PyTorch draws the same, so what differs then is Python's number.
    python_is_new = not same(first, made(x))
    torch_is_new = not same(first, made(x))
    return {(True, True): "a", (False, True): "b", (False, False): "c"}[python_is_new, torch_is_new]


def _drops() -> str:
    x = torch.ones(1, 4)
    made, _ = traced(Head(), x, check_trace=False)
    made.eval()
    return "a" if all(same(made(x), made(x)) for _ in range(10)) else "b"


QUESTIONS = (
    Question(
        "01.a",
        "`Chatty` prints in its `forward`. It is traced with `check_trace=False`, and the trace is "
        "called three times. How often is the line printed?",
        (
            Choice(
                "four times: while tracing, and at each call",
                "A call of the trace runs the graph. Python's `forward` is not involved.",
                RECORDS_PYTHON,
            ),
            Choice("once: while tracing", "Tracing is one run of the model, watched by PyTorch."),
            Choice(
                "never: the model is compiled, not run",
                "It printed while it was traced, because tracing runs it.",
                READS_SOURCE,
            ),
        ),
        _prints,
    ),
    Question(
        "01.b",
        "`Jitter` adds `random.random()` and `torch.rand(1)`. Which of the two numbers is a new "
        "one at each call of the trace?",
        (
            Choice(
                "both",
                "Python's number was drawn while the example ran, and is a constant now.",
                RECORDS_PYTHON,
            ),
            Choice(
                "only PyTorch's", "`aten::rand` is in the graph; Python's number is a constant."
            ),
            Choice("neither", "`aten::rand` is in the graph, and draws each time.", REPLAYS_VALUES),
        ),
        _draws,
    ),
    Question(
        "01.c",
        "`Head` is traced as it comes, in training mode. Then `traced.eval()` is called. What does "
        "its dropout do?",
        (
            Choice(
                "nothing: the trace gives the same each time",
                "It goes on dropping: `training=True` is a constant of the graph.",
                EVAL_AFTER,
            ),
            Choice("it goes on dropping", "The graph says `aten::dropout(…, True)` for good."),
            Choice(
                "an error: a trace has no `eval`",
                "It has one, which sets a flag and changes no graph.",
                EVAL_AFTER,
            ),
        ),
        _drops,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _inference(answer: Any) -> Iterator[Wrong]:
    if not is_compiled(answer):
        yield not_compiled(answer)
        return
    model = Head().eval()
    model.load_state_dict(answer.state_dict())
    for _ in range(5):
        x = torch.randn(3, 4)
        if not same(answer(x), model(x)):
            again = "" if same(answer(x), answer(x)) else ", and another at the next call"
            seen = f"for {shown(x)} it gives {shown(answer(x))}{again}, expected {shown(model(x))}"
            yield Wrong(seen, EVAL_AFTER)


def _counts(answer: Any) -> Iterator[Wrong]:
    made, _ = traced(answer, torch.zeros(2), check_trace=False)
    for run, name in ((answer, "before any tracing"), (made, "traced")):
        x = torch.randn(2)
        added = [run(x) - x for _ in range(4)]
        steps = [later - earlier for earlier, later in pairwise(added)]
        if not all(torch.allclose(step, torch.ones(2)) for step in steps):
            numbers = ", ".join(f"{float(one[0]):.3g}" for one in added)
            behind = RECORDS_PYTHON if run is made else None
            yield Wrong(f"{name}, four calls for {shown(x)} add {numbers}", behind)


def _draws_anew(answer: Any) -> Iterator[Wrong]:
    made, _ = traced(answer, torch.zeros(3), check_trace=False)
    for run, name in ((answer, "before any tracing"), (made, "traced")):
        x = torch.randn(3)
        added = [run(x) - x for _ in range(6)]
        if not all(float(one.min()) >= -1e-5 and float(one.max()) <= 1 + 1e-5 for one in added):
            seen = f"{name}, it adds {shown(added[0])} to {shown(x)}, expected between 0 and 1"
            yield Wrong(seen)
        if any(same(one, added[0]) for one in added[1:]):
            behind = RECORDS_PYTHON if run is made else None
            yield Wrong(f"{name}, it adds {shown(added[0])} more than once", behind)


def _resnet(answer: Any) -> Iterator[Wrong]:
    if not is_compiled(answer):
        yield not_compiled(answer)
        return
    model = get("resnet-tiny").build()
    model.load_state_dict(answer.state_dict())
    batch = torch.randn(3, *get("resnet-tiny").inputs()[0].shape[1:])
    alone, together = answer(batch[:1]), answer(batch)[:1]
    if not torch.allclose(alone, together, rtol=1e-3, atol=1e-4):
        seen = "what it says of a picture depends on the other pictures of the batch"
        yield Wrong(seen, EVAL_AFTER)
    elif not torch.allclose(alone, model(batch[:1]), rtol=1e-3, atol=1e-4):
        yield Wrong("it is not what the model says in eval mode", EVAL_AFTER)


EXERCISES = (
    Exercise(
        "01.1",
        "Give a trace of a `Head` that is fit for inference: nothing dropped.",
        _inference,
        "Five fresh batches, each as the model in eval mode says.",
    ),
    Exercise(
        "01.2",
        "Give a module that adds the number of its calls so far, and counts on after it was "
        "traced.",
        _counts,
        "Four calls of your module, and four of its trace: each adds one more than the last.",
    ),
    Exercise(
        "01.3",
        "Give a module that adds a new random number between 0 and 1 at each call, traced or not.",
        _draws_anew,
        "Six calls of your module, six of its trace: no number came twice.",
    ),
    Exercise(
        "01.4",
        "Give a trace of `resnet` that says the same of a picture whatever else is in the batch.",
        _resnet,
        "One picture alone, and in a batch of three: the same, and what eval mode says.",
    ),
)

LESSON = Lesson(
    "01",
    "What a trace records",
    "say what is in a trace and what is not, and make one that is fit for inference",
    25,
    QUESTIONS,
    EXERCISES,
)
