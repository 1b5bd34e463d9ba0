"""Two ways to learn where the nodes of an inlined graph stand agree."""

import warnings
from pathlib import Path
from random import Random

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tests.frontends.generated import generate
from tests.frontends.writing import load_program
from tests.models import ZOO
from tsviz.examples import EXAMPLES
from tsviz.ir import read_graph
from tsviz.jit.functions import Functions
from tsviz.jit.inlining import Inliner
from tsviz.jit.layout import Layout
from tsviz.jit.outlines import outline_of
from tsviz.jit.scopes import read_scopes
from tsviz.jit.walking import print_graph


class Reader(nn.Module):
    """Reads weights of modules that it shares with others, and of those below it."""

    def __init__(self, table: nn.Embedding) -> None:
        super().__init__()
        self.table = table
        self.inner = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        y = nn.functional.linear(x, self.table.weight[:4])
        return self.inner(y + self.inner[0].bias)


class Shares(nn.Module):
    """Calls a module twice, a shared one from two places, and one never."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(5, 4)
        self.reader = Reader(self.table)
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])
        self.spare = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        y = self.reader(self.table(x))
        for layer in self.layers:
            y = layer(y)
        y = nn.functional.linear(y, self.layers[0].weight, self.layers[1].bias)
        return self.reader(y), self.layers[0](y) @ self.table.weight.t()


def traced(name: str) -> torch.jit.ScriptModule:
    if name == "shares":
        return torch.jit.trace(Shares().eval(), torch.tensor([1, 2]))
    example = next((e for e in EXAMPLES if e.name == name), None) or ZOO[name]
    model = example.build()
    if isinstance(model, torch.jit.ScriptModule):
        return model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of them warn of what tracing loses
        return torch.jit.trace(model, example.inputs(), check_trace=False)


TRACED = ("shares", "small-resnet-traced", "transformer-traced", *(e.name for e in EXAMPLES))


@pytest.mark.parametrize("name", TRACED)
def test_scopes_of_a_trace_say_what_its_functions_say(name: str):
    native = traced(name)
    read = read_graph(print_graph(native.inlined_graph))
    outline = outline_of(read.graph, read.comments)
    places = Inliner(Functions(native), forks=False).place_method("forward", outline)
    stacks = read_scopes(read)
    assert places is not None
    assert stacks is not None
    calls = [place.call.stack for place in places]
    assert [(one.module, one.depth) for one in stacks] == [(c.module, c.depth) for c in calls]


def test_names_of_modules_with_a_slash_are_not_taken_for_two():
    class Slashed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add_module("a/b", nn.Linear(2, 2))

        def forward(self, x: Tensor) -> Tensor:
            return getattr(self, "a/b")(x)

    native = torch.jit.trace(Slashed().eval(), torch.rand(1, 2))
    assert read_scopes(read_graph(print_graph(native.inlined_graph))) is None
    program = tsviz.capture(native)
    assert {program.graph.scope(node) for node in program.graph.nodes.values()} == {"", "a/b"}


def where(model: nn.Module, inputs: tuple[object, ...]) -> list[tuple[str, str, str]]:
    graph = tsviz.capture(model, inputs, via="script").graph
    nodes = graph.nodes.values()
    return [
        (str(graph.link(node).location), str(graph.link(node).how), graph.scope(node))
        for node in nodes
    ]


def check_against_passes(
    model: nn.Module, inputs: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = where(model, inputs)
    find_left = Layout._find_left

    def only_the_same(self: Layout, kinds: list[str]) -> object:
        return find_left(self, kinds) if kinds == self.kinds else None

    monkeypatch.setattr(Layout, "_find_left", only_the_same)
    slow = where(model, inputs)
    monkeypatch.undo()
    assert len(quick) == len(slow)
    # of constants that passes fold, only running these tells the function
    differ = [pair for pair in zip(quick, slow, strict=True) if pair[0] != pair[1]]
    assert len(differ) <= 0.05 * len(quick), differ[:5]
    assert all("inferred" in one[1] for one, _ in differ), differ[:5]


@pytest.mark.parametrize("name", ["unet", "transformer", "self-attention", "bag-of-words"])
def test_what_was_left_out_is_what_the_passes_leave_out(name: str, monkeypatch: pytest.MonkeyPatch):
    check_against_passes(ZOO[name].build(), ZOO[name].inputs(), monkeypatch)


def test_what_was_left_out_of_generated_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for seed in range(8):
        truth = generate(Random(seed))
        root, _ = load_program(truth, tmp_path, f"left_out_{seed}", cell=False)
        check_against_passes(root, (torch.rand(4),), monkeypatch)
