"""What `tsviz diff` and `print(tsviz.diff(a, b))` show: the nodes that differ as a table."""

from collections.abc import Iterator
from io import StringIO
from itertools import groupby
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.comparison import Kind, NodeDiff, ProgramDiff
from tsviz.location import FileRange
from tsviz.terminal import place_name, printable

_ROWS = 40
_WIDTH = 200
_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~", Kind.MOVED: ">"}
_STYLES = {Kind.ADDED: "blue", Kind.REMOVED: "dark_orange", Kind.CHANGED: "", Kind.MOVED: "dim"}


def diff_text(found: ProgramDiff) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(diff_page(found), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def diff_page(found: ProgramDiff) -> RenderableType:
    """What was compared, the nodes that differ, and what was left out."""
    titles = f"{printable(found.title_before)} → {printable(found.title_after)}"
    parts: list[RenderableType] = [Text.assemble((titles, "bold"), f"\n{found.summary}")]
    rows = list(_rows(found))
    if rows:
        parts += ["", _table(rows[:_ROWS])]
    if len(rows) > _ROWS:
        hidden = sum(len(row) for row in rows[_ROWS:])
        parts.append(Text(f"… {hidden:,} more nodes; to_dataframe() and --json list all", "dim"))
    parts += [Text(f"not compared: {printable(what)}", "yellow") for what in found.left_out]
    return Group(*parts)


def _rows(found: ProgramDiff) -> Iterator[list[NodeDiff]]:
    """What came, went or moved together stands in one row; what changed, each for itself."""
    for (kind, *_), group in groupby(
        found.nodes, lambda node: (node.kind, node.scope, _line(node))
    ):
        nodes = list(group)
        yield from ([node] for node in nodes) if kind is Kind.CHANGED else [nodes]


def _line(node: NodeDiff) -> FileRange | None:
    return node.line_before if node.after is None else node.line_after


def _table(rows: list[list[NodeDiff]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("", "op", "scope", "before", "after"):
        table.add_column(title, no_wrap=title != "op")
    table.add_column("what changed", overflow="fold")
    for row in rows:
        first = row[0]
        table.add_row(
            _SIGNS[first.kind],
            Text(printable(_ops(row))),
            Text(printable(first.scope)),
            _place(first.line_before),
            _place(first.line_after),
            Text(printable(first.words)),
            style=_STYLES[first.kind],
        )
    return table


def _ops(row: list[NodeDiff]) -> str:
    """The ops of some nodes, each with how often it is there."""
    counts: dict[str, int] = {}
    for node in row:
        counts[node.op] = counts.get(node.op, 0) + 1
    return ", ".join(op if count == 1 else f"{count} {op}" for op, count in counts.items())


def _place(line: FileRange | None) -> str:
    return "" if line is None else printable(f"{Path(place_name(line.file)).name}:{line.line}")
