"""What `print(measure_variants(model, (x,)))` shows: the variants of a model as a table."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.comparison.matrix import VariantMatrix, VariantRow
from tsviz.terminal import diagnostic_text, place_name, printable
from tsviz.views.matrix_words import (
    LATENCY_WORDS,
    TITLES,
    cells_of,
    head_of,
    iter_remarks,
    lost_places,
)

_WIDTH = 220
_MOST_LOST = 12
"""Decisions of a variant that are listed."""


def matrix_text(found: VariantMatrix) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(matrix_page(found), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def matrix_page(found: VariantMatrix) -> RenderableType:
    """The table, then why a variant does not work, what others lose, and what was measured."""
    title, conditions = head_of(found)
    parts: list[RenderableType] = [
        Text.assemble((printable(title), "bold"), f"\n{printable(conditions)}"),
        "",
        _table(found),
    ]
    for row in found.rows:
        remarks = list(_remarks(row))
        if remarks:
            parts += ["", *remarks]
    return Group(*parts, "", Text(LATENCY_WORDS, "dim"))


def _table(found: VariantMatrix) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for at, title in enumerate(TITLES):
        table.add_column(Text(title), justify="left" if at < 2 else "right", overflow="fold")
    for row in found.rows:
        table.add_row(*map(Text, cells_of(row)), style="" if row.works else "red")
    return table


def _remarks(row: VariantRow) -> Iterator[Text]:
    if row.failure is not None:
        yield Text(f"{row.variant} does not work:", "bold")
        yield diagnostic_text(row.failure, row.sources)
    for remark in iter_remarks(row):
        yield Text.assemble((row.variant, "bold"), f": {printable(remark)}")
    lost = lost_places(row)
    if lost:
        yield Text.assemble((row.variant, "bold"), ": control flow lost")
    for place, what in lost[:_MOST_LOST]:
        name = f"{Path(place_name(place.file)).name}:{place.line}"
        yield Text(f"  {printable(name)}  {printable(what)}")
    if len(lost) > _MOST_LOST:
        yield Text(f"  … {len(lost) - _MOST_LOST} more, in `.control_flow.lost`", "dim")
