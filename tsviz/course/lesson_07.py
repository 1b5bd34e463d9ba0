"""Lesson 07: from an error of TorchScript's to one's own line, and what it does not know."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import (
    HINT,
    INNERMOST,
    NO_ORIGIN,
    ONLY_OWN_OPS,
    REPLAYS_VALUES,
    RUNS_HERE,
    RUNS_PYTHON,
)
from tsviz.course.trying import first_difference, loaded, refusal, scripted
from tsviz.frontends import is_torch
from tsviz.frontends.failures import Explanation, explain
from tsviz.frontends.torchscript import capture


class Head(nn.Module):
    """Four numbers in, `width` out."""

    def __init__(self, width: int) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.project = nn.Linear(4, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.project(x)


class Heads(nn.Module):
    """The second head gives six numbers, and the third takes four."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.heads = nn.ModuleList([Head(4), Head(6), Head(4)])

    def forward(self, x: Tensor) -> Tensor:
        for head in self.heads:
            x = head(x)
        return x


class Median(nn.Module):
    """What lies in the middle of each row, by NumPy."""

    def forward(self, x: Tensor) -> Tensor:
        middle = x.shape[1] // 2
        rows = x.numpy().copy()
        rows.sort(axis=1)
        return torch.from_numpy(rows[:, middle])  # pyright: ignore[reportUnknownMemberType]


def width(shape):  # type: ignore[no-untyped-def]
    return shape["width"]  # pyright: ignore[reportUnknownVariableType]


class Resized(nn.Module):
    """Scales its input by an entry of a dictionary: the transfer of the lesson."""

    def forward(self, x: Tensor, shape: dict[str, int]) -> Tensor:
        return x * width(shape)


@torch.library.custom_op("course_lesson::clip", mutates_args=())
def _clip(x: Tensor, most: float) -> Tensor:
    return x.clamp(-most, most)


class _Clipped(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.course_lesson.clip(x, 2.0)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType, reportAttributeAccessIssue]


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _explained(model: Any) -> Explanation:
    try:
        model(torch.ones(2, 4))
    except RuntimeError as error:
        return explain(error)
    raise AssertionError


def _innermost() -> str:
    found = _explained(scripted(Heads()))
    return "b" if is_torch(found.frames[0].file) else "a"


def _origin() -> str:
    found = _explained(_reloaded(scripted(Heads())))
    return "b" if any(frame.file == __file__ for frame in found.frames) else "a"


def _reloaded(model: Any) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        model.save(str(path))
        return loaded(path)


def _own_op() -> str:
    try:
        graph = capture(_Clipped(), via="script").graph
    except RuntimeError:
        return "a"
    return "b" if any(node.op == "course_lesson::clip" for node in graph.iter_nodes()) else "a"


QUESTIONS = (
    Question(
        "07.a",
        "`Heads`, scripted, fails on a row of four numbers. The call stack that PyTorch prints "
        "ends with the innermost line. Whose is it?",
        (
            Choice("mine: the line I have to change", "It is in `nn.Linear`.", INNERMOST),
            Choice(
                "PyTorch's own",
                "`nn.Linear` noticed. Your line is one further out, and the cause, the head before "
                "it, is in no line of the stack at all.",
            ),
        ),
        _innermost,
    ),
    Question(
        "07.b",
        "The model is saved, sent away, and loaded where your file is not. It fails there. Does "
        "the error know your line?",
        (
            Choice("no: the file has code of its own", "It has that as well.", NO_ORIGIN),
            Choice("yes", "Each line of the archive's code is kept with the place it came from."),
        ),
        _origin,
    ),
    Question(
        "07.c",
        "`clip` is a Python function, registered as the operator `course::clip`. What does "
        "scripting make of a call of `torch.ops.course.clip`?",
        (
            Choice("it refuses the call", "It would refuse `clip` itself.", ONLY_OWN_OPS),
            Choice(
                "a node `course::clip`",
                "The graph has its name. What it does is looked up where the model is loaded.",
            ),
        ),
        _own_op,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _refuses(answer: Any) -> Iterator[Wrong]:
    if why := refusal(lambda: scripted(answer)):
        yield Wrong(f"it cannot be scripted: {why}", RUNS_PYTHON)
    compiled = scripted(answer)
    project = answer.project
    if seen := first_difference(compiled, project, [torch.randn(2, 4), torch.randn(5, 4)]):
        yield Wrong(f"on rows of four, {seen}")
    for got in (3, 7):
        why = refusal(lambda got=got: compiled(torch.randn(2, got)))
        if not why:
            yield Wrong(f"rows of {got} are not refused")
        if "mat1" in why or str(got) not in why or "4" not in why:
            seen = f'for rows of {got} it says "{why}", which names not both, 4 and {got}'
            yield Wrong(seen, INNERMOST)


def _scripts(answer: Any) -> Iterator[Wrong]:
    if why := refusal(lambda: scripted(answer)):
        yield Wrong(f"it cannot be scripted: {why}", RUNS_PYTHON)
    compiled = scripted(answer)
    if why := refusal(lambda: _reloaded(compiled)):
        yield Wrong(f"it cannot be saved: {why}", RUNS_HERE)
    again = _reloaded(compiled)
    inputs = [torch.randn(3, 5), torch.randn(2, 4), torch.randn(1, 1)]
    if seen := first_difference(again, _median, inputs):
        yield Wrong(f"saved and loaded, {seen}", REPLAYS_VALUES)


def _median(x: Tensor) -> Tensor:
    return Median()(x)


def _typed(answer: Any) -> Iterator[Wrong]:
    if why := refusal(lambda: scripted(answer)):
        yield Wrong(f"it cannot be scripted: {why}", INNERMOST)
    compiled = scripted(answer)
    for number in (2, 7):
        ours, truth = _resized(compiled, number), _resized(Resized(), number)
        if seen := first_difference(ours, truth, [torch.randn(3)]):
            yield Wrong(f'with `{{"width": {number}}}`, {seen}', HINT)


def _resized(model: Any, number: int) -> Callable[[Tensor], Tensor]:
    return lambda x: model(x, {"width": number})


EXERCISES = (
    Exercise(
        "07.1",
        "Give a `Head` that refuses rows of other than four numbers itself, with an error that "
        "names both widths.",
        _refuses,
        "It is scripted, right for rows of four, and says of others what it got and what it takes.",
    ),
    Exercise(
        "07.2",
        "Give a module that computes what `Median` does, and can be scripted, saved and loaded.",
        _scripts,
        "It was scripted, saved, loaded, and right for rows of five, four and one.",
    ),
    Exercise(
        "07.3",
        "Give a module that does what `Resized` is meant to do, and can be scripted.",
        _typed,
        "It was scripted, and uses the number that it is given.",
    ),
)

LESSON = Lesson(
    "07",
    "Errors, back to your line",
    "get from what TorchScript says to the line to change, and give it what it does not know",
    25,
    QUESTIONS,
    EXERCISES,
)
