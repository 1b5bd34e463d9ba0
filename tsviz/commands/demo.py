"""`tsviz demo`: what tsviz finds in real models, and a page of one of them."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

import tsviz
from tsviz.examples import EXAMPLES, Example
from tsviz.frontends import Program

_SHOWN = ("resnet50", "bert", "decoder", "detector", "tagger")
_VIAS = ("script", "trace", "freeze")
_PAGE = ("resnet50", "script")


def run(options: argparse.Namespace) -> bool:
    """Captures the examples, prints what was found, writes the page; finds nothing wrong."""
    console = Console()
    table = _table()
    page: Program | None = None
    with console.status("capturing") as status:
        for example in (example for example in EXAMPLES if example.name in _SHOWN):
            for via in _VIAS:
                status.update(f"capturing {example.title} via {via}")
                program = tsviz.capture(example.build(), example.inputs(), via=via)
                _add_row(table, example, program)
                page = program if (example.name, via) == _PAGE else page
    console.print(table)
    path = Path(options.out or "demo.html")
    if page is not None:
        summary = tsviz.save(page, path)
        console.print(f"\n{path}: {summary}", markup=False, highlight=False, soft_wrap=True)
    return False


def _table() -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("model", no_wrap=True)
    table.add_column("variant", no_wrap=True)
    for title in ("nodes", "linked", "exact", "call", "inferred", "none", "lines"):
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _add_row(table: Table, example: Example, program: Program) -> None:
    found = program.coverage()
    counts = (found.exact, found.call, found.inferred, found.none, found.lines)
    linked = found.summary.partition(" ")[0]
    title = example.title if program.variant == _VIAS[0] else ""
    table.add_row(title, program.variant, f"{found.nodes:,}", linked, *map("{:,}".format, counts))
