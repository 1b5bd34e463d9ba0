"""Functions and classes are found in printed code, with the Python text they came from."""

from pathlib import Path

import torch
from torch import Tensor, nn

from tsviz.frontends.inspecting import inspect
from tsviz.frontends.printed_code import (
    PrintedClass,
    PrintedFunction,
    read_code,
    short_name,
    without_mangling,
)


def doubled(x: Tensor) -> Tensor:
    """Says “twice” in more bytes than characters."""
    if bool(x.sum() > 0):
        print("zweimal so groß")  # noqa: T201
    return x * 2


class Scaled(nn.Module):
    factor: torch.jit.Final[float]

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor
        self.weight = nn.Parameter(torch.ones(3))
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        return doubled(x) * self.weight * self.factor


class Pair(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Scaled(0.1)
        self.second = Scaled(0.25)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))

    @torch.jit.export
    def again(self, x: Tensor) -> Tensor:
        return doubled(x)


MODULE = "tests.frontends.test_printed_code"


def read(path: Path) -> tuple[tuple[PrintedFunction, ...], dict[str, PrintedClass]]:
    contents = inspect(path)
    return read_code(contents.code, contents.origins)


def test_functions_and_classes(tmp_path: Path):
    torch.jit.script(Pair()).save(tmp_path / "pair.pt")
    functions, classes = read(tmp_path / "pair.pt")
    assert sorted((function.name, function.is_method) for function in functions) == [
        (f"{MODULE}.Pair.again", True),
        (f"{MODULE}.Pair.forward", True),
        (f"{MODULE}.Scaled.forward", True),
        (f"{MODULE}.Scaled.forward", True),
        (f"{MODULE}.doubled", False),
    ]
    lines = Path(__file__).read_text().split("\n")
    for function in functions:
        assert "___torch_mangle_" not in function.text
        assert function.original is not None
        assert function.inlined == ()
        first, *_ = function.original.text.split("\n")
        assert lines[function.original.line - 1] == first
    constants = sorted(kind.constants for kind in classes.values() if kind.constants)
    assert constants == [(("factor", "0.1"),), (("factor", "0.25"),)]
    scaled = [kind for kind in classes.values() if kind.constants]
    assert {kind.parameters for kind in scaled} == {frozenset({"weight"})}
    assert {kind.buffers for kind in scaled} == {frozenset({"count"})}


def test_what_freezing_inlines(tmp_path: Path):
    torch.jit.freeze(torch.jit.script(Pair().eval())).save(tmp_path / "frozen.pt")
    (function,), _ = read(tmp_path / "frozen.pt")
    assert function.name == f"{MODULE}.Pair.forward"
    heads = [piece.text.strip().split("(")[0] for piece in function.inlined]
    assert "def doubled" in heads


def test_what_was_traced_has_no_text(tmp_path: Path):
    torch.jit.trace(nn.ReLU(), torch.ones(3)).save(tmp_path / "traced.pt")
    (function,), _ = read(tmp_path / "traced.pt")
    assert function.name == "torch.nn.modules.activation.ReLU.forward"
    assert (function.original, function.inlined) == (None, ())


def test_names():
    assert without_mangling("__torch__.m.___torch_mangle_12.Net") == "__torch__.m.Net"
    assert short_name("__torch__.___torch_mangle_0.m.Net") == "m.Net"


def test_text_that_is_no_code():
    odd = {"code/a.py": "class (\n  def\n def x(\nclass X(Module):\n  __parameters__ = [3]\n"}
    functions, classes = read_code(odd, {})
    assert functions == ()
    assert classes == {"a.X": PrintedClass("a.X", frozenset(), frozenset(), ())}
