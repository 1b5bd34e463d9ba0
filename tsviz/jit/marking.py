"""Marks in a copy of a plan: what the interpreter enters and leaves shows in a profiler's record.

A mark is a pair of `profiler::_record_function_enter_new` and `…_exit`, ops that PyTorch has for
`torch.profiler.record_function`; they change no value. They stand at the start of every block of an
If or a Loop, which counts how often it runs, and on demand around every node, which times it.
"""

import re
from typing import cast

import torch

from tsviz.ir import Block, Graph, Node, SubgraphRef
from tsviz.jit.internals import create_range, subgraph_of
from tsviz.jit.tags import tag_nodes
from tsviz.jit.walking import live_nodes

_BLOCK, _NODE = re.compile(r"^tsviz block (\d+) (\d+)$"), re.compile(r"^tsviz node (\d+)$")
_NO_TIME = ("prim::Constant",)
FORK = "prim::fork"
BRANCH, LOOP = "prim::If", "prim::Loop"

FUSED = ("prim::TensorExprGroup", "prim::FusionGroup")
UNMARKED = ("prim::DifferentiableGraph", *FUSED)
"""What runs in an executor of its own, and so without marks."""

FIRST = 1 << 30
"""The first tag of a marked copy. Functions that it calls keep the tags of the program."""

Mark = tuple[int, int]
"""A node and which of its blocks; -1 is the node itself."""


def has_blocks(plan: Graph) -> bool:
    """Whether runs can go different ways."""
    return any(node.op in (BRANCH, LOOP) for node in plan.nodes.values())


def read_mark(name: str) -> Mark | None:
    """What a recorded range marks, or `None`."""
    block, node = _BLOCK.match(name), _NODE.match(name)
    if block:
        return int(block[1]), int(block[2])
    return (int(node[1]), -1) if node else None


def marked_copy(plan: object, graph: Graph, *, nodes: bool) -> torch._C.Graph:
    """A copy of a plan in which every node has a tag of its own.

    The tag is its place in `graph.nodes`, from `FIRST` on.

    Args:
        plan: live; it stays as it is.
        graph: the same as it was imported.
        nodes: whether nodes are marked, too, and not blocks alone.
    """
    copy = cast("torch._C.Graph", plan).copy()
    live = live_nodes(copy, graph)
    tag_nodes(live, FIRST)
    known = dict(zip(graph.nodes, live, strict=True))
    bodies = [(copy, graph.block)]
    while bodies:
        owner, body = bodies.pop()
        bodies += _Marker(owner, known, nodes=nodes).mark(body)
    return copy


class _Marker:
    def __init__(
        self, owner: torch._C.Graph, live: dict[int, torch._C.Node], *, nodes: bool
    ) -> None:
        self.owner, self.live, self.nodes = owner, live, nodes
        self.start = next(iter(owner.nodes()), owner.return_node())

    def mark(self, body: Block) -> list[tuple[torch._C.Graph, Block]]:
        """Marks what runs in this graph and returns the bodies of forks, graphs of their own."""
        forks: list[tuple[torch._C.Graph, Block]] = []
        stack = list(body.nodes)
        while stack:
            node = stack.pop()
            live = self.live[node.id]
            inside = _subgraph(node)
            if node.op == FORK and inside is not None:
                forks.append((subgraph_of(live), inside))
            elif inside is None:
                self._mark_blocks(node, live)
                stack += [inner for block in node.blocks for inner in block.nodes]
            if self.nodes and node.op not in _NO_TIME:
                enter, leave = create_range(self.owner, f"tsviz node {node.id}", self.start)
                enter.insertBefore(live)
                leave.insertAfter(live)
        return forks

    def _mark_blocks(self, node: Node, live: torch._C.Node) -> None:
        for index, block in enumerate(live.blocks()):
            first = next(iter(block.nodes()), block.returnNode())
            enter, leave = create_range(self.owner, f"tsviz block {node.id} {index}", self.start)
            enter.insertBefore(first)
            leave.insertAfter(enter)


def _subgraph(node: Node) -> Block | None:
    """What runs in an executor of its own: the subgraph of a fork or of a group."""
    found = (value for _, value in node.attributes if isinstance(value, SubgraphRef))
    reference = next(found, None)
    return None if reference is None else node.blocks[reference.index]
