"""How surely it is known where a submodule is read."""

import inspect

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tsviz.location import iter_frames


class Reads(nn.Module):
    """One submodule called where it is read, one read on another line, one called in a loop."""

    def __init__(self) -> None:
        super().__init__()
        self.direct, self.aside = nn.Linear(2, 2), nn.Linear(2, 2)
        self.twice = nn.ReLU()
        self.listed = nn.ModuleList([nn.Tanh()])

    def forward(self, x: Tensor) -> Tensor:
        x = self.direct(x)
        later = self.aside
        x = self.twice(x) + 1
        x = torch.relu(self.twice(
            later(x)
        ))  # fmt: skip
        for layer in self.listed:
            x = layer(x)
        return x


LINES, START = inspect.getsourcelines(Reads)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("direct", [("call", "x = self.direct(x)")]),
        ("twice", [("call", "x = self.twice(x) + 1"), ("call", "x = torch.relu(self.twice(")]),
        ("aside", [("inferred", "later(x)")]),
        ("0", [("inferred", "x = layer(x)")]),
    ],
)
def test_a_read_has_the_line_of_a_call_that_says_its_name(name: str, known: list[tuple[str, str]]):
    graph = tsviz.capture(Reads(), (torch.ones(1, 2),), via="script").graph
    reads = [
        graph.link(node)
        for node in graph.iter_nodes()
        if node.op == "prim::GetAttr" and node.find_attribute("name") == name
    ]
    found = [(str(link.how), next(iter_frames(link.location))) for link in reads]
    assert [(how, LINES[place.line - START].strip()) for how, place in found] == known
