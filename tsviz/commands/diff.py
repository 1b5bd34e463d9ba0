"""`tsviz diff BEFORE AFTER`: what differs between two models, as a table or as JSON."""

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from tsviz.commands.programs import capture_target, reader_started

if TYPE_CHECKING:
    from tsviz.comparison import ProgramDiff


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
    nodes = [
        {
            "kind": node.kind,
            "op": node.op,
            "scope": node.scope,
            "line_before": str(node.line_before) if node.line_before is not None else None,
            "line_after": str(node.line_after) if node.line_after is not None else None,
            "words": node.words,
        }
        for node in found.nodes
    ]
    document = {
        "before": found.title_before,
        "after": found.title_after,
        "same": not found,
        "nodes": nodes,
        "not compared": found.left_out,
    }
    return json.dumps(document, indent=1, ensure_ascii=False)
