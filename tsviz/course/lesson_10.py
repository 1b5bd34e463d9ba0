"""Lesson 10: what is in a saved model, what loading it does, and what runs it without Python."""

import io
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, redirect_stdout
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tsviz.course.content import Choice, Exercise, Lesson, Question, Wrong
from tsviz.course.lesson_06 import ConvNorm
from tsviz.course.misconceptions import (
    ANY_RUNTIME,
    FREEZE_IS_GRAD,
    JUST_WEIGHTS,
    LOADED_IS_EVAL,
    SAME_BITS,
)
from tsviz.course.trying import first_graph_difference, frozen, loaded, refusal, same, scripted
from tsviz.examples import get
from tsviz.jit.mobile import load_mobile


class Net(nn.Module):
    """A layer, a branch, and dropout."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.linear = nn.Linear(4, 3)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.linear(x)
        if y.sum() > 0:
            y = y.relu()
        return self.dropout(y)


class Restoring(nn.Module):
    """Brings code of its own for loading; here it only says so."""

    def __init__(self) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.factor = 2

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor

    @torch.jit.export
    def __getstate__(self) -> tuple[int, bool]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.factor, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[int, bool]) -> None:
        print("code of the file runs")  # noqa: T201 (whether it runs is the question)
        self.factor = state[0]
        self.training = state[1]


# ── observations ────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _new_file(name: str = "model.pt") -> Generator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / name


def _reloaded(model: Any) -> Any:
    with _new_file() as path:
        model.save(str(path))
        return loaded(path)


def _without_its_class() -> str:
    class Gone(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x + 1

    with _new_file() as path:
        scripted(Gone()).save(str(path))
        del Gone
        return "b" if not refusal(lambda: loaded(path)(torch.ones(1))) else "a"


def _mode() -> str:
    made = _reloaded(scripted(Net().train()))
    x = torch.ones(64, 4)
    return "a" if same(made(x), made(x)) else "b"


def _bits() -> str:
    model, x = ConvNorm().eval(), torch.randn(2, 3, 8, 8)
    expected, got = model(x), frozen(model)(x)
    if not torch.allclose(expected, got, rtol=1e-4, atol=1e-5):
        return "c"
    return "a" if torch.equal(expected, got) else "b"


def _loading() -> str:
    with redirect_stdout(io.StringIO()) as said:
        _reloaded(scripted(Restoring()))
    return "b" if "code of the file runs" in said.getvalue() else "a"


QUESTIONS = (
    Question(
        "10.a",
        "`Net` is scripted and saved. The file goes to a machine that does not have the class "
        "`Net`. Can it be loaded and run there?",
        (
            Choice(
                "no, the class has to be imported first",
                "That holds for `torch.save(model)`. This file brings its code.",
                JUST_WEIGHTS,
            ),
            Choice("yes", "The code is in the file, and the lines it came from are, too."),
        ),
        _without_its_class,
    ),
    Question(
        "10.b",
        "`Net` is scripted in training mode, saved and loaded. What does its dropout do?",
        (
            Choice(
                "nothing: a loaded model is for inference",
                "`training` is an attribute like others, and was saved as it was.",
                LOADED_IS_EVAL,
            ),
            Choice("it drops", "The mode is saved. `loaded.eval()` helps, for a scripted model."),
        ),
        _mode,
    ),
    Question(
        "10.c",
        "A convolution with batch norm is frozen. How do its results compare with those of the "
        "model in eval mode?",
        (
            Choice(
                "the same, bit for bit",
                "The batch norm was folded into the weights, which rounds in another place.",
                SAME_BITS,
            ),
            Choice("the same up to the last digits", "Folding changes the order of rounding."),
            Choice(
                "visibly different: a batch norm is missing",
                "It is not missing, it is in the weights.",
                FREEZE_IS_GRAD,
            ),
        ),
        _bits,
    ),
    Question(
        "10.d",
        "`Restoring` has a `__setstate__` that prints. It was saved as TorchScript. What does "
        "`torch.jit.load` print, before anything is called?",
        (
            Choice("nothing: it reads data", "The code of the file ran at once.", JUST_WEIGHTS),
            Choice("the line", "Loading runs `__setstate__` of the file, whatever that does."),
        ),
        _loading,
    ),
)


# ── judges ──────────────────────────────────────────────────────────────────────────────────────


def _shipped(answer: Any) -> tuple[Any, nn.Module] | Wrong:
    """What the learner's function saved of a new model, loaded, and that model in eval mode."""
    model = Net().train()
    with _new_file() as path:
        answer(deepcopy(model), str(path))
        if not path.exists():
            return Wrong("it wrote no file under the path that it was given")
        if why := refusal(lambda: loaded(path)):
            first = why.partition(". ")[0]
            return Wrong(f"`torch.jit.load` refuses the file: {first}", JUST_WEIGHTS)
        return loaded(path), model.eval()


def _ready(answer: Any) -> Iterator[Wrong]:
    found = _shipped(answer)
    if isinstance(found, Wrong):
        yield found
        return
    if seen := first_graph_difference(*found, [torch.randn(5, 4) for _ in range(3)]):
        yield Wrong(f"loaded, {seen}", LOADED_IS_EVAL)


def _deployed(answer: Any) -> Iterator[Wrong]:
    found = _shipped(answer)
    if isinstance(found, Wrong):
        yield found
        return
    names = [name for name, _ in found[0].named_parameters()]
    if names:
        yield Wrong(f"loaded, it has the parameters {', '.join(names)}", FREEZE_IS_GRAD)
    elif seen := first_graph_difference(*found, [torch.randn(5, 4) for _ in range(3)]):
        yield Wrong(f"loaded, {seen}", LOADED_IS_EVAL)


def _wary(answer: Any) -> Iterator[Wrong]:
    for model, runs in ((Net().eval(), False), (Restoring(), True)):
        with _new_file() as path:
            scripted(model).save(str(path))
            with redirect_stdout(io.StringIO()) as said:
                told = answer(str(path))
        name = type(model).__name__
        if said.getvalue():
            yield Wrong(f"for a file of `{name}` it ran the code in it, to find out", JUST_WEIGHTS)
        elif bool(told) is not runs:
            yield Wrong(f"for a file of `{name}` it says {told!r}, expected {runs}", JUST_WEIGHTS)


def _mobile(answer: Any) -> Iterator[Wrong]:
    model = get("tagger").build()
    with _new_file("tagger.ptl") as path:
        answer(deepcopy(model), str(path))
        if why := refusal(lambda: load_mobile(path)):
            first = why.partition(". ")[0]
            yield Wrong(f"the mobile runtime refuses the file: {first}", ANY_RUNTIME)
            return
        made = load_mobile(path)
    words = [torch.randint(0, 1000, (2, length)) for length in (1, 9)]
    if seen := first_graph_difference(made, model, words):
        yield Wrong(f"in the mobile runtime, {seen}", LOADED_IS_EVAL)


EXERCISES = (
    Exercise(
        "10.1",
        "Give a function `ship(model, path)` that saves a `Net` for inference, without its class.",
        _ready,
        "A new `Net` in training mode went in; what was loaded is right, and drops nothing.",
    ),
    Exercise(
        "10.2",
        "Give a function `deploy(model, path)` that does the same with a frozen model.",
        _deployed,
        "What was loaded has no parameters any more, and is right.",
    ),
    Exercise(
        "10.3",
        "Give a function `runs_code(path)` that says whether loading a file would run code of it, "
        "and does not run it.",
        _wary,
        "It told the two files apart, and neither was loaded into this process.",
    ),
    Exercise(
        "10.4",
        "Give a function `ship_mobile(model, path)` that saves the tagger for the mobile runtime.",
        _mobile,
        "The mobile runtime loaded the file, and tagged fresh sentences right.",
    ),
)

LESSON = Lesson(
    "10",
    "Saving, loading, running without Python",
    "say what is in a saved model, load one with care, and save one for where it is to run",
    25,
    QUESTIONS,
    EXERCISES,
)
