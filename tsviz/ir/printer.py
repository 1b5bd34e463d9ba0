"""The canonical text of a graph, in PyTorch's own notation.

`parse` reads it back to an equal graph. Differences from `str(graph)`: large tensors are named
references (dtype, shape, digest), floats are the shortest that round-trip, and non-ASCII text is
readable.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tsviz.ir.graph import Block, Graph, Node, SubgraphRef
from tsviz.ir.literals import render_literal
from tsviz.location import FileRange, iter_frames


@dataclass(frozen=True, slots=True)
class Listing:
    """Rendered text and where each node stands in it.

    Attributes:
        lines: the text, line by line.
        rows: node id → (first line, line after the node's last), 0-based; subgraph bodies, which
            are printed after the graph, do not extend their node's rows.
    """

    lines: tuple[str, ...]
    rows: dict[int, tuple[int, int]]

    @property
    def text(self) -> str:
        """The lines, joined."""
        return "\n".join(self.lines)


def render_graph(graph: Graph, *, comments: bool = True) -> str:
    """The canonical text of `graph`, with `# file:line:col` comments unless told not to."""
    return list_graph(graph, comments=comments).text


def list_graph(graph: Graph, *, comments: bool = True) -> Listing:
    """The canonical text with the rows of every node."""
    printer = _Printer(graph, comments)
    printer.run()
    return Listing(tuple(printer.lines), printer.rows)


_Steps = Iterator["_Steps"]
"""Printing that stops before what is nested, which it yields to be printed first."""


class _Printer:
    def __init__(self, graph: Graph, comments: bool) -> None:
        self.source = graph
        self.comments = comments
        self.names = {identity: value.name for identity, value in graph.values.items()}
        self.types = {identity: kind.text for identity, kind in graph.types.items()}
        self.lines: list[str] = []
        self.rows: dict[int, tuple[int, int]] = {}
        self.groups: list[tuple[str, Block]] = []

    def run(self) -> None:
        """Prints all; what is nested waits on a stack, so that nesting has no limit."""
        stack = [self._graph("graph", self.source.block)]
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
            else:
                stack.append(inner)

    def _graph(self, head: str, block: Block) -> _Steps:
        self.groups = []
        params = ",\n      ".join(self._declared(block.params))
        self.lines += f"{head}({params}):".split("\n")
        yield self._nodes(block.nodes, 1)
        self.lines.append(f"  return ({self._used(block.returns)})")
        for name, inner in self.groups:
            yield self._graph(f"with {name} = graph", inner)

    def _nodes(self, nodes: tuple[Node, ...], depth: int) -> _Steps:
        for node in nodes:
            first = len(self.lines)
            self.lines.append("  " * depth + self._node(node))
            for index, block in enumerate(_plain_blocks(node)):
                params = ", ".join(self._declared(block.params))
                self.lines.append("  " * (depth + 1) + f"block{index}({params}):")
                yield self._nodes(block.nodes, depth + 2)
                self.lines.append("  " * (depth + 2) + f"-> ({self._used(block.returns)})")
            self.rows[node.id] = (first, len(self.lines))

    def _node(self, node: Node) -> str:
        outs = ", ".join(self._declared(node.outputs))
        text = f"{outs} = " if outs else " = "
        text += f"{self._head(node)}({self._used(node.inputs)})"
        scope = self.source.scopes.get(node.id)
        if scope:
            text += f", scope: {scope}"
        return text + self._comment(node)

    def _head(self, node: Node) -> str:
        op, shown, scalars = node.op, list[str](), ""
        for name, value in node.attributes:
            if isinstance(value, SubgraphRef):
                op = f"{node.op}_{len(self.groups)}"
                self.groups.append((op, node.blocks[value.index]))
            elif name == "scalar_args":
                scalars = f"({render_literal(value)[1:-1]})"
            else:
                shown.append(f"{name}={render_literal(value, self._digest(node, name))}")
        return op + (f"[{', '.join(shown)}]" if shown else "") + scalars

    def _digest(self, node: Node, name: str) -> str:
        return self.source.digests.get(node.id, "") if name == "value" else ""

    def _comment(self, node: Node) -> str:
        if not self.comments:
            return ""
        frame = next(iter_frames(self.source.link(node).location), None)
        return "" if frame is None else _place(frame)

    def _declared(self, values: tuple[int, ...]) -> Iterator[str]:
        return (f"%{self.names[value]} : {self.types[value]}" for value in values)

    def _used(self, values: tuple[int, ...]) -> str:
        return ", ".join(f"%{self.names[value]}" for value in values)


def _place(frame: FileRange) -> str:
    return f" # {frame.file}:{frame.line}:{frame.col}"


def _plain_blocks(node: Node) -> tuple[Block, ...]:
    """The blocks that are printed under their node and not as a graph of their own."""
    if not node.blocks:
        return ()
    subgraphs = {value.index for _, value in node.attributes if isinstance(value, SubgraphRef)}
    return tuple(block for at, block in enumerate(node.blocks) if at not in subgraphs)
