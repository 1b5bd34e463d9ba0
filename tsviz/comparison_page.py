"""What `tsviz compare` and `print(tsviz.compare(model, (x,)))` show: what a model's trace lost.

First the inputs that count, since nothing is said of others; then the variants, the findings, and
what the Python code did at every place where it can go more than one way.
"""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from tsviz.comparison import Comparison, Finding, Status
from tsviz.errors import render_snippet
from tsviz.frontends import read_source
from tsviz.location import FileRange
from tsviz.terminal import diagnostic_text, place_name, printable
from tsviz.views.comparison_words import (
    INPUTS_WORDS,
    NO_NOISE_WORDS,
    NOT_REACHED,
    Flow,
    details_of,
    doubts_of,
    flow_shown,
    place_words,
    script_of,
    variant_words,
)

_WIDTH = 100
_STYLES = {Status.PROVEN: "bold red", Status.POSSIBLE: "yellow", Status.HARMLESS: "dim"}
_INDENT = 3


def comparison_text(found: Comparison) -> str:
    """The page as plain text, with all there is."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(comparison_page(found, is_whole=True), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def comparison_page(
    found: Comparison, *, is_whole: bool = False, writing: str = ""
) -> RenderableType:
    """The domain, the variants, the findings, and control flow.

    Args:
        is_whole: whether harmless findings and all of the control flow are listed, too.
        writing: how the script of a proven finding is written; by default as in Python.
    """
    return Group(
        *_head(found),
        *_variants(found),
        *_findings(found, writing, is_whole=is_whole),
        *_flow(found, is_whole=is_whole),
    )


# ── what was compared ───────────────────────────────────────────────────────────────────────────


def _head(found: Comparison) -> Iterator[RenderableType]:
    yield Text(printable(f"{found.title}, held against its Python code"), "bold")
    yield ""
    yield Text(f"inputs that count ({INPUTS_WORDS})", "bold")
    yield _indented(Text(printable(str(found.domain))))
    if found.noise is None:
        yield Text(NO_NOISE_WORDS, "yellow")


def _variants(found: Comparison) -> Iterator[RenderableType]:
    yield ""
    table = _grid()
    for one in found.variants:
        table.add_row(Text(str(one.variant), "cyan"), Text(variant_words(one)))
    yield table
    for one in found.variants:
        for diagnostic in doubts_of(one):
            yield ""
            yield diagnostic_text(diagnostic)


def _grid() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, _INDENT), expand=False)


# ── findings ────────────────────────────────────────────────────────────────────────────────────


def _findings(found: Comparison, writing: str, *, is_whole: bool) -> Iterator[RenderableType]:
    harmless = 0
    for number, finding in enumerate(found.findings, 1):
        if finding.status is not Status.HARMLESS:
            how = writing or f'comparison.write(comparison.proven[{number - 1}], "fault.py")'
            yield from _finding(number, finding, how)
        elif is_whole:
            yield from ("",) if not harmless else ()
            yield _line(number, finding)
        harmless += finding.status is Status.HARMLESS
    if harmless and not is_whole:
        yield ""
        yield Text(f"{harmless} harmless: --all lists them", "dim")


def _title(number: int, finding: Finding) -> Text:
    return Text.assemble(
        f"{number} ",
        (str(finding.status), _STYLES[finding.status]),
        f" · {finding.variant}",
    )


def _line(number: int, finding: Finding) -> Text:
    """A harmless one."""
    text = _title(number, finding)
    text.append(f" · {printable(place_words(finding.place))}: {printable(finding.sentence)}")
    text.append(f"; {printable(finding.reason)}", "dim")
    return text


def _finding(number: int, finding: Finding, writing: str) -> Iterator[RenderableType]:
    yield ""
    yield _title(number, finding)
    yield from _source(finding.place)
    yield _indented(Text(printable(finding.sentence), "bold"))
    table = _grid()
    for label, words in details_of(finding):
        table.add_row(Text(label, "dim"), Text(printable(words)))
    yield _indented(table)
    if finding.status is Status.PROVEN:
        yield _indented(Text(f"this script shows it; {writing} writes it:", "dim"))
        yield _script(script_of(finding))


def _source(place: FileRange | None) -> Iterator[RenderableType]:
    if place is None:
        return
    named = replace(place, file=place_name(place.file))
    yield Text(printable(f"  --> {named}"), "dim", overflow="fold")
    text = Text(printable("\n".join(render_snippet(read_source(place.file), place))))
    text.highlight_regex(r"(?m)^ *\| +\^+$", "red")
    if text:
        yield text


def _script(text: str) -> Padding:
    code = Syntax(
        printable(text),
        "python",
        theme="ansi_light",  # the terminal's own colours
        background_color="default",
        word_wrap=True,
    )
    return Padding(code, (0, 0, 0, 2 * _INDENT), expand=False)


# ── control flow ────────────────────────────────────────────────────────────────────────────────


def _flow(found: Comparison, *, is_whole: bool) -> Iterator[RenderableType]:
    shown, words = flow_shown(found, is_whole=is_whole)
    if not shown:
        return
    yield ""
    yield Text("where Python can go more than one way", "bold")
    yield _flow_table(shown)
    if words:
        yield Text(words, "dim")


def _flow_table(rows: tuple[Flow, ...]) -> Table:
    has_trace = any(row.held for row in rows)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("line", no_wrap=True)
    table.add_column("kind")
    table.add_column("condition", overflow="fold", ratio=1)
    table.add_column("your input")
    if has_trace:
        table.add_column("the trace holds")
    table.add_column("finding", no_wrap=True)
    for row in rows:
        cells = [place_words(row.site.place), str(row.site.kind), row.site.condition, row.went]
        cells += [row.held] if has_trace else []
        cells.append(", ".join(map(str, row.findings)))
        style = "dim" if row.went == NOT_REACHED else ""
        table.add_row(*(Text(printable(cell)) for cell in cells), style=style)
    return table
