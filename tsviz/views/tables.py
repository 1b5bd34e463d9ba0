"""Programs as tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tsviz.comparison import ProgramDiff
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.location import FileRange

if TYPE_CHECKING:
    import pandas

    from tsviz.comparison import Comparison


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


def diff_frame(found: ProgramDiff) -> "pandas.DataFrame":
    """One row a node that differs.

    Columns: `kind` (added, removed, changed or moved), `op`, `scope`, `before`, `after` (ids;
    missing where it is not), `file_before`, `line_before`, `file_after`, `line_after` (model
    lines), `words` (what changed in it).
    """
    import pandas

    rows: list[dict[str, object]] = []
    for node in found.nodes:
        row: dict[str, object] = {"kind": str(node.kind), "op": node.op, "scope": node.scope}
        row |= {"before": node.before, "after": node.after}
        row |= _place("before", node.line_before) | _place("after", node.line_after)
        rows.append(row | {"words": node.words})
    places = [f"{what}_{side}" for side in ("before", "after") for what in ("file", "line")]
    columns = ["kind", "op", "scope", "before", "after", *places, "words"]
    frame = pandas.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(("before", "after", "line_before", "line_after"), "Int64"))


def comparison_frame(found: "Comparison") -> "pandas.DataFrame":
    """One row a finding, proven first.

    Columns: `variant`, `status` (proven, possible or harmless), `loss` (what the variant does not
    have), `file`, `line`, `sentence`, `consequence`, `remedy`, `reason` (why it is not proven).
    """
    import pandas

    rows: list[dict[str, object]] = []
    for one in found.findings:
        place = one.place
        rows.append(
            {
                "variant": str(one.variant),
                "status": str(one.status),
                "loss": str(one.loss),
                "file": place.file if place is not None else None,
                "line": place.line if place is not None else None,
                "sentence": one.sentence,
                "consequence": one.consequence,
                "remedy": one.remedy,
                "reason": one.reason,
            }
        )
    columns = ["variant", "status", "loss", "file", "line", "sentence", "consequence"]
    frame = pandas.DataFrame(rows, columns=[*columns, "remedy", "reason"])
    return frame.astype({"line": "Int64"})


def _place(side: str, line: FileRange | None) -> dict[str, object]:
    known = line is not None
    return {
        f"file_{side}": line.file if known else None,
        f"line_{side}": line.line if known else None,
    }


def _names(graph: Graph, values: Iterable[int]) -> str:
    return ", ".join(f"%{graph.values[value].name}" for value in values)
