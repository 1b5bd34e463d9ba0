"""Programs as tables."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tsviz.comparison import Kind, ProgramDiff, WeightDiff, WeightsDiff
from tsviz.comparison.words import describe_weight, from_to
from tsviz.diagnosis import Diagnosis, VariableTypes
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.location import FileRange

if TYPE_CHECKING:
    import pandas

    from tsviz.comparison import Comparison

_MEASURES = ("share", "absolute", "relative")


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
    """One row a difference.

    Columns: `part` (code, structure or weights), `kind` (added, removed, changed or moved), `name`
    (of a function, module, attribute or tensor), `op` and `scope` (of a node), `before`, `after`
    (ids of a node; missing where it is not), `file_before`, `line_before`, `file_after`,
    `line_after`, `words` (what changed in it).
    """
    import pandas

    rows = list(_diff_rows(found))
    places = [f"{what}_{side}" for side in ("before", "after") for what in ("file", "line")]
    columns = ["part", "kind", "name", "op", "scope", "before", "after", *places, "words"]
    frame = pandas.DataFrame(rows, columns=columns)
    return frame.astype(dict.fromkeys(("before", "after", "line_before", "line_after"), "Int64"))


def _diff_rows(found: ProgramDiff) -> Iterator[dict[str, object]]:
    contents = found.contents
    for diff in contents.code if contents is not None else ():
        words = "compiled to other code" if diff.same_text else "its text"
        row = _row("code", diff.kind, diff.name, words if diff.kind is Kind.CHANGED else "")
        yield row | _place("before", diff.line_before) | _place("after", diff.line_after)
    for diff in contents.modules if contents is not None else ():
        yield _row("structure", diff.kind, diff.path, from_to(diff.before, diff.after))
    for diff in contents.attributes if contents is not None else ():
        yield _row("structure", diff.kind, diff.path, from_to(diff.before, diff.after))
    for node in found.nodes:
        row = _row("structure", node.kind, None, node.words)
        row |= {"op": node.op, "scope": node.scope, "before": node.before, "after": node.after}
        yield row | _place("before", node.line_before) | _place("after", node.line_after)
    for diff in contents.weights.tensors if contents is not None else ():
        yield _row("weights", diff.kind, diff.name, describe_weight(diff))


def _row(part: str, kind: Kind, name: str | None, words: str) -> dict[str, object]:
    return {"part": part, "kind": str(kind), "name": name, "words": words}


def weights_frame(found: WeightsDiff) -> "pandas.DataFrame":
    """One row a tensor that differs.

    Columns: `name` (the index), `kind`, `dtype_before`, `dtype_after`, `shape_before`,
    `shape_after`, `differing` (how many elements), `share` of them, `absolute`, `relative` and
    `ulp` (the largest error).
    """
    import pandas

    fields = [*WeightDiff.__dataclass_fields__, "share"]
    rows = [{name: getattr(diff, name) for name in fields} for diff in found.tensors]
    frame = pandas.DataFrame(rows, columns=fields).set_index("name")
    frame = frame.assign(kind=[str(diff.kind) for diff in found.tensors])
    return frame.astype(
        {"differing": "Int64", "ulp": "Int64"} | dict.fromkeys(_MEASURES, "float64")
    )


def diagnosis_frame(found: Diagnosis) -> "pandas.DataFrame":
    """One row an obstacle, in order of file and line.

    Columns: `rule`, `file`, `line` (missing where PyTorch names none), `function`, `source` (the
    text that is marked), `cause`, `owner`, `edit` (what was tried; missing where there is none),
    `advice`.
    """
    import pandas

    rows: list[dict[str, object]] = []
    for one in found.obstacles:
        place = one.location if isinstance(one.location, FileRange) else None
        source = found.sources.get(place.file) if place is not None else None
        rows.append(
            {
                "rule": one.rule,
                "file": place.file if place is not None else None,
                "line": place.line if place is not None else None,
                "function": one.function,
                "source": source.slice(place) if source is not None and place else "",
                "cause": one.cause,
                "owner": str(one.owner),
                "edit": str(one.edit.trial) if one.edit is not None else None,
                "advice": one.advice,
            }
        )
    columns = ["rule", "file", "line", "function", "source", "cause", "owner", "edit", "advice"]
    return pandas.DataFrame(rows, columns=columns).astype({"line": "Int64"})


def types_frame(types: VariableTypes) -> "pandas.DataFrame":
    """One row for each place of a variable, in order of file and line.

    Columns: `function`, `variable`, `type`, `came` (where the type comes from), `source` (the text
    it comes from), `file`, `line`, `owner`.
    """
    import pandas

    rows = [
        {
            "function": row.function,
            "variable": row.name,
            "type": row.type,
            "came": str(row.came),
            "source": row.source,
            "file": row.place.file,
            "line": row.place.line,
            "owner": str(row.owner),
        }
        for row in types
    ]
    columns = ["function", "variable", "type", "came", "source", "file", "line", "owner"]
    return pandas.DataFrame(rows, columns=columns)


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
