"""`tsviz diff BEFORE AFTER`: what differs between two models, as a table or as JSON."""

import argparse
import json
import sys
from dataclasses import asdict, replace
from math import isfinite
from typing import TYPE_CHECKING

from tsviz.commands.programs import capture_target, reader_started

if TYPE_CHECKING:
    from tsviz.comparison import ContentsDiff, ProgramDiff
    from tsviz.location import FileRange

Record = dict[str, object]


def run(options: argparse.Namespace) -> bool:
    """Compares the targets and prints what differs; returns whether anything does."""
    with reader_started(options.before, options), reader_started(options.after, options):
        before = capture_target(options.before, options)
        after = capture_target(options.after, options)
    from tsviz.comparison import diff
    from tsviz.diff_page import diff_page
    from tsviz.terminal import new_console

    found = replace(
        diff(before, after),
        title_before=f"{options.before} ({before.name})",
        title_after=f"{options.after} ({after.name})",
    )
    if options.json:
        sys.stdout.write(_json(found) + "\n")
    else:
        new_console().print(diff_page(found), highlight=False)
    return bool(found)


def _json(found: "ProgramDiff") -> str:
    document = {
        "before": found.title_before,
        "after": found.title_after,
        "same": not found,
        "summary": found.summary,
        "code": _code(found.contents),
        "structure": _structure(found),
        "weights": _weights(found.contents),
        "not compared": found.left_out,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def _code(contents: "ContentsDiff | None") -> list[Record] | None:
    """The functions that differ; `None` where they were not compared."""
    if contents is None:
        return None
    return [
        {
            "kind": diff.kind,
            "name": diff.name,
            "line_before": _place(diff.line_before),
            "line_after": _place(diff.line_after),
            "python": diff.is_python,
            "same_text": diff.same_text,
            "library": diff.is_library,
            "diff": diff.diff,
        }
        for diff in contents.code
    ]


def _structure(found: "ProgramDiff") -> Record:
    nodes = [
        {
            "kind": node.kind,
            "op": node.op,
            "scope": node.scope,
            "line_before": _place(node.line_before),
            "line_after": _place(node.line_after),
            "words": node.words,
        }
        for node in found.nodes
    ]
    if found.contents is None:
        return {"modules": None, "attributes": None, "nodes": nodes}
    modules, attributes = found.contents.modules, found.contents.attributes
    return {
        "modules": [asdict(diff) for diff in modules],
        "attributes": [asdict(diff) for diff in attributes],
        "nodes": nodes,
    }


def _weights(contents: "ContentsDiff | None") -> Record | None:
    """How many tensors are equal, and those that differ; `None` where they were not compared."""
    if contents is None:
        return None
    weights = contents.weights
    tensors = [
        {**asdict(diff), "absolute": _number(diff.absolute), "relative": _number(diff.relative)}
        for diff in weights.tensors
    ]
    counts = {"before": weights.before, "after": weights.after, "equal": weights.equal}
    return {**counts, "tensors": tensors}


def _place(line: "FileRange | None") -> str | None:
    return str(line) if line is not None else None


def _number(value: float | None) -> float | str | None:
    """JSON has no word for infinity."""
    return value if value is None or isfinite(value) else str(value)
