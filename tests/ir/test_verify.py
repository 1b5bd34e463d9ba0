"""Each way in which a graph can be broken is found, at the node, in full words."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tsviz.ir import Block, Graph, Node, SubgraphRef, iter_faults, read_graph
from tsviz.ir.graph import rewrite_block
from tsviz.location import FileRange, How, Link

WHOLE = """graph(%c : bool,
      %n : int,
      %x : Tensor):
  %t : Tensor = prim::Loop(%n, %c, %x)
    block0(%i : int, %u : Tensor):
      %v : Tensor = prim::If(%c)
        block0():
          %a : Tensor = aten::relu(%u)
          -> (%a)
        block1():
          -> (%u)
      -> (%c, %v)
  %f : Future(Tensor) = prim::fork_0(%t)
  %w : Tensor = aten::wait(%f)
  return (%w)
with prim::fork_0 = graph(%x : Tensor):
  %y : Tensor = aten::neg(%x)
  return (%y)"""

Change = Callable[[Node], Node]


def whole() -> Graph:
    graph = read_graph(WHOLE).graph
    links = {i: Link(FileRange("m.py", at), How.EXACT) for at, i in enumerate(graph.nodes, 1)}
    return replace(graph, links=links)


def value(graph: Graph, name: str) -> int:
    """The first value of that name."""
    return next(value.id for value in graph.values.values() if value.name == name)


def node(graph: Graph, op: str) -> Node:
    return next(node for node in graph.iter_nodes() if node.op == op)


def changed(graph: Graph, op: str, **fields: object) -> Graph:
    """The graph with the fields of its nodes `op` replaced."""

    def change(old: Node) -> Node:
        return replace(old, **fields) if old.op == op else old  # type: ignore[arg-type]

    return replace(graph, block=rewrite_block(graph.block, change))


def said(graph: Graph) -> list[str]:
    return [fault.render() for fault in iter_faults(graph)]


def test_a_whole_graph_has_no_fault() -> None:
    assert said(whole()) == []


@pytest.mark.parametrize("name", ["u", "v", "a"])
def test_a_value_of_an_ended_block(name: str) -> None:
    graph = whole()
    broken = changed(graph, "aten::wait", inputs=(value(graph, name),))
    assert said(broken) == [
        "error[TSV-V01]: expected a value that is in reach, "
        f"got %{name}: another block defines it\n"
        "  --> m.py:6\n"
        f"  note: in node {node(graph, 'aten::wait').id}: %w = aten::wait"
    ]


def test_a_value_before_it_is_defined() -> None:
    graph = whole()
    first, fork, wait = graph.block.nodes
    broken = replace(graph, block=replace(graph.block, nodes=(first, wait, fork)))
    assert said(broken) == [
        "error[TSV-V01]: expected a value that is in reach, got %f: nothing before defines it\n"
        "  --> m.py:6\n"
        f"  note: in node {wait.id}: %w = aten::wait"
    ]


def test_a_value_that_is_not_in_the_graph() -> None:
    graph = whole()
    assert said(replace(graph, block=replace(graph.block, returns=(0,)))) == [
        "error[TSV-V01]: expected a value that is in reach, got value 0: "
        "nothing before defines it\n"
        "  note: in the parameters or returns of the graph"
    ]


def test_what_a_node_yields_is_out_of_reach_inside_it() -> None:
    graph = whole()
    branch = replace(node(graph, "prim::If").blocks[1], returns=(value(graph, "v"),))
    blocks = (node(graph, "prim::If").blocks[0], branch)
    assert said(changed(graph, "prim::If", blocks=blocks)) == [
        "error[TSV-V01]: expected a value that is in reach, got %v: nothing before defines it\n"
        "  --> m.py:2\n"
        f"  note: in node {node(graph, 'prim::If').id}: %v = prim::If"
    ]


def test_a_subgraph_reaches_nothing_around_it() -> None:
    graph = whole()
    broken = changed(graph, "aten::neg", inputs=(value(graph, "t"),))
    assert said(broken) == [
        "error[TSV-V01]: expected a value that is in reach, got %t: another block defines it\n"
        "  --> m.py:5\n"
        f"  note: in node {node(graph, 'aten::neg').id}: %y = aten::neg"
    ]


def test_a_node_that_is_there_twice() -> None:
    graph = whole()
    nodes = graph.block.nodes
    broken = replace(graph, block=replace(graph.block, nodes=(*nodes, nodes[-1])))
    wait = nodes[-1]
    note = f"  --> m.py:6\n  note: in node {wait.id}: %w = aten::wait"
    out = value(graph, "w")
    assert said(broken) == [
        f"error[TSV-V02]: expected one node {wait.id}, got another\n{note}",
        f"error[TSV-V02]: expected value {out} (%w) to be new, got it for the second time\n{note}",
    ]


def test_two_values_of_one_name() -> None:
    graph = whole()
    out = value(graph, "w")
    values = {**graph.values, out: replace(graph.values[out], name="t")}
    assert said(replace(graph, values=values)) == [
        f"error[TSV-V02]: expected value {out} (%t) to be new, got it for the second time\n"
        f"  --> m.py:6\n  note: in node {node(graph, 'aten::wait').id}: %t = aten::wait"
    ]


def drop_a_branch(graph: Graph) -> Graph:
    return changed(graph, "prim::If", blocks=node(graph, "prim::If").blocks[:1])


def take_another_input(graph: Graph) -> Graph:
    return changed(graph, "prim::If", inputs=(value(graph, "c"), value(graph, "n")))


def carry_nothing(graph: Graph) -> Graph:
    return changed(graph, "prim::Loop", inputs=(value(graph, "n"), value(graph, "c")))


def return_no_condition(graph: Graph) -> Graph:
    body = node(graph, "prim::Loop").blocks[0]
    return changed(graph, "prim::Loop", blocks=(replace(body, returns=body.returns[1:]),))


def pass_nothing_to_the_fork(graph: Graph) -> Graph:
    return changed(graph, "prim::fork", inputs=())


def refer_to_no_subgraph(graph: Graph) -> Graph:
    return changed(graph, "prim::fork", attributes=(("Subgraph", SubgraphRef(1)),))


@pytest.mark.parametrize(
    ("change", "op", "line", "message"),
    [
        (
            drop_a_branch,
            "%v = prim::If",
            2,
            "prim::If of 1 outputs to hold a block (0 → 1) and a block (0 → 1), "
            "got a block (0 → 1)",
        ),
        (
            take_another_input,
            "%v = prim::If",
            2,
            "prim::If of 1 outputs to take 1 inputs, got 2",
        ),
        (
            carry_nothing,
            "%t = prim::Loop",
            1,
            "prim::Loop of 1 outputs to take 3 inputs, got 2",
        ),
        (
            return_no_condition,
            "%t = prim::Loop",
            1,
            "prim::Loop of 1 outputs to hold a block (2 → 2), got a block (2 → 1)",
        ),
        (
            pass_nothing_to_the_fork,
            "%f = prim::fork",
            4,
            "the subgraph of prim::fork to be a block (0 → 1), got a block (1 → 1)",
        ),
    ],
)
def test_blocks_that_do_not_fit(
    change: Callable[[Graph], Graph], op: str, line: int, message: str
) -> None:
    graph = whole()
    identity = node(graph, op.split(" = ")[1]).id
    assert said(change(graph)) == [
        f"error[TSV-V03]: expected {message}\n  --> m.py:{line}\n  note: in node {identity}: {op}"
    ]


def test_a_differentiated_subgraph_returns_more_than_its_node_yields() -> None:
    graph = whole()
    fork = node(graph, "prim::fork")
    (body,) = fork.blocks
    more = replace(body, returns=(*body.returns, *body.params))
    assert said(changed(graph, "prim::fork", blocks=(more,))) == []
    assert len(said(changed(graph, "prim::fork", blocks=(replace(body, returns=()),)))) == 1


def test_a_subgraph_that_is_not_there() -> None:
    graph = whole()
    place = f"  --> m.py:4\n  note: in node {node(graph, 'prim::fork').id}: %f = prim::fork"
    assert said(refer_to_no_subgraph(graph))[0] == (
        "error[TSV-V03]: expected the subgraph of prim::fork to be a block (1 → 1), got no block\n"
        f"{place}"
    )


@pytest.mark.parametrize("table", ["values", "types"])
def test_a_value_without_a_name_or_a_type(table: str) -> None:
    graph = whole()
    out = value(graph, "w")
    rest = {key: entry for key, entry in getattr(graph, table).items() if key != out}
    lacking, shown = ("name", " = ") if table == "values" else ("type", "%w = ")
    assert said(replace(graph, **{table: rest})) == [
        f"error[TSV-V04]: expected a name and a type of value {out}, got no {lacking}\n"
        f"  --> m.py:6\n  note: in node {node(graph, 'aten::wait').id}: {shown}aten::wait"
    ]


@pytest.mark.parametrize("table", ["links", "scopes", "digests"])
def test_a_table_that_tells_of_no_node(table: str) -> None:
    graph = whole()
    broken = replace(graph, **{table: {**getattr(graph, table), 0: None}})
    assert said(broken) == [
        f"error[TSV-V05]: expected {table} of nodes of the graph, got one of node 0"
    ]


def test_all_faults_are_found_in_printed_order() -> None:
    graph = whole()
    broken = changed(drop_a_branch(graph), "aten::wait", inputs=(value(graph, "u"),))
    assert [fault.code for fault in iter_faults(broken)] == ["TSV-V03", "TSV-V01"]


def test_an_empty_graph_is_whole() -> None:
    assert said(Graph("g", "torchscript", Block((), (), ()), {}, {})) == []
