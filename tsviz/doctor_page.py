"""What `tsviz doctor` and `print(tsviz.doctor(model))` show: the verdict, then every obstacle."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tsviz.diagnosis import Diagnosis, Fixes, Obstacle, Way
from tsviz.errors import Diagnostic
from tsviz.location import FileRange
from tsviz.terminal import diagnostic_text, printable
from tsviz.views.doctor_words import (
    edit_lines,
    edit_words,
    iter_foot,
    iter_notes,
    left_words,
    obstacles_words,
    replacement_words,
    verdict_words,
)

_WIDTH = 100
_SIGNS = {"-": "dark_orange", "+": "blue"}


def diagnosis_text(found: Diagnosis) -> str:
    """The page as plain text."""
    return _plain(diagnosis_page(found))


def _plain(page: RenderableType) -> str:
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(page, highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def diagnosis_page(found: Diagnosis) -> RenderableType:
    """The verdict with its reasons, the obstacles, and what else was tried."""
    return Group(*_head(found), *_obstacles(found), *_workarounds(found), *_foot(found))


def _head(found: Diagnosis) -> Iterator[RenderableType]:
    style = "bold green" if found.verdict.way is Way.SCRIPT and not found else "bold"
    yield Text.assemble((printable(found.title), style), (f": {verdict_words(found)}", style))
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
    yield Text(f"\n{obstacles_words(len(found.obstacles))}", "bold")
    for obstacle in found.obstacles:
        yield Text("")
        yield diagnostic_text(_diagnostic(obstacle), tuple(found.sources.values()))
        yield from _edit(found, obstacle)


def _diagnostic(obstacle: Obstacle) -> Diagnostic:
    place = obstacle.location
    shown = replace(place, function="") if isinstance(place, FileRange) else place
    return Diagnostic(
        obstacle.rule, obstacle.cause, shown, tuple(iter_notes(obstacle)), obstacle.advice
    )


def _edit(found: Diagnosis, obstacle: Obstacle) -> Iterator[RenderableType]:
    if obstacle.edit is None:
        return
    source = found.sources[obstacle.edit.changes[0].place.file]
    yield Text(f"  {edit_words(found, obstacle.edit)}", "bold")
    for sign, line in edit_lines(source, obstacle.edit.changes):
        yield Text(printable(f"    {sign} {line}"), _SIGNS[sign])


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
    yield Text("")
    yield from (Text(printable(words), "dim") for words in iter_foot(found))


# ── fixes ───────────────────────────────────────────────────────────────────────────────────────


def fixes_text(fixes: Fixes) -> str:
    """The page of the edits as plain text; lines are as long as they are."""
    return "\n".join(part.plain for part in _iter_fixes(fixes))


def fixes_page(fixes: Fixes) -> RenderableType:
    """The patch of the files, then what to put into cells."""
    return Group(*_iter_fixes(fixes))


def _iter_fixes(fixes: Fixes) -> Iterator[Text]:
    parts = [Text(f"written: {printable(file)}", "bold") for file in fixes.written]
    for line in fixes.diff.rstrip("\n").split("\n") if fixes.diff else ():
        parts.append(Text(printable(line), _SIGNS.get(line[:1], "")))
    for one in fixes.replacements:
        parts += [Text("")] if parts else []
        parts += [Text(printable(replacement_words(one)), "bold"), Text(printable(one.text))]
    yield from parts or [Text("nothing to edit")]
    if fixes.left:
        yield Text(left_words(fixes), "dim")
