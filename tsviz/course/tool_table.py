"""What a measurement of tools shows: a table, and under it what each tool said.

As HTML in a notebook, in the colours of the page, and as text elsewhere.
"""

import linecache
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.course.cards import marked
from tsviz.course.tool_rows import ToolRow
from tsviz.views.matrix_words import milliseconds

TITLES = (
    "tool",
    "takes it",
    "what decides at each call",
    "off from eager",
    "largest error",
    "made [ms]",
    "first call [ms]",
    "then: median (quartiles) [ms]",
    "file [bytes]",
    "loads without the class",
)
_NONE = "-"
_WIDTH = 200
_CELL = "vertical-align:top;padding:1px 12px 1px 0"
_NUMBER = "text-align:right;white-space:nowrap"
_WORDS = "text-align:left"
_LEFT = 3
"""So many columns have words, not numbers."""
_DIM = "color:var(--jp-ui-font-color2, gray)"


@dataclass(frozen=True)
class ToolTable:
    """One model, a row a tool.

    Attributes:
        title: the class of the model.
        rows: the tools, in the order asked for.
        torch: the version of PyTorch.
        threads: that one op may use.
        repetitions: timed calls of each tool.
    """

    title: str
    rows: tuple[ToolRow, ...]
    torch: str
    threads: int
    repetitions: int

    def __getitem__(self, tool: str) -> ToolRow:
        """The row of this name."""
        return next(row for row in self.rows if row.tool == tool)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": _html(self), "text/plain": str(self)}

    def __str__(self) -> str:
        console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
        with console.capture() as captured:
            console.print(_page(self), highlight=False)
        return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))

    def __repr__(self) -> str:
        working = sum(row.works for row in self.rows)
        return f"<ToolTable of {self.title}: {working} of {len(self.rows)} tools take it>"


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def _cells(row: ToolRow) -> tuple[str, ...]:
    """A row as texts, in the order of `TITLES`."""
    if not row.works:
        takes = "not measured here" if row.missing else "refused"
        return (row.tool, takes, *[_NONE] * (len(TITLES) - 2))
    return (
        row.tool,
        "yes",
        row.decides,
        _off(row),
        _NONE if row.error is None else f"{row.error:.3g}",
        _time(row.made),
        _time(row.first),
        _spread(row),
        _NONE if row.file_bytes is None else f"{row.file_bytes:,}",
        {True: "yes", False: "no", None: _NONE}[row.loads],
    )


def _off(row: ToolRow) -> str:
    parts = [f"{row.wrong} of {row.tried} wrong"] if row.wrong else []
    parts += [f"{row.raised} of {row.tried} refused"] if row.raised else []
    return ", ".join(parts) or f"0 of {row.tried}"


def _time(seconds: float | None) -> str:
    return _NONE if seconds is None else milliseconds(seconds)


def _spread(row: ToolRow) -> str:
    if row.quartiles is None:
        return _NONE
    low, median, high = map(milliseconds, row.quartiles)
    return f"{median} ({low} to {high})"


def _remarks(row: ToolRow) -> Iterator[str]:
    """What stands below the table."""
    if row.missing:
        yield f"not measured here: {row.missing}"
    if row.refused:
        yield f"refuses the model{_at(row)}: {row.refused}"
    if row.worst:
        yield row.worst
    if row.graphs is not None:
        example, all_inputs = row.graphs
        graphs = f"{example} {'graph' if example == 1 else 'graphs'}"
        yield f"compiled {graphs} for the example, {all_inputs} by the end of all inputs"
    if row.load_failure:
        yield f"loading without the class: {row.load_failure}"


def _at(row: ToolRow) -> str:
    if row.place is None:
        return ""
    line = linecache.getline(*row.place).strip()
    return f" at line {row.place[1]}, `{line}`" if line else f" at line {row.place[1]}"


def _head(found: ToolTable) -> str:
    threads = "1 thread" if found.threads == 1 else f"{found.threads} threads"
    return f"torch {found.torch}, {threads}, gradients off"


def _foot(found: ToolTable) -> str:
    return (
        "Times are wall times of this machine, without PyTorch's own start. Made: until there is "
        "something to call. First call: with nothing compiled before. Then: of "
        f"{found.repetitions} calls, by turns with the other tools, each after one that is not "
        "timed. Off from eager: of the inputs given, of which the example is number 0."
    )


# ── text and HTML ───────────────────────────────────────────────────────────────────────────────


def _page(found: ToolTable) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for at, title in enumerate(TITLES):
        table.add_column(Text(title), justify="left" if at < _LEFT else "right", overflow="fold")
    for row in found.rows:
        table.add_row(*map(Text, _cells(row)))
    remarks = [Text(f"{row.tool}: {remark}") for row in found.rows for remark in _remarks(row)]
    head = Text(f"{found.title}\n{_head(found)}")
    return Group(head, "", table, "", *remarks, "", Text(_foot(found)))


def _html(found: ToolTable) -> str:
    head = _row("th", TITLES)
    body = "".join(_row("td", _cells(row), "" if row.works else _DIM) for row in found.rows)
    remarks = "".join(
        f"<li><strong>{escape(row.tool)}</strong>: {marked(remark)}</li>"
        for row in found.rows
        for remark in _remarks(row)
    )
    return (
        f"<div><p><strong>{escape(found.title)}</strong><br>{escape(_head(found))}</p>"
        f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
        f'<ul>{remarks}</ul><p style="{_DIM}">{escape(_foot(found))}</p></div>'
    )


def _row(kind: str, cells: Iterable[str], style: str = "") -> str:
    inner = "".join(_cell(kind, at, cell) for at, cell in enumerate(cells))
    return f'<tr style="{style}">{inner}</tr>'


def _cell(kind: str, at: int, text: str) -> str:
    style = _WORDS if at < _LEFT else "text-align:right" if kind == "th" else _NUMBER
    return f'<{kind} style="{_CELL};{style}">{escape(text)}</{kind}>'
