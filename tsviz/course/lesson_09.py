"""Lesson 09: stepping a compiled model, and finding where numbers first go wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import LAST_LINE, NODE_ONCE, STEPS_MINE
from tsviz.course.trying import first_difference, scripted, shown
from tsviz.debugger import debug
from tsviz.frontends.torchscript import capture


class Settle(nn.Module):
    """Halves its input until no number is larger than one."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1  # pyright: ignore[reportUninitializedInstanceVariable, reportOperatorIssue, reportUnknownMemberType]
        while bool(x.abs().max() > 1):
            x = x / 2
        return x


class Entropy(nn.Module):
    """How undecided the softmax of each row is."""

    def forward(self, x: Tensor) -> Tensor:
        e = x.exp()
        p = e / e.sum(1, keepdim=True)
        return -(p * p.log()).sum(1)


class Whiten(nn.Module):
    """Each row with mean 0 and deviation 1: the transfer of the lesson."""

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(1, keepdim=True)
        x = x / x.std(1, keepdim=True)
        return torch.tanh(x)


class _Roots(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x - 1).sqrt().sum() * 2


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _stops(model: nn.Module, op: str, x: Tensor) -> int:
    with debug(capture(model, (x,), via="script")) as session:
        session.wait()
        session.break_at(op)
        count = 0
        while session.continue_().is_held:
            count += 1
        return count


def _called(model: nn.Module) -> float:
    return float(model.get_buffer("calls"))


def _rounds() -> str:
    return {1: "a", 3: "b"}[_stops(Settle().eval(), "aten::div", torch.tensor([5.0, 1.0]))]


def _calls() -> str:
    model = Settle().eval()
    _stops(model, "aten::div", torch.tensor([5.0, 1.0]))
    return "a" if _called(model) == 1 else "b"


def _first_bad() -> str:
    x = torch.tensor([[0.0, 1.0], [200.0, 0.0]])
    return {"aten::log": "a", "aten::div": "b", "aten::exp": "c"}[_not_finite(Entropy(), x)]


def _not_finite(model: nn.Module, x: Tensor) -> str:
    with debug(capture(model, (x,), via="script")) as session:
        session.wait()
        state = session.continue_(finite=True)
        return state.node.op if state.node is not None and state.is_held else ""


QUESTIONS = (
    Question(
        "09.a",
        "The graph of `Settle` has one node `aten::div`. A breakpoint stands on it, and the input "
        "is `[5, 1]`. How often is the run held?",
        (
            Choice("once: it is one node", "It stands in the block of a loop.", NODE_ONCE),
            Choice("three times", "Once a round: 5, 2.5, 1.25 are larger than one."),
        ),
        _rounds,
    ),
    Question(
        "09.b",
        "`forward` adds one to the buffer `calls`. The run was stepped to its end. What is "
        "`settle.calls` now?",
        (
            Choice("1", "Then looking would change what is looked at.", STEPS_MINE),
            Choice("0, as before", "What ran was a copy, with weights and buffers of its own."),
        ),
        _calls,
    ),
    Question(
        "09.c",
        "`Entropy` gives NaN for the row `[200, 0]`. Which node is the first whose result is not "
        "finite?",
        (
            Choice("`aten::log`, of a zero", "Its input is NaN already.", LAST_LINE),
            Choice("`aten::div`, of two large numbers", "Both are infinite by then.", LAST_LINE),
            Choice("`aten::exp`", "e to the 200 is more than a 32-bit float holds: it is inf."),
        ),
        _first_bad,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _counts(answer: Any) -> Iterator[Wrong]:
    for most in (0.5, 3.0, 40.0, 1000.0):
        model, x = Settle().eval(), torch.tensor([most, -0.1])
        expected = _halvings(most)
        got = answer(model, x)
        if _called(model):
            yield Wrong("`model.calls` has changed: your answer ran the model itself", STEPS_MINE)
        if got != expected:
            seen = f"for {most:g} yours says {got}, and the node runs {expected} times"
            yield Wrong(seen, NODE_ONCE)


def _halvings(most: float) -> int:
    count = 0
    while most > 1:
        most, count = most / 2, count + 1
    return count


def _finds(answer: Any) -> Iterator[Wrong]:
    cases: tuple[tuple[nn.Module, Tensor, str], ...] = (
        (Entropy(), torch.tensor([[300.0, 1.0]]), "aten::exp"),
        (_Roots(), torch.tensor([0.5, 4.0]), "aten::sqrt"),
        (Entropy(), torch.tensor([[-300.0, -400.0]]), "aten::div"),
        (Entropy(), torch.randn(3, 4), ""),
    )
    for model, x, expected in cases:
        got = answer(model, x)
        if got != expected:
            kind = type(model).__name__
            first = f"`{expected}` is the first" if expected else "everything is finite"
            seen = f"for `{kind}` on {shown(x)} yours says {got!r}, and {first}"
            yield Wrong(seen, LAST_LINE)


def _stable(answer: Any) -> Iterator[Wrong]:
    inputs = [torch.randn(3, 4), torch.randn(2, 4) + 5]
    flat = torch.full((2, 4), 7.0)
    flat[0] = torch.randn(4)
    compiled = scripted(answer)
    if seen := first_difference(compiled, Whiten(), inputs):
        yield Wrong(f"where `Whiten` is right, {seen}")
    result: Tensor = compiled(flat)
    if seen := first_difference(_first_row(compiled), _first_row(Whiten()), [flat]):
        yield Wrong(f"beside a row of equal numbers, {seen}", LAST_LINE)
    if not bool((result[1] == 0).all()):
        seen = f"a row of equal numbers becomes {shown(result[1])}, and its mean is 0"
        yield Wrong(seen, LAST_LINE)
    if op := _not_finite(answer, flat):
        yield Wrong(f"the result is finite, but `{op}` still gives what is not", LAST_LINE)


def _first_row(model: Any) -> Callable[[Tensor], Tensor]:
    return lambda x: model(x)[:1]


EXERCISES = (
    Exercise(
        "09.1",
        "Give a function `rounds(model, x)` that says how often `aten::div` runs in `model(x)`, "
        "and leaves the model as it is.",
        _counts,
        "Right for four inputs, from no round to ten, and the model was not run.",
    ),
    Exercise(
        "09.2",
        'Give a function `first_bad(model, x)` that returns the op, such as `"aten::exp"`, of the '
        'first node whose result is not finite, and `""` where there is none.',
        _finds,
        "It named the first of each, and said nothing where all was well.",
    ),
    Exercise(
        "09.3",
        "Give a module that computes what `Whiten` does, gives zeros for a row of equal numbers, "
        "and has no node whose result is not finite.",
        _stable,
        "The same where `Whiten` is right, zeros where it is not, and finite all the way.",
    ),
)

LESSON = Lesson(
    "09",
    "Stepping",
    "hold a compiled model at any node, look at what it computes, and find where numbers first go "
    "wrong",
    25,
    QUESTIONS,
    EXERCISES,
)
