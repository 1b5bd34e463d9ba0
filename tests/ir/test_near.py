"""Where to look for what is not known about a node, nearest first."""

import pytest

from tsviz.ir import Graph, Node, read_graph, settle_near


def offered(text: str, op: str) -> list[str]:
    """The ops that are offered to the first node `op`, which adopts none."""
    graph = read_graph(text).graph
    node = next(node for node in graph.iter_nodes() if node.op == op)
    seen: list[str] = []

    def decline(_: Node, other: int) -> bool:
        seen.append(graph.nodes[other].op)
        return False

    assert settle_near(graph, [node], decline) == [node]
    return seen


def test_an_own_constant_then_users_then_makers_then_the_block() -> None:
    text = """graph(%x : Tensor):
      %own : int = prim::Constant[value=3]()
      %shared : int = prim::Constant[value=1]()
      %y : Tensor = aten::relu(%x)
      %z : Tensor = aten::add(%y, %own, %shared)
      %a : Tensor = aten::sub(%z, %z, %shared)
      return (%a)"""
    assert offered(text, "aten::add") == [
        "prim::Constant",
        "aten::sub",
        "aten::sub",
        "aten::relu",
        "aten::sub",
        "aten::relu",
        "prim::Constant",
        "prim::Constant",
    ]


def test_the_weight_of_a_frozen_module_counts_as_its_own() -> None:
    text = """graph(%x : Tensor):
      %self.fc.weight : Float(2, 2) = prim::Constant[value=<Tensor>]()
      %y : Tensor = aten::matmul(%x, %self.fc.weight)
      %z : Tensor = aten::matmul(%y, %self.fc.weight)
      return (%z)"""
    assert offered(text, "aten::matmul")[0] == "prim::Constant"


def test_what_a_block_returns_is_offered_the_if_last() -> None:
    text = """graph(%c : bool, %x : Tensor):
      %y : Tensor = prim::If(%c)
        block0():
          %a : Tensor = aten::relu(%x)
          -> (%a)
        block1():
          -> (%x)
      return (%y)"""
    assert offered(text, "aten::relu") == ["prim::If"]
    assert offered(text, "prim::If") == ["aten::relu"]  # what the graph returns has no owner


def test_users_are_asked_from_the_end_so_that_a_chain_settles_at_once() -> None:
    graph = read_graph("""graph(%self : T, %x : Tensor):
      %a : T = prim::GetAttr[name="a"](%self)
      %b : T = prim::GetAttr[name="b"](%a)
      %w : Tensor = prim::GetAttr[name="w"](%b)
      %y : Tensor = aten::mul(%x, %w)
      return (%y)""").graph
    last = [node for node in graph.iter_nodes() if node.op == "aten::mul"]
    lines = {last[0].id: 7}

    def adopt(node: Node, other: int) -> bool:
        if other in lines:
            lines[node.id] = lines[other]
        return node.id in lines

    pending = [node for node in graph.iter_nodes() if node.op == "prim::GetAttr"]
    assert settle_near(graph, pending, adopt) == []
    assert set(lines.values()) == {7}


@pytest.mark.parametrize("away", [8, 9])
def test_beside_reaches_eight_nodes_far(away: int) -> None:
    between = [f"%v{k} : Tensor = aten::relu(%x)" for k in range(away - 1)]
    lines = ["%lone : T = prim::CreateObject()", *between, "aten::wait(%x)", "return (%x)"]
    text = "graph(%x : Tensor):\n" + "\n".join(f"  {line}" for line in lines)
    assert ("aten::wait" in offered(text, "prim::CreateObject")) == (away == 8)


def test_nothing_pending_walks_nothing() -> None:
    graph = Graph("g", "torchscript", read_graph("graph():\n  return ()").graph.block, {}, {})
    assert settle_near(graph, [], lambda *_: True) == []
