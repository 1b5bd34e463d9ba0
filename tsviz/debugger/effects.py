"""Which nodes must not run twice: what they do outside of the program would be done twice."""

from tsviz.ir import Graph, Node

_OWN = ("aten", "prim", "prims", "quantized", "mkldnn", "mkldnn_prepacked", "torchvision")
"""Op libraries whose ops compute and do nothing else."""
_OUTSIDE = {
    "aten::save": "writes a file",
    "aten::from_file": "reads a file",
    "prim::rpc_async": "calls another process",
    "prim::rpc_sync": "calls another process",
    "prim::rpc_remote": "calls another process",
}


def why_once(node: Node) -> str:
    """What a node may do outside of the program, "" for one that only computes."""
    if node.op.startswith("^"):
        return "is a function of Python's"
    if node.op in _OUTSIDE:
        return _OUTSIDE[node.op]
    space = node.op.partition("::")[0]
    return "" if space in _OWN else f"is an op of the library `{space}`, which may do anything"


def find_effects(graph: Graph) -> dict[int, str]:
    """The nodes that must not run twice, and why."""
    found = ((node.id, why_once(node)) for node in graph.iter_nodes())
    return {node: reason for node, reason in found if reason}
