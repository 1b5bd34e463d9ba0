"""What is asked of graphs: order, users, producers, and rewriting that shares what stays."""

from dataclasses import replace

import pytest

from tsviz.ir import Node, Use, read_graph
from tsviz.ir.graph import rewrite_block

TEXT = """graph(%c : bool, %x : Tensor):
  %k : int = prim::Constant[value=1]()
  %y : Tensor = prim::If(%c)
    block0():
      %a : Tensor = aten::add(%x, %x, %k)
      %b : Tensor = prim::If(%c)
        block0():
          %n : Tensor = aten::neg(%a)
          -> (%n)
        block1():
          -> (%a)
      -> (%b)
    block1():
      %r : Tensor = aten::relu(%x)
      -> (%r)
  %z : Tensor = aten::abs(%y)
  return (%z)"""

ORDER = ["Constant", "If", "add", "If", "neg", "relu", "abs"]


@pytest.fixture
def nodes() -> dict[str, Node]:
    """The nodes by the name of what they yield."""
    graph = read_graph(TEXT).graph
    return {graph.values[node.outputs[0]].name: node for node in graph.iter_nodes()}


def test_nodes_come_in_printed_order() -> None:
    graph = read_graph(TEXT).graph
    assert [node.op.partition("::")[2] for node in graph.iter_nodes()] == ORDER
    assert list(graph.nodes.values()) == list(graph.iter_nodes())


def test_users_and_producers() -> None:
    graph = read_graph(TEXT).graph
    values = {value.name: value.id for value in graph.values.values()}
    by_name = {graph.values[node.outputs[0]].name: node.id for node in graph.iter_nodes()}
    assert graph.users[values["x"]] == (
        Use(by_name["a"], 0),
        Use(by_name["a"], 1),
        Use(by_name["r"], 0),
    )
    assert graph.users[values["a"]] == (Use(by_name["b"], -1), Use(by_name["n"], 0))
    assert graph.users[values["z"]] == (Use(0, -1),)
    assert graph.producers[values["y"]].id == by_name["y"]
    assert values["x"] not in graph.producers


def test_attributes_by_name(nodes: dict[str, Node]) -> None:
    assert nodes["k"].get_attribute("value") == nodes["k"].find_attribute("value") == 1
    assert nodes["k"].find_attribute("name") is None
    with pytest.raises(KeyError, match="name"):
        nodes["k"].get_attribute("name")


def test_rewriting_nothing_gives_the_same_object() -> None:
    block = read_graph(TEXT).graph.block
    assert rewrite_block(block, lambda node: node) is block


def test_rewriting_goes_from_the_inside_out_and_shares_what_stays() -> None:
    block = read_graph(TEXT).graph.block
    seen: list[str] = []

    def change(node: Node) -> Node:
        seen.append(node.op.partition("::")[2])
        return replace(node, op="aten::sub") if node.op == "aten::relu" else node

    rewritten = rewrite_block(block, change)
    assert seen == ["Constant", "add", "neg", "If", "relu", "If", "abs"]
    first, branch, last = rewritten.nodes
    assert (first, last) == (block.nodes[0], block.nodes[2])
    assert branch.blocks[0] is block.nodes[1].blocks[0]
    assert [node.op for node in branch.blocks[1].nodes] == ["aten::sub"]
    assert branch.blocks[1].returns == block.nodes[1].blocks[1].returns


def test_a_changed_owner_keeps_its_rewritten_blocks() -> None:
    block = read_graph(TEXT).graph.block
    rewritten = rewrite_block(block, lambda node: replace(node, op="aten::f"))
    graph = replace(read_graph(TEXT).graph, block=rewritten)
    assert [node.op for node in graph.iter_nodes()] == ["aten::f"] * len(ORDER)
