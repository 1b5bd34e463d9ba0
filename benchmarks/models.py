"""What the browser benchmark looks at: BERT-base as files, and two models of the right sizes."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

import tsviz
from tsviz.examples import get
from tsviz.examples.bert import BertConfig, Layer

LARGE_NODES = 50_000
SCOPE_NODES = 200
TOWER_NODES = 40


def write_bert(folder: Path, *, exported: bool = True) -> None:
    """Writes BERT-base as `bert.pt` (traced) and `bert.pt2` (exported), weights included."""
    example = get("bert")
    model, inputs = example.build().eval(), example.inputs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(torch.jit.trace(model, inputs), folder / "bert.pt")
    if exported:
        torch.export.save(torch.export.export(model, inputs), folder / "bert.pt2")


class Deep(nn.Module):
    """Encoder layers of BERT by the dozen, until the graph has `LARGE_NODES` nodes."""

    def __init__(self, dozens: int) -> None:
        super().__init__()
        config = BertConfig(width=16, heads=2, inner_width=32)
        self.stages = nn.ModuleList(
            nn.ModuleList(Layer(config) for _ in range(12)) for _ in range(dozens)
        )

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        """Map `[1, length, 16]` to the same shape."""
        for stage in self.stages:
            for layer in stage:
                x = layer(x, hidden)
        return x


class Residual(nn.Module):
    """Steps of four nodes, each with a shortcut around it."""

    def forward(self, x: Tensor) -> Tensor:
        """Map any shape to the same."""
        for _ in range(10):
            y = torch.relu(x)
            y = torch.tanh(y)
            y = torch.sigmoid(y)
            x = torch.maximum(x, y)
        return x


class Pair(nn.Module):
    """Two scopes of `nodes` nodes, one after the other, between a few other nodes."""

    def __init__(self, nodes: int) -> None:
        super().__init__()
        self.first = nn.Sequential(*[Residual() for _ in range(nodes // 40)])
        self.second = nn.Sequential(*[Residual() for _ in range(nodes // 40)])

    def forward(self, x: Tensor) -> Tensor:
        """Map any shape to the same."""
        return torch.exp(self.second(torch.neg(self.first(torch.abs(x)))))


class Towers(nn.Module):
    """Towers of `TOWER_NODES` nodes side by side: a window can show all of them at once."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.towers = nn.ModuleList(Residual() for _ in range(count))

    def forward(self, x: Tensor) -> Tensor:
        """Map any shape to the same."""
        return torch.stack([tower(x) for tower in self.towers]).sum(0)


def write_large(path: Path) -> int:
    """Writes the page of a graph of at least `LARGE_NODES` nodes; returns how many it has."""
    inputs = (torch.zeros(1, 4, 16), torch.zeros(1, 1, 1, 4, dtype=torch.bool))
    nodes_of_a_dozen = _count(tsviz.capture(Deep(2).eval(), inputs, via="trace"))
    nodes_of_a_dozen -= _count(tsviz.capture(Deep(1).eval(), inputs, via="trace"))
    model = Deep(LARGE_NODES // nodes_of_a_dozen + 1).eval()
    program = tsviz.capture(model, inputs, via="trace")
    tsviz.save(program, path)
    return _count(program)


def write_scopes(path: Path, nodes: int = SCOPE_NODES) -> None:
    """Writes the page of a `Pair` of scopes of `nodes` nodes each."""
    tsviz.save(tsviz.capture(Pair(nodes).eval(), (torch.zeros(2),), via="trace"), path)


def write_towers(path: Path, boxes: int) -> None:
    """Writes the page of as many towers as have `boxes` boxes."""
    model = Towers(-(-boxes // TOWER_NODES)).eval()
    tsviz.save(tsviz.capture(model, (torch.zeros(2),), via="trace"), path)


def _count(program: object) -> int:
    return sum(1 for _ in program.graph.iter_nodes())
