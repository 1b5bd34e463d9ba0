"""A live graph and what was read of its text are the same graph, or nothing is said about it."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from tests.models import ZOO
from tsviz.errors import CaptureError
from tsviz.ir import Block, Graph, Node, Opaque, SubgraphRef, TensorRef, read_graph
from tsviz.jit.walking import live_nodes, print_graph

Row = tuple[object, ...]

PYTHON = "prim::PythonOp"

READABLE = {kind: kind for kind in ("i", "f", "s", "is", "fs", "ss")} | {"cs": "c"}
"""Kinds of attributes → what reads them. One complex number is of the kind `cs` to PyTorch."""


@torch.jit.script
def added(x: Tensor) -> Tensor:
    return torch.relu(x) + 1


@pytest.mark.parametrize("name", ZOO)
def test_live_nodes_are_those_of_the_text(name: str) -> None:
    native = ZOO[name].build().inlined_graph
    graph = read_graph(print_graph(native)).graph
    for node, live in zip(graph.nodes.values(), live_nodes(native, graph), strict=True):
        assert node.op in (live.kind(), "^" + live.pyname() if live.kind() == PYTHON else "")
        names = [graph.values[out].name for out in node.outputs]
        assert [out.debugName() for out in live.outputs()] == names


def test_the_text_of_another_graph() -> None:
    graph = read_graph("graph(%x : Tensor):\n  return (%x)").graph
    with pytest.raises(CaptureError) as caught:
        live_nodes(added.graph, graph)
    assert str(caught.value) == (
        "error[TSV-C23]: expected the text of a graph to list its 3 nodes, got 0\n"
        "  help: please report this with the output of `tsviz env`"
    )


# ── the text says all that the bindings say ─────────────────────────────────────────────────────


def asked(native: torch.Graph | torch._C.Block) -> Iterator[Row]:
    """A graph as PyTorch's bindings tell it, one row a node, block or return."""
    yield ("params", *((value.debugName(), value.type().str()) for value in native.inputs()))
    for node in native.nodes():
        python = node.kind() == PYTHON
        yield (
            "^" + node.pyname() if python else node.kind(),
            *((value.debugName(), value.type().str()) for value in node.outputs()),
            *(value.debugName() for value in node.inputs()),
        )
        subgraphs = []
        for name in () if python else node.attributeNames():
            kind = node.kindOf(name)
            if kind == "g":
                subgraphs.append(node.g(name))
            elif kind in READABLE:
                read = READABLE[kind]
                yield name, read, str(getattr(node, read)(name))
            else:
                yield name, "t" if kind == "t" else "other", ""
        for block in (*node.blocks(), *subgraphs):
            yield from asked(block)
    yield ("returns", *(value.debugName() for value in native.outputs()))


def read(graph: Graph, block: Block) -> Iterator[Row]:
    """The same rows of a graph that was read."""

    def name(value: int) -> str:
        return graph.values[value].name

    def typed(values: tuple[int, ...]) -> Iterator[Row]:
        return ((name(value), graph.types[value].text) for value in values)

    yield ("params", *typed(block.params))
    for node in block.nodes:
        yield (node.op, *typed(node.outputs), *map(name, node.inputs))
        yield from attributes(node)
        for inner in node.blocks:
            yield from read(graph, inner)
    yield ("returns", *map(name, block.returns))


def attributes(node: Node) -> Iterator[Row]:
    for name, value in () if node.op.startswith("^") else node.attributes:
        if isinstance(value, TensorRef):
            yield name, "t", ""
        elif isinstance(value, Opaque):
            yield name, "other", ""
        elif isinstance(value, tuple):
            letter = type(value[0]).__name__[0]
            yield name, f"{letter}s", str(list(value))
        elif not isinstance(value, SubgraphRef):
            yield name, type(value).__name__[0], str(value)


@pytest.mark.parametrize("name", ZOO)
def test_text_and_bindings_agree(name: str) -> None:
    native = ZOO[name].build().inlined_graph
    graph = read_graph(print_graph(native)).graph
    assert list(read(graph, graph.block)) == list(asked(native))
