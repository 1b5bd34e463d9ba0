"""What `tsviz doctor --types` and `print(diagnosis.types)` show: a table for each function."""

from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.diagnosis import Variable, VariableTypes
from tsviz.terminal import printable
from tsviz.views.types_words import TITLES, cells_of, head_words, iter_functions, rest_words

_WIDTH = 120


def types_text(types: VariableTypes) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(types_page(types), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def types_page(types: VariableTypes) -> RenderableType:
    """The functions of the user's own."""
    parts: list[RenderableType] = [Text(printable(head_words(types)), "bold")]
    for name, rows in iter_functions(types):
        parts += ["", Text(printable(name), "bold"), _table(rows)]
    rest = rest_words(types)
    return Group(*parts, *(("", Text(printable(rest), "dim")) if rest else ()))


def _table(rows: tuple[Variable, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in TITLES:
        table.add_column(title, justify="right" if title == "line" else "left", overflow="fold")
    for row in rows:
        line, name, kind, why = map(printable, cells_of(row))
        table.add_row(Text(line), Text(name, "bold"), Text(kind, "cyan"), Text(why, "dim"))
    return table
