"""Lesson 03: which sizes, types and tensors of the example stay in a trace as constants."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import (
    ALL_SIZES,
    ALL_TENSORS,
    CHECKS_SIZES,
    FOLLOWS_DTYPE,
    FOLLOWS_SIZE,
)
from tsviz.course.trying import (
    first_difference,
    first_graph_difference,
    is_compiled,
    not_compiled,
    refusal,
    same,
    traced,
)


class Flat(nn.Module):
    """One row a picture, whatever its other sizes."""

    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.size(0), -1)


class RowMean(nn.Module):
    """The mean of all rows."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(0) / len(x)


class Running(nn.Module):
    """Running totals of three numbers, as a product with a triangle of ones."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ torch.ones(3, 3, dtype=x.dtype).triu()


class Scaled(nn.Module):
    """Scales by a tensor that is a plain attribute."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.scale = torch.tensor([1.0, 2.0])

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class Patches(nn.Module):
    """The mean of each patch of two by two: the transfer of the lesson."""

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = (int(size) for size in x.shape)
        return x.reshape(rows // 2, 2, columns // 2, 2).mean((1, 3))


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _flattens() -> str:
    made, _ = traced(Flat(), torch.randn(2, 3, 4))
    x = torch.randn(5, 3, 4)
    if refusal(lambda: made(x)):
        return "b"
    return "a" if same(made(x), Flat()(x)) else "c"


def _divides() -> str:
    made, _ = traced(RowMean(), torch.ones(4, 3))
    x = torch.full([2, 3], 6.0)
    if refusal(lambda: made(x)):
        return "c"
    return {6.0: "a", 3.0: "b"}[float(made(x)[0])]


def _multiplies() -> str:
    made, _ = traced(Running(), torch.ones(2, 3))
    return "b" if refusal(lambda: made(torch.ones(2, 3, dtype=torch.float64))) else "a"


def _keeps() -> str:
    made, _ = traced(Scaled(), torch.ones(2))
    return "a" if "scale" in made.state_dict() else "b"


QUESTIONS = (
    Question(
        "03.a",
        "`Flat` calls `x.view(x.size(0), -1)`. It is traced with shape (2, 3, 4). What does the "
        "trace give for (5, 3, 4)?",
        (
            Choice(
                "shape (5, 12)", "`x.size(0)` is recorded as `aten::size`, and asked at each call."
            ),
            Choice("an error: the graph says 2 rows", "The size is asked at each call.", ALL_SIZES),
            Choice("shape (2, 30)", "The size is asked at each call.", ALL_SIZES),
        ),
        _flattens,
    ),
    Question(
        "03.b",
        "`RowMean` divides the sum of the rows by `len(x)`. It is traced with four rows. What does "
        "the trace give for two rows of sixes?",
        (
            Choice("6", "`len` must return a Python int: 4, for good.", FOLLOWS_SIZE),
            Choice("3", "12 divided by the 4 of the example. There was a warning, and no error."),
            Choice(
                "an error, because the number of rows is another",
                "The shape beside `%x` is a note. Nobody compares it with what comes in.",
                CHECKS_SIZES,
            ),
        ),
        _divides,
    ),
    Question(
        "03.c",
        "`Running` makes its matrix with `dtype=x.dtype`. It is traced with float32. The model "
        "takes float64, too. Does the trace?",
        (
            Choice(
                "yes, the dtype is that of the input",
                "`x.dtype` was Python: the graph makes a float32 matrix, and multiplying fails.",
                FOLLOWS_DTYPE,
            ),
            Choice(
                "no, it fails", "The dtype of the example is a constant, like a device would be."
            ),
        ),
        _multiplies,
    ),
    Question(
        "03.d",
        "`Scaled` has `self.scale = torch.tensor([1.0, 2.0])`. Is `scale` in the `state_dict()` of "
        "its trace?",
        (
            Choice(
                "yes, it is a tensor of the model",
                "Only parameters and buffers are. This one is a constant in the graph.",
                ALL_TENSORS,
            ),
            Choice("no", "It is a constant in the graph: no weights loaded later reach it."),
        ),
        _keeps,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _row_mean(answer: Any) -> Iterator[Wrong]:
    inputs = [torch.randn(rows, 3) for rows in (4, 2, 9)]
    if seen := first_difference(answer, _mean, inputs):
        yield Wrong(f"before any tracing, {seen}")
    made, _ = traced(answer, inputs[0], check_trace=False)
    if seen := first_graph_difference(made, _mean, inputs):
        yield Wrong(f"traced with 4 rows, {seen}", FOLLOWS_SIZE)


def _mean(x: Tensor) -> Tensor:
    return x.mean(0)


def _running(answer: Any) -> Iterator[Wrong]:
    inputs = [torch.randn(2, 3, dtype=dtype) for dtype in (torch.float32, torch.float64)]
    if seen := first_difference(answer, Running(), inputs):
        yield Wrong(f"before any tracing, {seen}")
    made, _ = traced(answer, inputs[0], check_trace=False)
    if seen := first_graph_difference(made, Running(), inputs):
        yield Wrong(f"traced with float32 and called with both, {seen}", FOLLOWS_DTYPE)


def _loaded(answer: Any) -> Iterator[Wrong]:
    made, _ = traced(answer, torch.ones(2), check_trace=False)
    scale, x = torch.randn(2), torch.randn(2)
    if why := refusal(lambda: made.load_state_dict({"scale": scale})):
        yield Wrong(f"its trace cannot load a new `scale`: {why}", ALL_TENSORS)
    elif seen := first_graph_difference(made, partial(torch.mul, scale), [x]):
        yield Wrong(f"with the new `scale` loaded, {seen}", ALL_TENSORS)


def _patches(answer: Any) -> Iterator[Wrong]:
    if not is_compiled(answer):
        yield not_compiled(answer)
        return
    inputs = [torch.randn(2 * rows, 2 * columns) for rows, columns in ((2, 2), (3, 1), (1, 4))]
    if seen := first_graph_difference(answer, Patches(), inputs):
        yield Wrong(seen, FOLLOWS_SIZE)


EXERCISES = (
    Exercise(
        "03.1",
        "Give a module that computes the mean of the rows, and whose trace does so for any number "
        "of them.",
        _row_mean,
        "Traced with 4 rows, right for 4, 2 and 9.",
    ),
    Exercise(
        "03.2",
        "Give a module that computes what `Running` does, and whose trace takes "
        "float32 and float64.",
        _running,
        "Traced with float32, right for both, and each stays what it is.",
    ),
    Exercise(
        "03.3",
        "Give a `Scaled` whose trace can load another `scale`.",
        _loaded,
        "A new `scale` was loaded into the trace, and it was used.",
    ),
    Exercise(
        "03.4",
        "Give a compiled module that computes what `Patches` does, for every even size.",
        _patches,
        "Right for (4, 4), (6, 2) and (2, 8).",
    ),
)

LESSON = Lesson(
    "03",
    "Shapes and constants baked in",
    "find the sizes, types and tensors of the example that a trace keeps, and make it ask instead",
    25,
    QUESTIONS,
    EXERCISES,
)
