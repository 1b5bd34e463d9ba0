"""Pass traces and the catalogue of passes as tables."""

from typing import TYPE_CHECKING

from tsviz.passes import Blame, PassTrace, describe_rewrites
from tsviz.passes.catalogue import Catalog

if TYPE_CHECKING:
    import pandas


def passes_frame(trace: PassTrace) -> "pandas.DataFrame":
    """One row a step.

    Columns: `step` (the index), `parent` (missing where it works on the program itself), `part`
    (0 is the program), `run`, `stage`, `pass`, `nodes_before`, `nodes_after`, `added`, `removed`,
    `changed`, `moved`, `seconds` (missing where not measured), `failure`, `what` (the largest
    rewrites in words).
    """
    import pandas

    rows: list[dict[str, object]] = []
    for record in trace:
        diff = record.diff
        rows.append(
            {
                "step": record.index,
                "parent": record.parent if record.parent >= 0 else None,
                "part": record.part,
                "run": record.run,
                "stage": record.stage,
                "pass": record.name,
                "nodes_before": len(record.before.nodes),
                "nodes_after": len(record.after.nodes),
                "added": len(diff.added),
                "removed": len(diff.removed),
                "changed": len(diff.changed),
                "moved": len(diff.moved),
                "seconds": record.seconds,
                "failure": record.failure,
                "what": "; ".join(describe_rewrites(record)),
            }
        )
    frame = pandas.DataFrame(rows, columns=_PASS_COLUMNS).set_index("step")
    return frame.astype({"parent": "Int64", "seconds": "Float64"})


_PASS_COLUMNS = [
    *("step", "parent", "part", "run", "stage", "pass", "nodes_before", "nodes_after"),
    *("added", "removed", "changed", "moved", "seconds", "failure", "what"),
]


def blame_frame(blame: Blame) -> "pandas.DataFrame":
    """One row a snapshot that was to be run.

    Columns: `step` (the index; -1 is the first snapshot), `ran`, `beyond` (out of tolerance),
    `absolute`, `relative`, `ulp` (the largest errors; missing where it did not run), `kinds`
    (changes of dtype and shape), `reason` (why it did not run).
    """
    import pandas

    rows: list[dict[str, object]] = []
    for verdict in blame.verdicts:
        found = verdict.difference
        rows.append(
            {
                "step": verdict.record,
                "ran": found is not None,
                "beyond": None if found is None else found.beyond,
                "absolute": None if found is None else found.absolute,
                "relative": None if found is None else found.relative,
                "ulp": None if found is None else found.ulp,
                "kinds": "" if found is None else "; ".join(found.kinds),
                "reason": verdict.reason,
            }
        )
    columns = ["step", "ran", "beyond", "absolute", "relative", "ulp", "kinds", "reason"]
    frame = pandas.DataFrame(rows, columns=columns).set_index("step")
    return frame.astype(
        {"beyond": "boolean", "absolute": "Float64", "relative": "Float64", "ulp": "Int64"}
    )


def catalog_frame(catalog: Catalog) -> "pandas.DataFrame":
    """One row a pass: `pass`, `summary`, `safe`, `needs inputs`, `changes semantics`."""
    import pandas

    return pandas.DataFrame(
        {
            "pass": [known.name for known in catalog.values()],
            "summary": [known.summary for known in catalog.values()],
            "safe": [known.safe for known in catalog.values()],
            "needs inputs": [known.needs_inputs for known in catalog.values()],
            "changes semantics": [known.changes_semantics for known in catalog.values()],
        }
    )
