"""Operator schemas of a graph's nodes, overload names included.

IR text does not say which overload a node calls, and asking the bindings costs more than reading
the node, so each combination of operator and argument types is asked for once.
"""

import torch

from tsviz.ir import Graph
from tsviz.jit import natives
from tsviz.jit.walking import live_nodes


def read_schemas(native: object, method: str, graph: Graph) -> dict[int, str]:
    """Node id → schema such as `aten::add.Tensor(Tensor self, …) -> Tensor`.

    Nodes without a schema (control flow, attribute access, calls) are left out.
    """
    known: dict[tuple[object, ...], str] = {}
    found: dict[int, str] = {}
    live = natives.inlined_graph(native, method)
    for node, twin in zip(graph.nodes.values(), live_nodes(live, graph), strict=True):
        if "::" not in node.op or node.op.startswith("prim::"):
            continue
        key = (node.op, *(graph.types[value].text for value in node.inputs))
        text = known.get(key)
        if text is None:
            text = known[key] = _schema(twin)
        if text:
            found[node.id] = text
    return found


def _schema(node: torch._C.Node) -> str:
    try:
        return str(node.schema())
    except RuntimeError:
        return ""
