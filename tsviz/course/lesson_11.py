"""Lesson 11: TorchScript, torch.export, torch.compile, ONNX, and which one is for what."""

import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain, cycle
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.misconceptions import (
    EVERY_SIZE,
    FIRST_RUN,
    JUST_WEIGHTS,
    KEEPS_LOOP,
    NEW_TRACING,
    NO_PYTHON_LEFT,
    RUNS_HERE,
)
from tsviz.course.trying import (
    compiled,
    exported,
    fails,
    first_difference,
    is_compiled,
    loaded,
    refusal,
    same,
    scripted,
)

_torch = cast("Any", torch)  # much of what is called here has no types


class Gate(nn.Module):
    """A layer, and a branch on what comes out of it."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.layer = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(x)
        if y.sum() > 0:
            return y.relu()
        return y * 0.1


class Head(nn.Module):
    """A layer, and nothing that decides."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.layer = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).softmax(-1)


class Grow(nn.Module):
    """Grows until it is long enough: the transfer of the lesson."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.layer = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        while bool(x.abs().sum() < 30):
            x = x + self.layer(x).abs() + 0.1
        return x


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _inputs(model: nn.Module) -> tuple[Tensor, Tensor]:
    """One input for each branch of a `Gate`, the relu first."""
    x = torch.randn(4, 8)
    return (x, -x) if model(x).sum() > 0 else (-x, x)


def _both_ways() -> tuple[nn.Module, Tensor, Tensor]:
    """A gate without a bias, so that the branch turns with the sign of its input."""
    model = Gate().eval()
    nn.init.zeros_(model.layer.bias)
    return (model, *_inputs(model))


def _refusing() -> str:
    model, x, _ = _both_ways()
    ways: dict[str, Callable[[], object]] = {
        "script": lambda: scripted(model)(x),
        "export": lambda: exported(model, x),
        "compile": lambda: compiled(model, [])(x),
    }
    refused = [name for name, run in ways.items() if refusal(run)]
    return {"": "a", "export": "b", "export compile": "c"}[" ".join(refused)]


def _other_branch() -> str:
    model, x, other = _both_ways()
    call = compiled(model, [])
    call(x)
    if refusal(lambda: call(other)):
        return "c"
    return "b" if same(call(other), model(other)) else "a"


def _other_size() -> str:
    model, graphs = Head().eval(), list[object]()
    x, more = torch.ones(4, 8), torch.ones(7, 8)
    program, call = exported(model, x).module(), compiled(model, graphs)
    call(x)
    first = len(graphs)
    if not same(call(more), model(more)) or len(graphs) == first:
        return "a"
    if fails(lambda: program(more)):
        return "b"
    return "a" if same(program(more), model(more)) else "c"


def _saved() -> str:
    """Saves as each tool can, and loads where there is no `Gate`."""
    model, x, _ = _both_ways()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        scripted(model).save(str(path / "script"))
        _torch.export.save(exported(Head(), x), str(path / "export.pt2"))
        _torch.save(_torch.compile(model, backend="eager"), path / "compile")
        with _without(Gate), _without(Head):
            ways: list[Callable[[], Any]] = [
                lambda: loaded(path / "script")(x),
                lambda: _torch.export.load(str(path / "export.pt2")).module()(x),
                lambda: _torch.load(path / "compile", weights_only=False)(x),
            ]
            works = "".join("-" if fails(way) else "+" for way in ways)
    return {"+++": "a", "++-": "b", "---": "c"}[works]


@contextmanager
def _without(kind: type[nn.Module]) -> Generator[None]:
    """As in a process that does not have a class of this lesson."""
    module = sys.modules[kind.__module__]
    delattr(module, kind.__name__)
    try:
        yield
    finally:
        setattr(module, kind.__name__, kind)


QUESTIONS = (
    Question(
        "11.a",
        "`Gate` has an `if` on the values of a tensor. Which of `torch.jit.script`, "
        "`torch.export.export` and `torch.compile` refuses it?",
        (
            Choice(
                "none: each records the branch that the example takes",
                "That is `torch.jit.trace`. None of these three loses a branch in silence.",
                NEW_TRACING,
            ),
            Choice(
                "`torch.export.export`",
                "It will not guess. Its error names the line, and `torch.cond` is what to write.",
            ),
            Choice(
                "both new ones: a branch on values cannot be compiled",
                "`torch.compile` compiles what is before and after the branch.",
                NO_PYTHON_LEFT,
            ),
        ),
        _refusing,
    ),
    Question(
        "11.b",
        "`Gate` is compiled with `torch.compile` and called with an input of the one branch. Then "
        "it gets an input of the other. What comes back?",
        (
            Choice(
                "the result of the first branch",
                "Python asked again, and took the other branch.",
                NEW_TRACING,
            ),
            Choice(
                "the right result",
                "The graph ends at the `if`. Python decides, and another graph goes on.",
            ),
            Choice(
                "an error: that branch was never compiled",
                "It is compiled when it is first taken.",
                NO_PYTHON_LEFT,
            ),
        ),
        _other_branch,
    ),
    Question(
        "11.c",
        "`Head` is exported with 4 rows, and compiled and called with 4 rows. Nothing is said of "
        "sizes. What do the two do with 7 rows?",
        (
            Choice(
                "both go on as they are",
                "Each had fixed the 4 of its example, and checks for it.",
                EVERY_SIZE,
            ),
            Choice(
                "the exported one refuses them, the compiled one compiles again",
                "Both check. `torch.compile` has Python to go back to, and then lets rows vary.",
            ),
            Choice(
                "the exported one gives something wrong, in silence",
                "A trace may do that. An exported program checks its inputs.",
                NEW_TRACING,
            ),
            Choice(
                "both refuse them",
                "`torch.compile` compiles once more when a check fails.",
                NO_PYTHON_LEFT,
            ),
        ),
        _other_size,
    ),
    Question(
        "11.d",
        "A scripted, an exported and a compiled module are saved, as each tool can. Which of the "
        "files can be loaded and run where the class of the model is missing?",
        (
            Choice(
                "all: they are compiled",
                "What `torch.compile` returns is saved as the Python object around your class.",
                RUNS_HERE,
            ),
            Choice(
                "the scripted and the exported one",
                "These are programs. `torch.compile` works inside Python, with your class.",
            ),
            Choice(
                "none: each needs the class",
                "Two of the files bring their code along.",
                JUST_WEIGHTS,
            ),
        ),
        _saved,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _exportable(answer: Any) -> Iterator[Wrong]:
    if is_compiled(answer) or not isinstance(answer, nn.Module):
        yield Wrong(f"expected a module in Python, got {type(answer).__name__}")
        return
    model, x, other = _both_ways()
    if why := refusal(lambda: answer.load_state_dict(model.state_dict())):
        yield Wrong(f"it does not take the weights of a `Gate`: {why}")
        return
    if why := refusal(lambda: exported(answer, x)):
        yield Wrong(f"`torch.export.export` refuses it: {why}", NEW_TRACING)
        return
    program = exported(answer, x).module()
    names = {"the first branch": x, "the other branch": other}
    for name, value in names.items():
        if seen := first_difference(program, model, [value]):
            yield Wrong(f"exported, on {name}, {seen}", NEW_TRACING)


def _any_rows(answer: Any) -> Iterator[Wrong]:
    model, x = nn.Sequential(nn.Linear(8, 8), nn.ReLU()).eval(), torch.randn(4, 8)
    program = answer(deepcopy(model), x)
    if not isinstance(program, _torch.export.ExportedProgram):
        yield Wrong(f"expected what `torch.export.export` returns, got {type(program).__name__}")
        return
    call = program.module()
    for rows in (2, 7, 300):
        value = torch.randn(rows, 8)
        if fails(lambda value=value: call(value)):
            yield Wrong(f"made with 4 rows, it refuses {rows}", EVERY_SIZE)
        elif seen := first_difference(call, model, [value]):
            yield Wrong(f"made with 4 rows, {seen}", EVERY_SIZE)


class _Clocked:
    """A call whose time a clock of its own tells: slow at first, and once in a while."""

    def __init__(self) -> None:
        self._now = 100.0
        self._durations = chain((2.0, 0.4), cycle((0.010, 0.012, 0.011, 0.010, 0.040)))

    def call(self) -> None:
        self._now += next(self._durations)

    def clock(self) -> float:
        return self._now


def _steady(answer: Any) -> Iterator[Wrong]:
    timed = _Clocked()
    told: object = answer(timed.call, timed.clock)
    if not isinstance(told, float | int):
        yield Wrong(f"expected a number of seconds, got {type(told).__name__}")
    elif told > 0.02:
        seen = f"it says {told:.3g} s of a call that takes 0.01 s once it has warmed up"
        yield Wrong(seen, FIRST_RUN)
    elif told < 0.009:
        yield Wrong(f"it says {told:.3g} s of a call that never takes less than 0.01 s")


def _delivered(answer: Any) -> Iterator[Wrong]:
    pair = cast("tuple[Any, ...]", answer) if isinstance(answer, tuple) else ()
    if len(pair) != 2:
        kind = type(cast("object", answer)).__name__
        yield Wrong(f"expected two functions, `(save, load)`, got {kind}")
        return
    save, load = pair
    model = Grow().eval()
    with tempfile.TemporaryDirectory() as name:
        path = str(Path(name) / "grow.pt2")
        if why := refusal(lambda: save(deepcopy(model), path)):
            yield Wrong(f"it is refused: {why}", NEW_TRACING)
            return
        if not Path(path).exists():
            yield Wrong("it wrote no file under the path that it was given")
            return
        with _without(Grow):
            if fails(lambda: load(path)):
                yield Wrong("where there is no class `Grow`, the file cannot be loaded", RUNS_HERE)
                return
            made = load(path)
        for value in (torch.full([2, 4], 4.0), torch.full([2, 4], 0.1), torch.zeros(2, 4)):
            if fails(lambda value=value: made(value)):
                yield Wrong("loaded, it does not run without the class `Grow`", RUNS_HERE)
            elif seen := first_difference(made, model, [value]):
                yield Wrong(f"loaded, {seen}", KEEPS_LOOP)


EXERCISES = (
    Exercise(
        "11.1",
        "Give a module with the weights of a `Gate` that does the same, and can be exported.",
        _exportable,
        "It was exported with an input of one branch, and is right on both.",
    ),
    Exercise(
        "11.2",
        "Give a function `export_rows(model, x)` that returns an exported program for any number "
        "of rows.",
        _any_rows,
        "A new model was exported with 4 rows, and took 2, 7 and 300.",
    ),
    Exercise(
        "11.3",
        "Give a function `steady(call, clock)` that returns how many seconds a call takes once it "
        "has warmed up.",
        _steady,
        "It does not count the first calls, and one slow call in between does not matter.",
    ),
    Exercise(
        "11.4",
        "Give two functions `(save, load)`, with the tool of your choice: one writes a `Grow` to a "
        "path, the other one returns what can be called, and has no class `Grow`.",
        _delivered,
        "A new `Grow` was saved. Loaded without its class, it grows as far as each input needs.",
    ),
)

LESSON = Lesson(
    "11",
    "Which tool now?",
    "choose between TorchScript, torch.export, torch.compile and ONNX by what they do with your "
    "model",
    25,
    QUESTIONS,
    EXERCISES,
)
