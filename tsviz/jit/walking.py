"""Walking a live graph in the order in which it is printed."""

from collections.abc import Iterable, Iterator

import torch

from tsviz.jit.internals import subgraph_of

Step = torch._C.Node | str

_FLAT = frozenset(
    {
        "prim::Constant",
        "prim::GetAttr",
        "prim::ListConstruct",
        "prim::TupleConstruct",
        "prim::CallMethod",
        "prim::CallFunction",
    }
)


def iter_steps(graph: torch._C.Graph, *, subgraphs: bool = True) -> Iterator[Step]:
    """All nodes in printed order, with `{` `}` around blocks and `<` `>` around subgraphs.

    Asking a node for its blocks takes longer than all else, so the most frequent kinds, which
    have none, are not asked.
    """
    stack: list[Iterator[Step]] = [iter(list(graph.nodes()))]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        yield step
        if isinstance(step, str) or step.kind() in _FLAT or step.kind().startswith("aten::"):
            continue
        inner: list[Step] = []
        for block in step.blocks():
            inner += ["{", *block.nodes(), "}"]
        if subgraphs and _has_subgraph(step):
            inner += ["<", *subgraph_of(step).nodes(), ">"]
        stack.append(iter(inner))


def _has_subgraph(node: torch._C.Node) -> bool:
    """Whether a graph is printed below the one the node is in."""
    if node.kind() == "prim::PythonOp" or not node.hasAttribute("Subgraph"):
        return False
    return node.kindOf("Subgraph") == "g"


def iter_native_nodes(graph: torch._C.Graph) -> Iterator[torch._C.Node]:
    """All nodes in printed order, those of blocks after their node, subgraphs left out."""
    return iter(nodes_of(iter_steps(graph, subgraphs=False)))


def nodes_of(steps: Iterable[Step]) -> list[torch._C.Node]:
    """The nodes among the steps."""
    return [step for step in steps if not isinstance(step, str)]


def shape_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """The kinds of nodes with the brackets between them: what a graph looks like."""
    return tuple([step if isinstance(step, str) else step.kind() for step in steps])
