"""Random graphs, and graphs with one thing changed."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from tsviz.ir import Block, Graph, Node, read_graph
from tsviz.ir.graph import rewrite_block

_UNARY = ["aten::relu", "aten::neg", "aten::abs"]
_BINARY = ["aten::add", "aten::mul", "aten::sub"]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Graphs of a few nodes with constants, branches in branches and values used across them."""
    lines = ["graph(%c : bool, %x : Tensor, %y : Tensor):"]
    count = 0

    def body(known: list[str], depth: int) -> list[str]:
        nonlocal count
        for kind in draw(st.lists(st.sampled_from(["constant", "one", "two", "if"]), max_size=6)):
            count += 1
            name = f"%v{count}"
            if kind == "constant":
                number = draw(st.integers(0, 2))
                lines.append(f"{name} : Tensor = prim::Constant[value={number}]()")
            elif kind == "one":
                op = draw(st.sampled_from(_UNARY))
                lines.append(f"{name} : Tensor = {op}({draw(st.sampled_from(known))})")
            elif kind == "two":
                op, one, other = (draw(st.sampled_from(of)) for of in (_BINARY, known, known))
                lines.append(f"{name} : Tensor = {op}({one}, {other})")
            elif depth < 3:
                lines.append(f"{name} : Tensor = prim::If(%c)")
                for at in range(2):
                    lines.append(f"block{at}():")
                    inner = body(list(known), depth + 1)
                    lines.append(f"-> ({draw(st.sampled_from(inner))})")
            else:
                continue
            known = [*known, name]
        return known

    known = body(["%x", "%y"], 0)
    lines.append(f"return ({draw(st.sampled_from(known))})")
    return read_graph("\n".join(lines)).graph


def changed(graph: Graph, node: Node, **fields: object) -> Graph:
    """The graph with some fields of one node replaced."""

    def change(old: Node) -> Node:
        return replace(old, **fields) if old.id == node.id else old  # type: ignore[arg-type]

    return replace(graph, block=rewrite_block(graph.block, change))


def with_blocks(graph: Graph, change: Callable[[Block], Block]) -> Graph:
    """The graph with every block changed, inner ones first."""

    def rebuild(node: Node) -> Node:
        blocks = tuple(map(change, node.blocks))
        return node if blocks == node.blocks else replace(node, blocks=blocks)

    return replace(graph, block=change(rewrite_block(graph.block, rebuild)))


def without(graph: Graph, node: Node, instead: int) -> Graph:
    """The graph without a node of one output, whose users take another value."""
    (out,) = node.outputs

    def swap(values: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(instead if value == out else value for value in values)

    def rewire(block: Block) -> Block:
        kept = (inner for inner in block.nodes if inner.id != node.id)
        nodes = tuple(
            replace(inner, inputs=swap(inner.inputs)) if out in inner.inputs else inner
            for inner in kept
        )
        return replace(block, nodes=nodes, returns=swap(block.returns))

    return with_blocks(graph, rewire)
