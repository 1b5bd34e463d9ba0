"""A diff finds nothing where nothing is changed, and each single edit as exactly that edit."""

import pickle
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.ir.made import changed, graphs, with_blocks, without
from tsviz.ir import (
    Block,
    Change,
    Edit,
    Graph,
    GraphDiff,
    Node,
    Value,
    diff_graphs,
    hash_graph,
    read_graph,
)
from tsviz.ir.types import intern_type

NONE = GraphDiff()

few = settings(max_examples=40)

WHOLE = """graph(%c : bool, %n : int, %x : Tensor):
  %k : int = prim::Constant[value=1]()
  %y : Tensor = prim::If(%c)
    block0():
      %a : Tensor = aten::add(%x, %x, %k)
      -> (%a)
    block1():
      -> (%x)
  %t : Tensor = prim::Loop(%n, %c, %y)
    block0(%i : int, %u : Tensor):
      %v : Tensor = aten::relu(%u)
      -> (%c, %v)
  return (%t)"""


def some(draw: st.DataObject, nodes: list[Node]) -> Node:
    assume(nodes)
    return draw.draw(st.sampled_from(nodes))


def find(graph: Graph, op: str) -> Node:
    return next(node for node in graph.iter_nodes() if node.op == op)


def value(graph: Graph, name: str) -> int:
    return next(value.id for value in graph.values.values() if value.name == name)


# ── properties ──────────────────────────────────────────────────────────────────────────────────


@few
@given(graphs())
def test_nothing_differs_from_itself(graph: Graph) -> None:
    copied = pickle.loads(pickle.dumps(graph))
    assert diff_graphs(graph, graph) == diff_graphs(graph, copied) == NONE
    assert not NONE


@few
@given(graphs(), st.randoms())
def test_names_lines_and_scopes_are_no_differences(graph: Graph, random) -> None:
    names = [f"n{at}" for at in range(len(graph.values))]
    random.shuffle(names)
    values = {i: Value(i, name) for i, name in zip(graph.values, names, strict=True)}
    renamed = replace(graph, values=values, scopes=dict.fromkeys(graph.nodes, "layer"))
    assert diff_graphs(graph, renamed) == NONE
    assert hash_graph(renamed) == hash_graph(graph)


@few
@given(graphs(), st.data())
def test_a_dropped_node(graph: Graph, data: st.DataObject) -> None:
    node = some(data, [node for node in graph.iter_nodes() if node.inputs and not node.blocks])
    (out,) = node.outputs
    diff = diff_graphs(graph, without(graph, node, node.inputs[0]))
    assert (diff.removed, diff.added, diff.moved) == ((node.id,), (), ())
    found = [
        (change.node, edit.what, edit.before, edit.after)
        for change in diff.changed
        for edit in change.edits
    ]
    assert sorted(found) == sorted(
        (use.node, "return" if use.index < 0 else "input", out, node.inputs[0])
        for use in graph.users.get(out, ())
    )


@few
@given(graphs(), st.data())
def test_an_added_node_is_a_dropped_one_backwards(graph: Graph, data: st.DataObject) -> None:
    node = some(data, [node for node in graph.iter_nodes() if node.inputs and not node.blocks])
    diff = diff_graphs(without(graph, node, node.inputs[0]), graph)
    assert (diff.added, diff.removed, diff.moved) == ((node.id,), (), ())


@few
@given(graphs(), st.data())
def test_a_dropped_node_with_blocks_takes_what_is_in_them(
    graph: Graph, data: st.DataObject
) -> None:
    node = some(data, [node for node in graph.iter_nodes() if node.blocks])
    inside = [inner.id for inner in replace(graph, block=Block((), (node,), ())).iter_nodes()]
    diff = diff_graphs(graph, without(graph, node, graph.block.params[1]))
    assert (list(diff.removed), diff.added, diff.moved) == (inside, (), ())


@few
@given(graphs(), st.data())
def test_a_changed_attribute(graph: Graph, data: st.DataObject) -> None:
    node = some(data, [node for node in graph.iter_nodes() if node.attributes])
    was = node.get_attribute("value")
    other = changed(graph, node, attributes=(("value", 3),))
    edit = Edit("attribute", "value", was, 3)
    assert diff_graphs(graph, other) == GraphDiff(changed=(Change(node.id, (edit,)),))
    assert hash_graph(other) != hash_graph(graph)


@few
@given(graphs(), st.data())
def test_swapped_inputs(graph: Graph, data: st.DataObject) -> None:
    node = some(data, [node for node in graph.iter_nodes() if len(set(node.inputs)) == 2])
    one, other = node.inputs
    swapped = changed(graph, node, inputs=(other, one))
    edits = (Edit("input", 0, one, other), Edit("input", 1, other, one))
    assert diff_graphs(graph, swapped) == GraphDiff(changed=(Change(node.id, edits),))
    assert hash_graph(swapped) != hash_graph(graph)


@few
@given(graphs(), st.data())
def test_a_changed_type(graph: Graph, data: st.DataObject) -> None:
    out = data.draw(st.sampled_from(list(graph.values)))
    owner = graph.producers[out].id if out in graph.producers else 0
    was, now = graph.types[out], intern_type("Float(2, 3)")
    other = replace(graph, types={**graph.types, out: now})
    edit = Edit("type", out, was, now)
    assert diff_graphs(graph, other) == GraphDiff(changed=(Change(owner, (edit,)),))
    assert hash_graph(other) != hash_graph(graph)


@few
@given(graphs(), st.data())
def test_a_moved_node(graph: Graph, data: st.DataObject) -> None:
    node = some(data, [node for node in graph.iter_nodes() if node.op == "prim::Constant"])
    place = 0

    def to_front(block: Block) -> Block:
        nonlocal place
        if node not in block.nodes:
            return block
        place = block.nodes.index(node)
        rest = tuple(inner for inner in block.nodes if inner is not node)
        return replace(block, nodes=(node, *rest))

    other = with_blocks(graph, to_front)
    diff = diff_graphs(graph, other)
    assert (diff.added, diff.removed, diff.changed) == ((), (), ())
    if place == 1:  # then it is as right to say that its neighbour moved
        assert len(diff.moved) == 1
    else:
        assert diff.moved == ((node.id,) if place else ())


@few
@given(graphs(), st.data())
def test_a_node_that_moved_out_of_its_block(graph: Graph, data: st.DataObject) -> None:
    top = graph.block.nodes
    node = some(
        data,
        [node for node in graph.iter_nodes() if node.op == "prim::Constant" and node not in top],
    )
    hoisted = without(graph, node, node.outputs[0])
    hoisted = replace(hoisted, block=replace(hoisted.block, nodes=(node, *hoisted.block.nodes)))
    assert diff_graphs(graph, hoisted) == GraphDiff(moved=(node.id,))


def test_a_node_that_moved_to_the_same_place_of_another_block() -> None:
    graph = read_graph(WHOLE).graph
    node = find(graph, "aten::relu")
    body = find(graph, "prim::Loop").blocks[0]
    emptied = changed(graph, find(graph, "prim::Loop"), blocks=(replace(body, nodes=()),))
    first, branch, loop = emptied.block.nodes
    blocks = (replace(branch.blocks[0], nodes=(node,)), branch.blocks[1])
    branch = replace(branch, blocks=blocks)
    other = replace(emptied, block=replace(emptied.block, nodes=(first, branch, loop)))
    diff = diff_graphs(graph, other)
    assert (diff.moved, diff.removed) == ((node.id,), (find(graph, "aten::add").id,))


@given(st.permutations(range(8)))
def test_the_fewest_nodes_are_said_to_have_moved(order: list[int]) -> None:
    text = "\n".join(f"%{at} : int = prim::Constant[value={at}]()" for at in range(8))
    graph = read_graph(f"graph():\n{text}\nreturn ()").graph
    nodes = graph.block.nodes
    other = replace(graph, block=replace(graph.block, nodes=tuple(nodes[at] for at in order)))
    moved = diff_graphs(graph, other).moved
    places = {node.id: at for at, node in enumerate(nodes)}
    stayed = [at for at in order if nodes[at].id not in moved]
    assert stayed == sorted(stayed)
    longest = [1] * 8
    for at in range(8):
        for before in range(at):
            if order[before] < order[at]:
                longest[at] = max(longest[at], longest[before] + 1)
    assert len(moved) == 8 - max(longest)
    assert [places[node] for node in moved] == [at for at in order if nodes[at].id in moved]


# ── every part of a node ────────────────────────────────────────────────────────────────────────


def test_another_op_and_overload() -> None:
    graph = read_graph(WHOLE).graph
    node = find(graph, "aten::add")
    other = changed(graph, node, op="aten::sub", overload="Tensor")
    edits = (Edit("op", 0, "aten::add", "aten::sub"), Edit("overload", 0, "", "Tensor"))
    assert diff_graphs(graph, other).changed == (Change(node.id, edits),)


def test_more_and_fewer_inputs_and_outputs() -> None:
    graph = read_graph(WHOLE).graph
    node, k, x = find(graph, "aten::add"), value(graph, "k"), value(graph, "x")
    less = changed(graph, node, inputs=(x,), outputs=())
    edits = (
        Edit("input", 1, x, None),
        Edit("input", 2, k, None),
        Edit("output", 0, node.outputs[0], None),
    )
    assert diff_graphs(graph, less).changed == (Change(node.id, edits),)
    back = diff_graphs(less, graph).changed
    assert back == (
        Change(node.id, tuple(replace(edit, before=None, after=edit.before) for edit in edits)),
    )


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("0.", "-0."),
        ("1", "1."),
        ('"a"', '"b"'),
        ("[1, 2]", "[2, 1]"),
        ("[1]", "[]"),
        ("{1}", "{2}"),
    ],
)
def test_attributes_that_differ_in_their_text(was: str, now: str) -> None:
    text = "graph():\n  %k : Scalar = prim::Constant[value={}]()\n  return (%k)"
    before, after = read_graph(text.format("0")).graph, read_graph(text.format(now)).graph
    attributes = [
        find(read_graph(text.format(it)).graph, "prim::Constant").attributes for it in (was, now)
    ]
    one, other = (changed(before, before.block.nodes[0], attributes=it) for it in attributes)
    edit = Edit("attribute", "value", attributes[0][0][1], attributes[1][0][1])
    assert diff_graphs(one, other).changed == (Change(before.block.nodes[0].id, (edit,)),)
    assert hash_graph(one) != hash_graph(other) == hash_graph(after)


def test_not_a_number_is_what_it_was() -> None:
    text = "graph():\n  %k : float = prim::Constant[value=nan]()\n  return (%k)"
    graph = read_graph(text).graph
    other = changed(graph, graph.block.nodes[0], attributes=(("value", float("nan")),))
    assert diff_graphs(graph, other) == NONE


def test_an_attribute_that_came_or_went() -> None:
    graph = read_graph(WHOLE).graph
    node = find(graph, "prim::Constant")
    other = changed(graph, node, attributes=(("size", 2),))
    edits = (Edit("attribute", "value", 1, None), Edit("attribute", "size", None, 2))
    assert diff_graphs(graph, other).changed == (Change(node.id, edits),)


def test_what_blocks_take_and_return() -> None:
    graph = read_graph(WHOLE).graph
    node = find(graph, "prim::Loop")
    (body,) = node.blocks
    i, u = body.params
    other = changed(
        graph, node, blocks=(replace(body, params=(u, i), returns=(body.returns[0], u)),)
    )
    v = value(graph, "v")
    edits = (
        Edit("parameter", (0, 0), i, u),
        Edit("parameter", (0, 1), u, i),
        Edit("return", (0, 1), v, u),
    )
    assert diff_graphs(graph, other).changed == (Change(node.id, edits),)


def test_a_block_that_went() -> None:
    graph = read_graph(WHOLE).graph
    node = find(graph, "prim::If")
    other = changed(graph, node, blocks=node.blocks[1:])
    diff = diff_graphs(graph, other)
    x, a = value(graph, "x"), value(graph, "a")
    edits = (Edit("return", (0, 0), a, x), Edit("block", 1, 0, None))
    assert diff.changed == (Change(node.id, edits),)
    assert diff.removed == (find(graph, "aten::add").id,)


def test_the_graph_itself_is_node_0() -> None:
    graph = read_graph(WHOLE).graph
    c, n, x = graph.block.params
    other = replace(graph, block=replace(graph.block, params=(c, n), returns=(x,)))
    edits = (Edit("parameter", (0, 2), x, None), Edit("return", (0, 0), value(graph, "t"), x))
    assert diff_graphs(graph, other) == GraphDiff(changed=(Change(0, edits),))


def test_the_type_of_a_blocks_parameter_is_told_of_its_node() -> None:
    graph = read_graph(WHOLE).graph
    u = value(graph, "u")
    other = replace(graph, types={**graph.types, u: intern_type("Float(2)")})
    edit = Edit("type", u, intern_type("Tensor"), intern_type("Float(2)"))
    assert diff_graphs(graph, other).changed == (Change(find(graph, "prim::Loop").id, (edit,)),)


def test_classes_that_pytorch_numbers_are_the_same() -> None:
    text = "graph(%self : __torch__.net.{}Net):\n  return (%self)"
    graph = read_graph(text.format("")).graph
    other = replace(
        graph, types={graph.block.params[0]: intern_type("__torch__.net.___torch_mangle_12.Net")}
    )
    assert diff_graphs(graph, other) == NONE
    assert hash_graph(other) == hash_graph(graph)
    assert hash_graph(read_graph(text.format("Other")).graph) != hash_graph(graph)
