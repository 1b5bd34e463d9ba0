"""Graphs that share no ids are matched: whole where they are equal, and around an edit."""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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


def makes_the_same(graph: Graph, node: Node) -> bool:
    """Whether the first two inputs are computed alike."""
    one, other = (graph.producers.get(value) for value in node.inputs[:2])
    if one is None or other is None or (one.op, one.attributes) != (other.op, other.attributes):
        return False
    pairs = zip(one.inputs, other.inputs, strict=True)
    return all(a == b or _is_equal_constant(graph, a, b) for a, b in pairs)


def _is_equal_constant(graph: Graph, one: int, other: int) -> bool:
    makers = [graph.producers.get(value) for value in (one, other)]
    return all(makers) and len({(m.op, m.inputs, m.attributes) for m in makers if m}) == 1


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
        if edit is swap_inputs and makes_the_same(graph, node):
            continue  # then it is as right to say that the makers changed places
        after = edit(graph, node)
        found = diff_graphs(graph, adopt_ids(graph, reread(after)))
        assert found == diff_graphs(graph, after) != GraphDiff()


# ── known edits of networks, in every combination of layers ─────────────────────────────────────

LAYERS: dict[str, tuple[str, ...]] = {
    "linear": (
        '%m{n} : Linear = prim::GetAttr[name="{name}"](%self)',
        '%w{n} : Tensor = prim::GetAttr[name="weight"](%m{n})',
        "%o{n} : Tensor = aten::linear({x}, %w{n})",
    ),
    "relu": ("%o{n} : Tensor = aten::relu({x})",),
    "residual": (
        "%a{n} : Tensor = aten::relu({x})",
        "%k{n} : int = prim::Constant[value=1]()",
        "%o{n} : Tensor = aten::add(%a{n}, {x}, %k{n})",
    ),
    "branch": (
        "%o{n} : Tensor = prim::If(%c)",
        "block0():",
        "%i{n} : Tensor = prim::If(%c)",
        "block0():",
        "%k{n} : int = prim::Constant[value=1]()",
        "%d{n} : Tensor = aten::mul({x}, %k{n})",
        "-> (%d{n})",
        "block1():",
        "-> ({x})",
        "-> (%i{n})",
        "block1():",
        "%e{n} : Tensor = aten::relu({x})",
        "-> (%e{n})",
    ),
    "gelu": ("%o{n} : Tensor = aten::gelu({x})",),  # stands only where one is put in
}
kinds_of_layers = st.sampled_from(sorted(LAYERS.keys() - {"gelu"}))
networks = st.lists(kinds_of_layers, min_size=1, max_size=12)
some_layers = st.lists(kinds_of_layers, max_size=6)
# A linear layer somewhere, and its place: which of several relus is gone could not be told.
with_a_linear = st.builds(
    lambda before, after: ([*before, "linear", *after], len(before)), some_layers, some_layers
)


def network(kinds: list[str], names: dict[int, str] | None = None) -> Graph:
    """Layer after layer; a linear one is called after its place, or by its name."""
    names = names or {}
    lines, x = ["graph(%self : Net, %c : bool, %x : Tensor):"], "%x"
    for at, kind in enumerate(kinds):
        name = names.get(at, f"layer{at}")
        lines += [line.format(n=at, name=name, x=x) for line in LAYERS[kind]]
        x = f"%o{at}"
    return read_graph("\n".join([*lines, f"return ({x})"])).graph


def found_between(before: Graph, after: Graph) -> tuple[Graph, GraphDiff]:
    adopted = adopt_ids(before, after)
    return adopted, diff_graphs(before, adopted)


@given(networks, st.data())
def test_an_inserted_layer_is_all_that_is_found(kinds: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(kinds)))
    names = {place + (place >= at): f"layer{place}" for place in range(len(kinds))}
    before = network(kinds)
    after, diff = found_between(before, network([*kinds[:at], "gelu", *kinds[at:]], names))
    (added,) = diff.added
    assert (after.nodes[added].op, diff.removed, diff.moved) == ("aten::gelu", (), ())
    (out,) = after.nodes[added].outputs
    edits = [edit for change in diff.changed for edit in change.edits]
    assert {edit.what for edit in edits} <= {"input", "return"}
    assert len(edits) == len(after.users[out])
    assert {edit.after for edit in edits} == {out}


@given(with_a_linear)
def test_a_renamed_module_is_one_attribute(found: tuple[list[str], int]) -> None:
    kinds, at = found
    before = network(kinds)
    _, diff = found_between(before, network(kinds, {at: "other"}))
    (change,) = diff.changed
    assert diff == GraphDiff(changed=(change,))
    (edit,) = change.edits
    assert (edit.at, edit.before, edit.after) == ("name", f"layer{at}", "other")


@given(with_a_linear)
def test_a_dropped_layer_is_all_that_is_found(found: tuple[list[str], int]) -> None:
    kinds, at = found
    rest = [*kinds[:at], *kinds[at + 1 :]]
    names = {place - (place > at): f"layer{place}" for place in range(len(kinds)) if place != at}
    before, without_it = network(kinds), network(rest, names)
    _, diff = found_between(before, without_it)
    removed = [before.nodes[node] for node in diff.removed]
    assert [node.op for node in removed] == ["prim::GetAttr", "prim::GetAttr", "aten::linear"]
    assert removed[0].get_attribute("name") == f"layer{at}"
    edits = [edit for change in diff.changed for edit in change.edits]
    assert (len(edits), diff.added, diff.moved) == (
        len(before.users[removed[2].outputs[0]]),
        (),
        (),
    )


@given(networks, st.data())
def test_a_constant_in_a_nested_block(kinds: list[str], data: st.DataObject) -> None:
    before = network(kinds)
    nodes = [node for node in before.iter_nodes() if node.op == "prim::Constant"]
    assume(nodes)
    node = data.draw(st.sampled_from(nodes))
    after = changed(before, node, attributes=(("value", 2),))
    assert found_between(before, reread(after))[1] == diff_graphs(before, after) != GraphDiff()


@given(networks, networks)
def test_a_difference_is_found_where_hashes_differ(one: list[str], other: list[str]) -> None:
    before, after = network(one), network(other)
    assert bool(found_between(before, after)[1]) == (hash_graph(before) != hash_graph(after))


@given(st.integers(2, 30), st.integers(0, 3))
def test_one_op_many_times_counts(times: int, more: int) -> None:
    before, after = network(["relu"] * times), network(["relu"] * (times + more))
    _, diff = found_between(before, after)
    assert (len(diff.added), len(diff.removed), diff.moved) == (more, 0, ())
    assert len(diff.changed) == (more > 0)


def test_a_constant_that_moved_takes_no_other_along() -> None:
    before = network(["residual"] * 9)
    constants = [node for node in before.block.nodes if node.op == "prim::Constant"]
    rest = tuple(node for node in before.block.nodes if node is not constants[6])
    after = replace(before, block=replace(before.block, nodes=(constants[6], *rest)))
    assert found_between(before, reread(after))[1] == GraphDiff(moved=(constants[6].id,))


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
