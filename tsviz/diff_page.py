"""What `tsviz diff` and `print(tsviz.diff(a, b))` show: code, structure and weights."""

from collections.abc import Iterator
from io import StringIO
from itertools import groupby
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.comparison import (
    AttributeDiff,
    FunctionDiff,
    Kind,
    ModuleDiff,
    NodeDiff,
    ProgramDiff,
    WeightDiff,
)
from tsviz.comparison.words import from_to, shape_text
from tsviz.location import FileRange
from tsviz.terminal import place_name, printable

_ROWS = 40
_LINES = 200
_LONGEST = 60
_WIDTH = 200
_ALL = "to_dataframe() and --json list all"
_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~", Kind.MOVED: ">"}
_STYLES = {Kind.ADDED: "blue", Kind.REMOVED: "dark_orange", Kind.CHANGED: "", Kind.MOVED: "dim"}
_LINE_STYLES = {"+": "blue", "-": "dark_orange", "@": "dim"}


def diff_text(found: ProgramDiff) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(diff_page(found), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def diff_page(found: ProgramDiff) -> RenderableType:
    """What was compared, its sections, and what was left out."""
    titles = f"{printable(found.title_before)} → {printable(found.title_after)}"
    parts: list[RenderableType] = [Text.assemble((titles, "bold"), f"\n{found.summary}")]
    parts += _sections(found) if found.contents is not None else _nodes(found)
    parts += [Text(f"not compared: {printable(what)}", "yellow") for what in found.left_out]
    return Group(*parts)


def _sections(found: ProgramDiff) -> Iterator[RenderableType]:
    contents = found.contents
    assert contents is not None
    yield _heading("code", found.code_summary, bool(contents.code))
    yield from _functions(contents.code)
    is_changed = bool(contents.modules or contents.attributes or found.nodes)
    yield _heading("structure", found.structure_summary, is_changed)
    yield from _limited(_modules_table(), map(_module_row, contents.modules), "module")
    yield from _limited(_attributes_table(), _attribute_rows(contents.attributes), "attribute")
    yield from _nodes(found)
    weights = contents.weights
    yield _heading("weights", weights.summary, bool(weights.tensors))
    yield from _limited(_weights_table(), map(_weight_row, weights.tensors), "tensor")


def _heading(title: str, words: str, is_long: bool) -> Text:
    """A section's own line; a blank one goes before what has more."""
    words = words.removeprefix(f"{title}: ").replace(f"same {title}", "the same")
    return Text.assemble("\n" if is_long else "", (f"{title}: ", "bold"), words)


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


Row = tuple[Kind, list[str]]


def _limited(table: Table, rows: Iterator[Row], what: str) -> Iterator[RenderableType]:
    """The table with its first rows, and how many more there are."""
    hidden = 0
    for kind, cells in rows:
        if table.row_count < _ROWS:
            texts = [Text(printable(cell)) for cell in cells]
            table.add_row(_SIGNS[kind], *texts, style=_STYLES[kind])
        else:
            hidden += 1
    if table.row_count:
        yield table
    if hidden:
        yield _more(hidden, what)


# ── code ────────────────────────────────────────────────────────────────────────────────────────


def _functions(code: tuple[FunctionDiff, ...]) -> Iterator[RenderableType]:
    """The user's own functions line by line; of libraries, which they are."""
    own = [diff for diff in code if not diff.is_library]
    left = _LINES
    for at, diff in enumerate(own):
        if left <= 0:
            yield _more(len(own) - at, "function")
            break
        lines = diff.diff.split("\n")
        shown = lines[2:] if lines[0].startswith("---") else lines  # the head names the files
        yield _function_head(diff)
        yield from map(_code_line, shown[:left])
        if len(shown) > left:
            yield Text(f"  … {len(shown) - left:,} more lines", "dim")
        left -= len(shown)
    foreign = code[len(own) :]
    yield from map(_function_head, foreign[:_ROWS])
    if len(foreign) > _ROWS:
        yield _more(len(foreign) - _ROWS, "function of libraries")


def _more(count: int, what: str) -> Text:
    head, _, rest = what.partition(" ")
    plural = " ".join(filter(None, (f"{head}{'s' * (count > 1)}", rest)))
    return Text(f"… {count:,} more {plural}; {_ALL}", "dim")


def _function_head(diff: FunctionDiff) -> Text:
    places = [_place(line) for line in (diff.line_before, diff.line_after)]
    where = " → ".join(dict.fromkeys(filter(None, places)))
    note = "" if diff.is_python else "as TorchScript prints it"
    if diff.same_text:
        note = "the same Python text, compiled to other code"
    words = ", ".join(filter(None, (where, note)))
    name = f"{_SIGNS[diff.kind]} {printable(diff.name)}"
    return Text.assemble((name, _STYLES[diff.kind]), (f"  {words}" if words else "", "dim"))


def _code_line(line: str) -> Text:
    return Text(f"  {printable(line)}", _LINE_STYLES.get(line[:1], ""))


# ── structure ───────────────────────────────────────────────────────────────────────────────────


def _modules_table() -> Table:
    return _table("", "module", "class before", "class after")


def _module_row(diff: ModuleDiff) -> Row:
    return diff.kind, [diff.path or "the model itself", diff.before or "", diff.after or ""]


def _attributes_table() -> Table:
    return _table("", "attribute", "before", "after")


def _attribute_rows(diffs: tuple[AttributeDiff, ...]) -> Iterator[Row]:
    """What changed alike, as `training` does in every module, stands in one row."""
    alike: dict[tuple[str, str | None, str | None], list[AttributeDiff]] = {}
    for diff in diffs:
        alike.setdefault((diff.name, diff.before, diff.after), []).append(diff)
    for same in alike.values():
        first, more = same[0], len(same) - 1
        name = f"{first.path} and {more:,} more" if more else first.path
        yield first.kind, [name, *_values(first.before or "", first.after or "")]


def _values(was: str, now: str) -> list[str]:
    """Both values, of long ones the part where they begin to differ."""
    if max(len(was), len(now)) <= _LONGEST:
        return [was, now]
    pairs = enumerate(zip(was, now, strict=False))
    first = next((at for at, (one, other) in pairs if one != other), min(len(was), len(now)))
    start = max(0, first - _LONGEST // 2)
    return [_cut(text, start) for text in (was, now)]


def _cut(text: str, start: int) -> str:
    end = start + _LONGEST
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (end < len(text))}"


def _nodes(found: ProgramDiff) -> Iterator[RenderableType]:
    rows = list(_rows(found))
    if rows:
        yield from ["", _nodes_table(rows[:_ROWS])]
    if len(rows) > _ROWS:
        yield _more(sum(len(row) for row in rows[_ROWS:]), "node")


def _rows(found: ProgramDiff) -> Iterator[list[NodeDiff]]:
    """What came, went or moved together stands in one row; what changed, each for itself."""
    for (kind, *_), group in groupby(
        found.nodes, lambda node: (node.kind, node.scope, _line(node))
    ):
        nodes = list(group)
        yield from ([node] for node in nodes) if kind is Kind.CHANGED else [nodes]


def _line(node: NodeDiff) -> FileRange | None:
    return node.line_before if node.after is None else node.line_after


def _nodes_table(rows: list[list[NodeDiff]]) -> Table:
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


# ── weights ─────────────────────────────────────────────────────────────────────────────────────


def _weights_table() -> Table:
    table = _table("", "tensor", "dtype", "shape")
    for title in ("differ", "share", "max abs", "max rel", "max ulp"):
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _weight_row(diff: WeightDiff) -> Row:
    shapes = (shape_text(diff.shape_before), shape_text(diff.shape_after))
    return diff.kind, [
        diff.name,
        from_to(diff.dtype_before, diff.dtype_after),
        from_to(*shapes),
        "" if diff.differing is None else f"{diff.differing:,}",
        "" if diff.share is None else f"{diff.share:.3%}",
        _number(diff.absolute),
        _number(diff.relative),
        "" if diff.ulp is None else f"{diff.ulp:,}",
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
