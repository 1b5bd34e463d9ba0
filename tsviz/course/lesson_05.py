"""Lesson 05: a model whose source must stay as it is, compiled part by part."""

import copy
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import FunctionType
from typing import Any, cast

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Misconception, Question, Wrong
from tsviz.course.lesson_04 import Gate
from tsviz.course.misconceptions import (
    ALL_OR_NOTHING,
    KEEPS_IF,
    KEEPS_LOOP,
    RUNS_HERE,
    RUNS_PYTHON,
    SCRIPT_REVIVES,
    UNUSED_SKIPS,
)
from tsviz.course.trying import (
    first_difference,
    first_graph_difference,
    is_compiled,
    loaded,
    not_compiled,
    refusal,
    same,
    scripted,
    traced,
)
from tsviz.examples.ranker import Ranker
from tsviz.examples.reader import Reader


class Around(nn.Module):
    """Calls a part, whatever it is."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.part = part

    def forward(self, x: Tensor) -> Tensor:
        return self.part(x)


class Logged(nn.Module):
    """Can say what it does, in a way that TorchScript does not know."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.linear = nn.Linear(4, 3)
        self.verbose = False

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        if self.verbose:
            self.log(y)
        return y.relu() if bool(y.sum() > 0) else y

    def log(self, y: Tensor) -> None:
        print(f"mean {float(y.mean()):>8.3f}")  # noqa: T201 (what prints is an obstacle)


def marked(mark: Callable[[Any], Any]) -> nn.Module:
    """A `Logged` whose `log` carries a mark that no other one has."""
    return _class_of_its_own(mark)().eval()


def _class_of_its_own(mark: Callable[[Any], Any]) -> type[nn.Module]:
    """Marks are kept by the function that is marked, and what was compiled by the class."""
    log = Logged.log
    own = FunctionType(log.__code__, log.__globals__, log.__name__)
    own.__annotations__ = dict(log.__annotations__)
    return type("Logged", (Logged,), {"log": mark(own), "__module__": Logged.__module__})


# ── observations ────────────────────────────────────────────────────────────────────────────────


def _scripted_inside() -> str:
    reader = Reader().eval()
    mixed = copy.deepcopy(reader)
    mixed.settle = scripted(mixed.settle)
    made, _ = traced(mixed, torch.full([2, 8], 3.0), check_trace=False)
    x = torch.full([2, 8], 300.0)
    return "b" if same(made(x), reader(x)) else "a"


def _traced_inside() -> str:
    part, _ = traced(Gate(), torch.ones(3), check_trace=False)
    x = torch.full([3], -3.0)
    return {-6.0: "b", -4.0: "a"}[float(scripted(Around(part))(x)[0])]


def _ignored() -> str:
    model = marked(cast("Any", torch.jit).ignore)
    if refusal(lambda: scripted(model)):
        return "c"
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "logged.pt")
        return "b" if refusal(lambda: scripted(model).save(path)) else "a"


def _unused() -> str:
    made = scripted(marked(torch.jit.unused))
    made.verbose = True
    with redirect_stdout(StringIO()) as said:
        if refusal(lambda: made(torch.ones(1, 4))):
            return "c"
    return "b" if said.getvalue() else "a"


QUESTIONS = (
    Question(
        "05.a",
        "`reader.settle`, which loops, is scripted. Then the whole reader is traced, with an input "
        "that takes few rounds. How many rounds does the trace run for an input that needs more?",
        (
            Choice(
                "as many as the example took: tracing unrolls whatever it meets",
                "What it meets here is a graph. A trace calls that, and does not look inside.",
                KEEPS_LOOP,
            ),
            Choice("as many as it needs", "The loop is a `prim::Loop`, and stays one."),
            Choice(
                "none: scripted and traced code cannot be joined",
                "Both are TorchScript, and each can call the other.",
                ALL_OR_NOTHING,
            ),
        ),
        _scripted_inside,
    ),
    Question(
        "05.b",
        "The other way round: `Gate` is traced with a positive example, and the module that calls "
        "it is scripted. What does that give for three times -3?",
        (
            Choice(
                "-4: one less, since a script decides at each call",
                "The script decides what it has read. It has not read `Gate`, only a graph of it.",
                SCRIPT_REVIVES,
            ),
            Choice("-6: doubled", "The traced part is what it was: one branch."),
        ),
        _traced_inside,
    ),
    Question(
        "05.c",
        "The method `log` is marked with `torch.jit.ignore`, and the model is scripted. Can it be "
        "saved?",
        (
            Choice(
                "yes: scripting took it, so all of it is compiled",
                "`log` was not compiled. The graph calls the Python function in this process.",
                RUNS_HERE,
            ),
            Choice("no, saving refuses it", "A file cannot call a Python function of yours."),
            Choice(
                "it does not come to that: scripting refuses `log`",
                "Scripting does not read what is ignored, so it finds nothing wrong with it.",
                RUNS_PYTHON,
            ),
        ),
        _ignored,
    ),
    Question(
        "05.d",
        "With `torch.jit.unused` it can be saved. What happens when the model is called with "
        "`verbose` set to true?",
        (
            Choice(
                "nothing is printed, and the result is right",
                "The call is not left out: what stands in its place raises.",
                UNUSED_SKIPS,
            ),
            Choice(
                "`log` prints",
                "That is `ignore`. `unused` took the Python function out of the model.",
                RUNS_PYTHON,
            ),
            Choice("an error", "The branch that calls `log` raises, and says that it is ignored."),
        ),
        _unused,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _adapted(answer: Any) -> Iterator[Wrong]:
    wide = [torch.randn(rows, 8) * size for rows, size in ((2, 0.5), (3, 90.0), (1, 2e4))]
    yield from _joined(answer, Reader, wide)


def _ranked(answer: Any) -> Iterator[Wrong]:
    yield from _joined(answer, Ranker, [torch.randn(number, 8) for number in (3, 1, 40, 200)])


def _joined(
    answer: Any, kind: Callable[[], nn.Module], inputs: Iterable[Tensor]
) -> Iterator[Wrong]:
    """Lets the learner's function compile a new model, and holds the result against it."""
    model = kind().eval()
    made = answer(copy.deepcopy(model))
    if not is_compiled(made):
        yield not_compiled(made)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.pt"
        if why := refusal(lambda: made.save(str(path))):
            yield Wrong(f"it cannot be saved: {why}", RUNS_HERE)
            return
        again = loaded(path)
    if seen := first_graph_difference(again, model, inputs):
        yield Wrong(f"saved and loaded, {seen}", _behind(made))


def _behind(made: Any) -> Misconception:
    is_trace = isinstance(made, cast("Any", torch.jit).TopLevelTracedModule)
    return KEEPS_LOOP if is_trace else SCRIPT_REVIVES


def _settled(answer: Any) -> Iterator[Wrong]:
    if is_compiled(answer):
        seen = "this is compiled whenever it is called, so Python's debugger never stops in it"
        yield Wrong(seen, ALL_OR_NOTHING)
        return
    inputs = [torch.rand(3) * size for size in (0.5, 8.0, 900.0)]
    if seen := first_difference(answer, _halved, inputs):
        yield Wrong(f"called in Python, {seen}")
        return
    made, _ = traced(_Calling(answer), inputs[1], check_trace=False)
    if seen := first_graph_difference(made, _halved, inputs):
        yield Wrong(f"traced with a number near 8, {seen}", KEEPS_LOOP)


class _Calling(nn.Module):
    """Calls a function, as the models do that are traced."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self._function = function

    def forward(self, x: Tensor) -> Tensor:
        return self._function(x)


def _halved(x: Tensor) -> Tensor:
    while bool(x.max() > 1):
        x = x / 2
    return x


def _shipped(answer: Any) -> Iterator[Wrong]:
    model = _class_of_its_own(lambda log: log)().train(False)
    inputs = [torch.randn(2, 4) * 3 for _ in range(6)]
    expected = copy.deepcopy(model)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "logged.pt"
        if why := refusal(lambda: answer(model, str(path))):
            behind = RUNS_HERE if "Python function" in why else RUNS_PYTHON
            yield Wrong(f"PyTorch refuses it: {why}", behind)
            return
        if not path.exists():
            yield Wrong("it wrote no file under the path that it was given")
            return
        made = loaded(path)
    if seen := first_graph_difference(made, expected, inputs):
        yield Wrong(f"loaded, {seen}", KEEPS_IF)


EXERCISES = (
    Exercise(
        "05.1",
        "Give a function `adapt(reader)` that returns TorchScript which does what the reader does, "
        "whatever the input.",
        _adapted,
        "A new reader went in. Saved and loaded, it settles for as long as each input needs.",
    ),
    Exercise(
        "05.2",
        "Give a function `settled(x)` that halves until nothing is above 1: Python when it is "
        "called, and a loop in a trace.",
        _settled,
        "It is Python when called, and the trace halved as often as fresh inputs needed.",
    ),
    Exercise(
        "05.3",
        "Give a function `ship(model, path)` that saves a `Logged`, with both its branches.",
        _shipped,
        "A new `Logged` was saved without its logging, and decides at each call.",
    ),
    Exercise(
        "05.4",
        "Give a function `adapt(ranker)` that returns TorchScript which does what the ranker does.",
        _ranked,
        "A new ranker went in. Saved and loaded, it keeps as many items as each input asks for.",
    ),
)

LESSON = Lesson(
    "05",
    "A model you cannot change",
    "make a model compile whose source must stay as it is, part by part, and say what each way "
    "costs",
    25,
    QUESTIONS,
    EXERCISES,
)
