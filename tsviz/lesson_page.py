"""What `tsviz passes` prints: the catalogue as a table, and the lesson on one pass as a page."""

from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

import tsviz.passes
from tsviz.frontends import find_model_frame
from tsviz.ir import Graph, list_graph, render_graph
from tsviz.location import How
from tsviz.passes import Lesson, PassInfo, PassRecord, describe_rewrites

_WIDTH = 100
_REWRITES = 5
_GUTTER = 4
_OPS = r"\b(?:aten|prim|quantized|mkldnn)::\w+"
_STYLES = {"-": "dark_orange", "+": "blue", "~": "", ">": "dim"}
_MARKS = {
    "-": "- goes",
    "+": "+ is new",
    "~": "~ is changed",
    ">": "> is moved",
    "?": "? an inferred line",
}


def lesson_text(lesson: Lesson) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(lesson_page(lesson), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def lesson_page(lesson: Lesson) -> RenderableType:
    """The Python, the graph before and after, what was rewritten, and what to know of it."""
    step = lesson.step
    before, after = _Side(lesson, step.before), _Side(lesson, step.after)
    changed = {change.node: "~" for change in step.diff.changed}
    moved = dict.fromkeys(step.diff.moved, ">")
    removed, added = dict.fromkeys(step.diff.removed, "-"), dict.fromkeys(step.diff.added, "+")
    left = before.marked({**changed, **moved, **removed})
    right = after.marked({**changed, **moved, **added})
    rewrites = describe_rewrites(step, _REWRITES) or (lesson.unseen or "nothing",)
    return Group(
        _head(lesson),
        "",
        _python(lesson, before.lines(removed) | before.lines(changed) | after.lines(added)),
        "",
        Text(_came(lesson, step), "bold"),
        left,
        "",
        *_after(lesson, right),
        *_legend(before, after),
        "",
        Text("what it did", "bold"),
        _items(rewrites),
        "",
        Text("what to know", "bold"),
        _items(lesson.sentences),
        "",
        Text(f'tsviz.explore(tsviz.passes.lesson("{lesson.name}").trace) opens it', "dim"),
    )


def _head(lesson: Lesson) -> RenderableType:
    head = Text.assemble((lesson.name, "bold cyan"), f"  {lesson.info.summary}")
    if lesson.info.marks:
        head.append(f" ({lesson.info.marks})", "yellow")
    return head


def _came(lesson: Lesson, step: PassRecord) -> str:
    """`before, after complete_shape_analysis, 7 nodes`."""
    ways = {"frozen": "frozen", "trace": "traced", "script": "scripted"}
    how = ways[lesson.via]
    how += f", prepared by `{'`, `'.join(lesson.prepare)}`" if lesson.prepare else ""
    how += f", step {step.index} of the executor" if lesson.runtime else ""
    return f"before, {how}, {_count(step.before)}"


def _after(lesson: Lesson, shown: RenderableType) -> Iterator[RenderableType]:
    before, after = lesson.step.before, lesson.step.after
    if render_graph(before) == render_graph(after):
        yield Text(f"after `{lesson.name}`, the same", "bold")
        return
    yield Text(f"after `{lesson.name}`, {_count(after)}", "bold")
    yield shown


def _count(graph: Graph) -> str:
    count = len(graph.nodes)
    return f"{count:,} node{'s' * (count != 1)}"


def _items(sentences: tuple[str, ...]) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column()
    for sentence in sentences:
        table.add_row("  ·", Text(sentence))
    return table


# ── Python ──────────────────────────────────────────────────────────────────────────────────────


def _python(lesson: Lesson, touched: set[int]) -> RenderableType:
    """The functions with line numbers; those whose nodes the pass touched are marked."""
    package = Path(tsviz.passes.__file__).parents[2]
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(style="dim", no_wrap=True, min_width=_GUTTER)
    table.add_column(overflow="fold")
    for at, (first, text) in enumerate(lesson.sources):
        if at:
            table.add_row()
        for number, line in enumerate(text.split("\n"), first):
            is_touched = number in touched
            code = Text(line, "bold" if is_touched else "")
            table.add_row(" ▸" if is_touched else "  ", f"{number:>3}", code)
    file = Path(lesson.file).relative_to(package).as_posix()
    return Group(Text(file, "dim"), table)


# ── graphs ──────────────────────────────────────────────────────────────────────────────────────


class _Side:
    """One snapshot of a lesson, and the lines of its Python that its nodes have."""

    def __init__(self, lesson: Lesson, graph: Graph) -> None:
        self._file = lesson.file
        self._graph = graph
        self.marks: set[str] = set()

    def marked(self, marks: Mapping[int, str]) -> RenderableType:
        """The IR text, the line of every node before it."""
        listing = list_graph(self._graph, comments=False)
        nodes = {rows[0]: node for node, rows in listing.rows.items()}
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(style="dim", no_wrap=True, min_width=_GUTTER)
        table.add_column(overflow="fold")
        for row, line in enumerate(listing.lines):
            mark = marks.get(nodes.get(row, -1), "")
            place = self._place(nodes.get(row))
            self.marks |= {mark, place[-1:].strip()}
            text = Text(line.lstrip(), _STYLES.get(mark, ""))
            text.highlight_regex(_OPS, "cyan")
            indent = len(line) - len(line.lstrip())
            table.add_row(f" {mark or ' '}", place, Padding(text, (0, 0, 0, indent), expand=False))
        return table

    def lines(self, nodes: Mapping[int, str]) -> set[int]:
        """The lines of some nodes."""
        return {line for node in nodes if (line := self._line(node)) is not None}

    def _place(self, node: int | None) -> str:
        line = None if node is None else self._line(node)
        if node is None or line is None:
            return ""
        return f"{line:>3}{'?' if self._graph.links[node].how is How.INFERRED else ''}"

    def _line(self, node: int) -> int | None:
        link = self._graph.links.get(node)
        if link is None or link.how is How.NONE:
            return None
        frame = find_model_frame(link.location)
        return frame.line if frame is not None and frame.file == self._file else None


def _legend(*sides: _Side) -> Iterator[RenderableType]:
    used = set[str]().union(*(side.marks for side in sides))
    words = [words for mark, words in _MARKS.items() if mark in used]
    if words:
        yield Text(f"  {'   '.join(words)}", "dim")


# ── the catalogue ───────────────────────────────────────────────────────────────────────────────


def catalog_page(passes: Mapping[str, PassInfo]) -> RenderableType:
    """Every pass with its sentence, and what has to be known before it is used."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("pass", no_wrap=True, style="cyan")
    table.add_column("what it does")
    for known in passes.values():
        words = Text(known.summary)
        if known.marks:
            words.append(f" ({known.marks})", "yellow")
        table.add_row(known.name, words)
    note = "`tsviz passes NAME` shows one at work on a few lines of Python"
    return Group(table, Padding(Text(note, "dim"), (1, 0, 0, 0)))
