"""What `tsviz doctor` and `print(tsviz.doctor(model))` show: the verdict, then every obstacle."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from difflib import ndiff
from html import escape
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tsviz.diagnosis import Diagnosis, Obstacle, Owner, Trial, Way
from tsviz.diagnosis.patches import patch
from tsviz.errors import Diagnostic
from tsviz.jit.compile_errors import first_words
from tsviz.location import FileRange, Origin
from tsviz.terminal import diagnostic_text, place_name, printable

_WIDTH = 100
_VERDICTS = {
    Way.SCRIPT: "script it",
    Way.TRACE: "trace it",
    Way.HYBRID: "script some of it, and trace the rest",
    Way.NEITHER: "neither scripts nor traces rightly as it is",
}


def diagnosis_text(found: Diagnosis) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(diagnosis_page(found), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def diagnosis_html(found: Diagnosis) -> str:
    """The page for a notebook."""
    return f'<pre style="line-height:1.3;overflow:auto">{escape(diagnosis_text(found))}</pre>'


def diagnosis_page(found: Diagnosis) -> RenderableType:
    """The verdict with its reasons, the obstacles, and what else was tried."""
    return Group(*_head(found), *_obstacles(found), *_workarounds(found), *_foot(found))


def _head(found: Diagnosis) -> Iterator[RenderableType]:
    style = "bold green" if found.verdict.way is Way.SCRIPT and not found else "bold"
    yield Text.assemble(
        (printable(found.title), style), (f": {_VERDICTS[found.verdict.way]}", style)
    )
    yield from (_item(printable(reason)) for reason in found.verdict.reasons)
    yield from (_item(printable(doubt), "yellow") for doubt in found.doubts)
    if found.verdict.code:
        yield Text("")
        yield _code(found.verdict.code)


def _item(words: str, style: str = "") -> Padding:
    return Padding(Text(f"· {words}", style), (0, 0, 0, 2), expand=False)


def _code(text: str) -> Padding:
    """Python to copy: its lines are not wrapped."""
    return Padding(Text(text, "cyan", no_wrap=True, overflow="ignore"), (0, 0, 0, 4), expand=False)


def _obstacles(found: Diagnosis) -> Iterator[RenderableType]:
    if not found:
        return
    count = len(found.obstacles)
    yield Text(f"\n{count} obstacle{'s' * (count != 1)}", "bold")
    for obstacle in found.obstacles:
        yield Text("")
        yield diagnostic_text(_diagnostic(obstacle), tuple(found.sources.values()))
        yield from _edit(found, obstacle)


def _diagnostic(obstacle: Obstacle) -> Diagnostic:
    notes: list[str] = []
    proof = first_words(obstacle.proof) if obstacle.proof else ""
    if proof and proof != obstacle.cause:
        notes.append(f"PyTorch says: {proof}")
    if not obstacle.proof:
        notes.append("not put to PyTorch alone")
    if obstacle.owner is not Owner.USER:
        whose = "PyTorch's own" if obstacle.owner is Owner.TORCH else "an installed package's"
        notes.append(f"this is {whose} code, so no edit is offered")
    place = obstacle.location
    shown = replace(place, function="") if isinstance(place, FileRange) else place
    return Diagnostic(obstacle.rule, obstacle.cause, shown, tuple(notes), obstacle.advice)


def _edit(found: Diagnosis, obstacle: Obstacle) -> Iterator[RenderableType]:
    if obstacle.edit is None:
        return
    source = found.sources[obstacle.edit.changes[0].place.file]
    text = patch(source.text, obstacle.edit.changes).text
    where = "replace in the cell" if source.origin is Origin.CELL else "edit"
    yield Text(f"  {where} ({obstacle.edit.trial})", "bold")
    styles = {"-": "dark_orange", "+": "blue"}
    for line in ndiff(source.text.split("\n"), text.split("\n")):
        if line[0] in styles:
            yield Text(printable(f"    {line}"), styles[line[0]])


def _workarounds(found: Diagnosis) -> Iterator[RenderableType]:
    if not found.workarounds:
        return
    yield Text("\nwithout editing", "bold")
    for one in found.workarounds:
        yield _item(f"{one.what} ({one.cost})")
        yield _code(one.code)


def _foot(found: Diagnosis) -> Iterator[RenderableType]:
    if not found:
        return
    counts = Counter(place_name(_file(obstacle)) for obstacle in found.obstacles)
    yield Text("")
    yield Text(", ".join(f"{count} in {file}" for file, count in counts.items()), "dim")
    tried = Counter(edit.trial for edit in found.edits)
    if tried:
        of_all = sum(tried.values())
        equal = tried[Trial.EQUAL]
        words = f"{of_all} with an edit, {equal} of them tried to the result"
        yield Text(f"{words}; `tsviz doctor … --fix` prints them as a patch", "dim")


def _file(obstacle: Obstacle) -> str:
    place = obstacle.location
    return printable(place.file) if isinstance(place, FileRange) else "no known file"
