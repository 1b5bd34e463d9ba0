"""A live graph: its text, and its nodes in the order in which it is printed."""

from collections.abc import Iterable, Iterator

import torch

from tsviz.errors import CaptureError, Diagnostic
from tsviz.ir import Graph, Node, SubgraphRef
from tsviz.jit.internals import find_nodes, set_tensor_attribute, subgraph_of, tensor_attribute


def print_graph(native: torch._C.Graph) -> str:
    """What PyTorch prints; it fails on MKL-DNN tensors of one element, which are made dense.

    Raises:
        CaptureError: `TSV-C24` a constant has no numbers.
    """
    try:
        return str(native)
    except NotImplementedError as error:
        message = "expected constants with numbers in the graph, got one on the meta device"
        help = "give the model real weights first: model.to_empty(device='cpu')"
        note = f"PyTorch said: {error}"
        raise CaptureError(Diagnostic("TSV-C24", message, notes=(note,), help=help)) from error
    except RuntimeError:
        copy = native.copy()
        for node in find_nodes(copy, "prim::ConstantMKLDNNTensor"):
            set_tensor_attribute(node, "value", tensor_attribute(node, "value").to_dense())
        return str(copy)


def live_nodes(native: torch._C.Graph, graph: Graph) -> list[torch._C.Node]:
    """The nodes of a live graph in the order of `graph.nodes`, which was read from its text.

    Asking a node for its blocks takes longer than all else, so PyTorch is asked for all nodes of a
    kind at once; it lists them in printed order.

    Raises:
        CaptureError: `TSV-C23` they do not correspond, which would make every link wrong.
    """
    nodes = graph.nodes.values()
    if not any(node.blocks for node in nodes):
        live = list(native.nodes())
    elif any(isinstance(value, SubgraphRef) for node in nodes for _, value in node.attributes):
        live = list(iter_native_nodes(native, subgraphs=True))
    else:
        live = live_in_order(native, nodes)
    if len(live) != len(nodes):
        message = f"expected the text of a graph to list its {len(live)} nodes, got {len(nodes)}"
        help = "please report this with the output of `tsviz env`"
        raise CaptureError(Diagnostic("TSV-C23", message, help=help))
    return live


def live_in_order(native: torch._C.Graph, nodes: Iterable[Node]) -> list[torch._C.Node]:
    """The live nodes for all nodes of some kinds, in printed order; subgraphs are left out."""
    kinds = [_kind(node) for node in nodes]
    found = {kind: iter(find_nodes(native, kind)) for kind in dict.fromkeys(kinds)}
    in_order = (next(found[kind], None) for kind in kinds)
    return [node for node in in_order if node is not None]


def _kind(node: Node) -> str:
    return "prim::PythonOp" if node.op[0] == "^" else node.op


def iter_native_nodes(graph: torch._C.Graph, *, subgraphs: bool = False) -> Iterator[torch._C.Node]:
    """All nodes in printed order, those of blocks after their node.

    Args:
        subgraphs: whether those of subgraphs come, too; after those of the blocks.
    """
    stack: list[Iterator[torch._C.Node]] = [iter(list(graph.nodes()))]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        yield node
        if subgraphs and _has_subgraph(node):
            stack.append(iter(list(subgraph_of(node).nodes())))
        stack += [iter(list(block.nodes())) for block in reversed(list(node.blocks()))]


def _has_subgraph(node: torch._C.Node) -> bool:
    """Whether a graph is printed below the one the node is in."""
    if node.kind() == "prim::PythonOp" or not node.hasAttribute("Subgraph"):
        return False
    return node.kindOf("Subgraph") == "g"
