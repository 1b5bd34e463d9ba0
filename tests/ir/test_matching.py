"""Graphs that share no ids are matched: whole where they are equal, and around an edit."""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from tests.ir.made import changed, graphs, without
from tests.views.made import example
from tsviz.ir import (
    Graph,
    GraphDiff,
    Node,
    TensorRef,
    adopt_ids,
    diff_graphs,
    hash_graph,
    iter_faults,
    match_nodes,
    read_graph,
    render_graph,
)

Edit = Callable[[Graph, Node], Graph]
Fits = Callable[[Node], bool]

NAMES = ["resnet-tiny", "bert-tiny", "decoder", "detector", "tagger"]

few = settings(max_examples=40)


def reread(graph: Graph) -> Graph:
    """The same graph with ids and names of its own, as from another process."""
    reading = read_graph(render_graph(graph, comments=False))
    values = {i: replace(value, name=f"n{i}") for i, value in reading.graph.values.items()}
    return replace(reading.graph, values=values, scopes=reading.scopes)


@few
@given(graphs())
def test_equal_graphs_match_node_by_node(graph: Graph) -> None:
    other = reread(graph)
    assert match_nodes(graph, other) == dict(zip(graph.nodes, other.nodes, strict=True))
    adopted = adopt_ids(graph, other)
    assert diff_graphs(graph, adopted) == GraphDiff()
    assert list(iter_faults(adopted)) == []
    assert hash_graph(other) == hash_graph(graph) == hash_graph(adopted)


@few
@given(graphs(), graphs())
def test_any_two_graphs_match_one_to_one(before: Graph, after: Graph) -> None:
    found = match_nodes(before, after)
    assert len(set(found.values())) == len(found)
    assert all(before.nodes[one].op == after.nodes[two].op for one, two in found.items())
    adopted = adopt_ids(before, after)
    assert list(iter_faults(adopted)) == []
    assert hash_graph(adopted) == hash_graph(after)
    diff = diff_graphs(before, adopted)
    assert len(before.nodes) - len(diff.removed) == len(found) == len(after.nodes) - len(diff.added)


@pytest.mark.parametrize("via", ["script", "trace", "freeze"])
@pytest.mark.parametrize("name", NAMES)
def test_two_captures_of_an_example(name: str, via: str) -> None:
    before, after = example(name, via).graph, reread(example(name, via).graph)
    assert diff_graphs(before, adopt_ids(before, after)) == GraphDiff()


# ── one edit in a real graph is found as that edit ──────────────────────────────────────────────


def swap_inputs(graph: Graph, node: Node) -> Graph:
    one, other, *rest = node.inputs
    return changed(graph, node, inputs=(other, one, *rest))


def change_attribute(graph: Graph, node: Node) -> Graph:
    return changed(graph, node, attributes=(("value", 12345),))


def drop(graph: Graph, node: Node) -> Graph:
    return without(graph, node, node.inputs[0])


def has_two_inputs(node: Node) -> bool:
    return len(set(node.inputs[:2])) == 2 and not node.blocks


def is_number(node: Node) -> bool:
    return isinstance(node.find_attribute("value"), (int, float))


def is_replaceable(node: Node) -> bool:
    return bool(node.inputs) and len(node.outputs) == 1 and not node.blocks


EDITS = [(swap_inputs, has_two_inputs), (change_attribute, is_number), (drop, is_replaceable)]


@pytest.mark.parametrize("via", ["script", "trace"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("edit", "fits"), EDITS, ids=["swap", "attribute", "drop"])
def test_an_edit_is_found_as_that_edit(edit: Edit, fits: Fits, name: str, via: str) -> None:
    graph = example(name, via).graph
    nodes = [node for node in graph.iter_nodes() if fits(node)]
    for node in Random(0).sample(nodes, 3):
        after = edit(graph, node)
        found = diff_graphs(graph, adopt_ids(graph, reread(after)))
        assert found == diff_graphs(graph, after) != GraphDiff()


def test_an_edited_condition_does_not_hide_what_its_branches_hold() -> None:
    graph = example("tagger", "script").graph
    node = next(node for node in graph.iter_nodes() if node.op == "aten::eq")
    after = swap_inputs(graph, node)
    found = diff_graphs(graph, adopt_ids(graph, reread(after)))
    assert found == diff_graphs(graph, after)


def test_what_uses_the_same_weight_corresponds_between_two_edits() -> None:
    before = read_graph("""graph(%self : Net, %x : Tensor):
      %u : Tensor = prim::GetAttr[name="u"](%self)
      %v : Tensor = prim::GetAttr[name="v"](%self)
      %w : Tensor = prim::GetAttr[name="w"](%self)
      %1 : Tensor = aten::matmul(%x, %u)
      %2 : Tensor = aten::relu(%1)
      %3 : Tensor = aten::matmul(%2, %v)
      %4 : Tensor = aten::relu(%3)
      %5 : Tensor = aten::matmul(%4, %w)
      %6 : Tensor = aten::relu(%5)
      return (%6)""").graph
    after = read_graph("""graph(%self : Net, %x : Tensor):
      %u : Tensor = prim::GetAttr[name="u"](%self)
      %v : Tensor = prim::GetAttr[name="v"](%self)
      %w : Tensor = prim::GetAttr[name="w"](%self)
      %1 : Tensor = aten::matmul(%x, %u)
      %2 : Tensor = aten::gelu(%1)
      %4 : Tensor = aten::relu(%2)
      %5 : Tensor = aten::matmul(%4, %w)
      %6 : Tensor = aten::gelu(%5)
      return (%6)""").graph
    diff = diff_graphs(before, adopt_ids(before, after))
    names = [before.values[before.nodes[node].outputs[0]].name for node in diff.removed]
    assert names == ["2", "3", "6"]
    assert len(diff.added) == 2


def test_a_tensor_that_was_not_seen_is_no_change() -> None:
    text = example("decoder", "freeze").text
    before, after = (read_graph(it) for it in (text, re.sub(r" sha256:\w+", "", text)))
    graphs = [replace(reading.graph, scopes=reading.scopes) for reading in (before, after)]
    assert render_graph(graphs[0]) != render_graph(graphs[1])
    assert diff_graphs(graphs[0], adopt_ids(*graphs)) == GraphDiff()


def test_other_weights_are_a_change() -> None:
    text = example("decoder", "freeze").text
    digests = re.findall(r"sha256:(\w+)", text)
    before, after = read_graph(text), read_graph(text.replace(digests[0], "0" * 16))
    graphs = [replace(reading.graph, scopes=reading.scopes) for reading in (before, after)]
    (change,) = diff_graphs(graphs[0], adopt_ids(*graphs)).changed
    ((edit,),) = (change.edits,)
    assert (edit.what, edit.at) == ("attribute", "value")
    assert isinstance(edit.before, TensorRef)
    assert isinstance(edit.after, TensorRef)
    assert (edit.before.digest, edit.after.digest) == (digests[0], "0" * 16)


def test_many_nodes_match() -> None:
    lines = [f"%v{at + 1} : Tensor = aten::relu(%v{at})" for at in range(20_000)]
    text = "\n".join(["graph(%v0 : Tensor):", *lines, "return (%v20000)"])
    before = read_graph(text).graph
    after = read_graph(text.replace("%v8 : Tensor = aten::relu", "%v8 : Tensor = aten::neg")).graph
    diff = diff_graphs(before, adopt_ids(before, after))
    assert [before.nodes[node].op for node in diff.removed] == ["aten::relu"]
    assert (len(diff.added), len(diff.changed), diff.moved) == (1, 1, ())
