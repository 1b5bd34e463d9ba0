"""Copies are found by the numbers that PyTorch gives to their values."""

import pytest
import torch

from tests.models import ZOO
from tsviz.ir import Graph, read_graph
from tsviz.passes.copies import find_copies


def scripted(name: str) -> torch.Graph:
    model = ZOO[name].build()
    return model.inlined_graph if hasattr(model, "inlined_graph") else model.graph


def read(graph: torch.Graph) -> Graph:
    return read_graph(str(graph)).graph


NAMES = ("module-containers", "nested-branches", "nested-calls", "cell-loop", "transformer")


@pytest.mark.parametrize("name", NAMES)
def test_every_node_with_results_of_a_copy_is_found(name: str):
    graph = scripted(name)
    before, after = read(graph), read(graph.copy())
    pairs = zip(before.nodes.values(), after.nodes.values(), strict=True)
    expected = {copy.id: node.id for node, copy in pairs if copy.outputs}
    found = find_copies(before, after, after.nodes)
    assert found.items() <= expected.items()
    numbered = {n for n in expected if any(_is_numbered(after, n, at) for at in range(2))}
    assert numbered <= set(found)


def _is_numbered(graph: Graph, node: int, at: int) -> bool:
    outputs = graph.nodes[node].outputs
    return at < len(outputs) and graph.values[outputs[at]].name.isdigit()


@pytest.mark.parametrize("name", NAMES)
def test_gaps_do_not_mislead(name: str):
    """After dead code was taken out of a copy, the others are still known by their numbers."""
    graph = scripted(name)
    before = read(graph)
    copy = graph.copy()
    whole = read(copy)
    torch._C._jit_pass_cse(copy)
    torch._C._jit_pass_constant_pooling(copy)
    left = read(copy)
    found = find_copies(before, left, left.nodes)
    names = {value.name: maker.id for value, maker in _made(whole)}
    order = dict(zip(whole.nodes, before.nodes, strict=True))
    for node, original in found.items():
        name_of = left.values[left.nodes[node].outputs[0]].name
        if name_of.isdigit():
            assert order[names[name_of]] == original


def _made(graph: Graph):
    for value, maker in graph.producers.items():
        yield graph.values[value], maker


def test_another_graph_has_no_copies():
    before, after = read(scripted("nested-calls")), read(scripted("string-methods"))
    assert find_copies(before, after, after.nodes) == {}
