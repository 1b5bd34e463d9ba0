"""How graphs fold: each node in one place, few boxes at a time, at any depth and size."""

from dataclasses import replace

import pytest

import tsviz
from tests.models import ZOO
from tests.views.made import (
    VIAS,
    chain,
    count_calls,
    count_closed,
    count_visible,
    dress,
    example,
    labels,
)
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.location import Origin, SourceFile
from tsviz.views import Kind, Role, build_containers, role_of
from tsviz.views.crowding import CROWD
from tsviz.views.tree import count_boxes, is_stub, nodes_in

EXAMPLES = ("resnet50", "resnet-tiny", "bert", "bert-tiny", "decoder", "detector", "tagger")
LARGE = ("resnet50", "bert")
DEPTH = 300


def check(program: Program, graph: Graph) -> None:
    """Everything that holds for any tree."""
    tree = build_containers(program, graph)
    rows = {id(container): row for row, container in enumerate(tree.containers)}
    root, *others = tree.containers
    assert root.parent is None
    assert root.kind is Kind.GRAPH
    for container in others:
        assert container.parent is not None
        assert rows[id(container.parent)] < rows[id(container)]
        assert any(child is container for child in container.parent.children)
    inside = [
        (child, row)
        for row, container in enumerate(tree.containers)
        for child in container.children
        if isinstance(child, int)
    ]
    assert len(inside) == len(graph.nodes)
    assert dict(inside) == dict(tree.of_node)
    assert tree.of_node.keys() == graph.nodes.keys()
    assert sorted(nodes_in(root)) == sorted(graph.nodes)
    assert all(count_boxes(container, graph) <= CROWD for container in tree.containers)
    for container in tree.containers:
        if container.kind is Kind.CONTROL:
            assert container.parent is not None
            at = next(i for i, child in enumerate(container.parent.children) if child is container)
            assert container.parent.children[at - 1] == container.node
            blocks = graph.nodes[container.node].blocks
            assert [c.kind in (Kind.BLOCK, Kind.SUBGRAPH) for c in container.inner] == [
                True for _ in blocks
            ]
    visible = count_visible(tree, graph)
    assert visible <= 150
    assert visible >= 25 or count_closed(tree) == 0


@pytest.mark.parametrize("via", VIAS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str, via: str):
    program = example(name, via)
    for _, graph in program.iter_graphs():
        check(program, graph)


@pytest.mark.parametrize("name", ZOO)
def test_zoo(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    for _, graph in program.iter_graphs():
        check(program, graph)


@pytest.mark.parametrize("via", VIAS)
@pytest.mark.parametrize("name", LARGE)
def test_default_view_of_large_examples(name: str, via: str):
    program = example(name, via)
    tree = build_containers(program, program.graph)
    assert 25 <= count_visible(tree, program.graph) <= 150


# ── modules ─────────────────────────────────────────────────────────────────────────────────────


def test_modules_nest_by_path():
    program = chain(["", "a", "a.b", "a.b", "a", "c", ""])
    root = build_containers(program, program.graph).containers[0]
    first, second = root.inner
    assert (first.label, first.detail, first.path, first.kind) == ("a", "Block", "a", Kind.MODULE)
    assert [type(child).__name__ for child in first.children] == ["int", "Container", "int"]
    assert labels(first) == ["b"]
    assert first.inner[0].path == "a.b"
    assert len(first.inner[0].children) == 2
    assert second.label == "c"
    assert [type(child).__name__ for child in root.children] == [
        "int",
        "Container",
        "Container",
        "int",
    ]


def test_a_module_called_again_is_another_container():
    program = chain(["a", "b", "a"])
    root = build_containers(program, program.graph).containers[0]
    assert labels(root) == ["a", "b", "a"]


def test_a_name_that_starts_like_another_is_no_part_of_it():
    program = chain(["layer1", "layer10", "layer1.conv"])
    root = build_containers(program, program.graph).containers[0]
    assert labels(root) == ["layer1", "layer10", "layer1"]
    assert labels(root.inner[2]) == ["conv"]


def test_call_lines_are_those_of_the_callers():
    program = example("resnet-tiny")
    tree = build_containers(program, program.graph)
    (conv,) = (c for c in tree.containers if c.path == "layer1.0.conv1")
    assert conv.frame is not None
    source = program.sources[conv.frame.file]
    assert "self.conv1" in source.text.split("\n")[conv.frame.line - 1]


# ── control flow ────────────────────────────────────────────────────────────────────────────────

BRANCH = """\
graph(%x : Tensor, %c : bool):
  %1 : Tensor = prim::If(%c)
    block0():
      %2 : Tensor = aten::relu(%x)
      -> (%2)
    block1():
      %3 : Tensor = aten::neg(%x)
      -> (%3)
  return (%1)
"""


def test_a_branch_is_a_box_with_its_source_line():
    program = dress(tsviz.parse(BRANCH), ["", "", ""], [2, 3, 5])
    text = "def f(x, c):\n    if c:\n        y = relu(x)\n    else:\n        y = -x\n"
    program = replace(program, sources={"model.py": SourceFile("model.py", text, Origin.DISK)})
    root = build_containers(program, program.graph).containers[0]
    (box,) = root.inner
    assert (box.kind, box.label, box.detail) == (Kind.CONTROL, "if c", "prim::If")
    assert labels(box) == ["then", "else"]
    assert root.children[0] == box.node


@pytest.mark.parametrize("text", ["", "def f(x, c):\n    y = relu(x) if c else -x\n"])
def test_a_branch_without_a_statement_of_its_own(text: str):
    program = dress(tsviz.parse(BRANCH), ["", "", ""], [2, 2, 2])
    program = replace(program, sources={"model.py": SourceFile("model.py", text, Origin.DISK)})
    root = build_containers(program, program.graph).containers[0]
    assert labels(root) == ["if"]


def test_forks_are_boxes_with_their_body():
    program = tsviz.capture(ZOO["fork-each"].build(), ZOO["fork-each"].inputs())
    tree = build_containers(program, program.graph)
    (body,) = (c for c in tree.containers if c.kind is Kind.SUBGRAPH)
    assert body.label == "subgraph"
    assert body.parent is not None
    assert body.parent.detail == "prim::fork"


# ── roles and stubs ─────────────────────────────────────────────────────────────────────────────


def test_roles():
    ops = {
        "aten::relu": Role.OP,
        "prim::Constant": Role.CONSTANT,
        "prim::GetAttr": Role.ATTRIBUTE,
        "prim::ListConstruct": Role.PLUMBING,
        "prim::TupleUnpack": Role.PLUMBING,
        "prim::NumToTensor": Role.PLUMBING,
        "aten::Int": Role.PLUMBING,
        "prim::If": Role.CONTROL,
        "prim::Loop": Role.CONTROL,
        "prim::CallMethod": Role.CALL,
        "prim::fork": Role.CALL,
        "prim::Print": Role.OP,
    }
    (node, *_) = chain([""]).graph.nodes.values()
    assert {op: role_of(replace(node, op=op)) for op in ops} == ops


def test_constants_and_attributes_stand_where_they_are_first_used():
    program = example("resnet-tiny")
    graph = program.graph
    tree = build_containers(program, graph)
    for node in graph.nodes.values():
        users = [use.node for out in node.outputs for use in graph.users.get(out, ()) if use.node]
        if is_stub(node) and users:
            assert tree.of_node[node.id] == tree.of_node[users[0]]


# ── crowds ──────────────────────────────────────────────────────────────────────────────────────


def test_neighbours_on_one_line_are_grouped_where_it_is_crowded():
    lines = [at // 4 for at in range(4 * 30)]
    program = chain([""] * len(lines), lines)
    root = build_containers(program, program.graph).containers[0]
    assert labels(root) == [f"model.py:{line}" for line in range(30)]
    assert {group.detail for group in root.inner} == {"4 nodes"}
    assert all(group.frame is not None for group in root.inner)


def test_a_crowd_on_one_line_is_cut_in_graph_order():
    program = chain([""] * 100, [7] * 100)
    root = build_containers(program, program.graph).containers[0]
    assert labels(root) == ["model.py:7"]
    assert labels(root.inner[0])[:2] == ["1 to 2 of 100", "3 to 4 of 100"]


def test_few_nodes_are_not_grouped():
    program = chain([""] * CROWD, [7] * CROWD)
    root = build_containers(program, program.graph).containers[0]
    assert root.inner == []


@pytest.mark.parametrize("lines", [1, 2500, 50_000], ids=["one line", "some lines", "all its own"])
def test_a_flat_graph_of_50_000_nodes(lines: int):
    size = 50_000
    program = chain([""] * size, [at * lines // size + 1 for at in range(size)])
    check(program, program.graph)
    tree = build_containers(program, program.graph)
    assert 25 <= count_visible(tree, program.graph) <= 150
    assert len(tree.containers) <= size // 3 + 2 * size // CROWD


# ── depth and size ──────────────────────────────────────────────────────────────────────────────


def test_modules_nested_300_deep():
    paths = [".".join(["part"] * depth) for depth in range(DEPTH + 1)]
    program = chain([*paths, *reversed(paths)])
    check(program, program.graph)
    tree = build_containers(program, program.graph)
    assert len(tree.containers) == DEPTH + 1
    assert tree.containers[-1].path == paths[-1]


def test_branches_nested_300_deep():
    text = ["graph(%x : Tensor, %c : bool):"]
    for depth in range(DEPTH):
        indent = "    " * depth
        text.append(f"{indent}  %{depth} : Tensor = prim::If(%c)")
        text.append(f"{indent}    block0():")
    text.append("    " * DEPTH + "  %last : Tensor = aten::relu(%x)")
    for depth in reversed(range(DEPTH)):
        indent = "    " * depth
        inner = str(depth + 1) if depth + 1 < DEPTH else "last"
        text += [f"{indent}      -> (%{inner})", f"{indent}    block1():", f"{indent}      -> (%x)"]
    text.append("  return (%0)")
    program = tsviz.parse("\n".join(text))
    check(program, program.graph)
    assert len(build_containers(program, program.graph).containers) == 1 + 3 * DEPTH


@pytest.mark.parametrize("shape", ["flat", "in modules", "one deep call"])
def test_work_grows_with_the_size_of_the_graph(shape: str):
    def program(size: int) -> Program:
        if shape == "flat":
            return chain([""] * size)
        if shape == "in modules":
            return chain([f"layers.{at // 10}.part{at % 10 // 5}" for at in range(size)])
        return chain([".".join(["part"] * min(at, 50)) for at in range(size)])

    small, large = program(4_000), program(40_000)  # both need three levels of groups
    calls = [
        count_calls(lambda made=made: build_containers(made, made.graph)) for made in (small, large)
    ]
    assert calls[1] <= 11 * calls[0]
