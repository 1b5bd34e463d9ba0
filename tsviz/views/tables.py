"""Programs as tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tsviz.frontends import Program
from tsviz.ir import Graph

if TYPE_CHECKING:
    import pandas


def nodes_frame(program: Program) -> "pandas.DataFrame":
    """One row a node of the inlined graph, in printed order.

    Columns: `op`, `scope`, `file`, `line` (the model line), `how`, `inputs`, `outputs` (names),
    `types` (of the outputs), `id` (the index).
    """
    import pandas

    graph = program.graph
    rows: list[dict[str, object]] = []
    for node in graph.nodes.values():
        line = program.model_line(node)
        rows.append(
            {
                "id": node.id,
                "op": node.op,
                "scope": graph.scope(node),
                "file": line.file if line is not None else None,
                "line": line.line if line is not None else None,
                "how": str(graph.link(node).how),
                "inputs": _names(graph, node.inputs),
                "outputs": _names(graph, node.outputs),
                "types": ", ".join(graph.types[value].text for value in node.outputs),
            }
        )
    columns = ["id", "op", "scope", "file", "line", "how", "inputs", "outputs", "types"]
    frame = pandas.DataFrame(rows, columns=columns).set_index("id")
    return frame.astype({"line": "Int64"})


def _names(graph: Graph, values: Iterable[int]) -> str:
    return ", ".join(f"%{graph.values[value].name}" for value in values)
