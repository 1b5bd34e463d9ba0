"""What a notebook shows of `tsviz.doctor(model, (x,))`: the page of the terminal, as HTML."""

from collections.abc import Iterable, Iterator
from html import escape

from tsviz.diagnosis import Diagnosis, Fixes, Obstacle, Variable, VariableTypes, Workaround
from tsviz.frontends import read_source
from tsviz.html_parts import PRE, edged, folded, highlighted, placed, table, tag, ticked
from tsviz.location import FileRange, Unknown
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
from tsviz.views.types_words import TITLES, cells_of, head_words, iter_functions, rest_words

_ERROR = "var(--jp-error-color1, #d32f2f)"
_WARN = "var(--jp-warn-color1, #f57c00)"
_INFO = "var(--jp-info-color1, #0288d1)"
_DIM = "opacity:0.7"
_SIGNS = {"-": f"color:{_WARN}", "+": f"color:{_INFO}"}


def diagnosis_html(found: Diagnosis) -> str:
    """The verdict with its reasons, the obstacles, and what else was tried."""
    parts = [*_head(found), *_obstacles(found), *_workarounds(found.workarounds), *_foot(found)]
    parts += _types(found)
    return tag("div", "".join(parts))


def _head(found: Diagnosis) -> Iterator[str]:
    yield tag("p", f"{tag('strong', escape(found.title))}: {escape(verdict_words(found))}")
    reasons = [tag("li", ticked(reason)) for reason in found.verdict.reasons]
    doubts = [tag("li", ticked(doubt), f"color:{_WARN}") for doubt in found.doubts]
    yield tag("ul", "".join((*reasons, *doubts)))
    if found.verdict.code:
        yield _code(found.verdict.code)


def _code(text: str) -> str:
    return tag("pre", highlighted(text), f"{PRE};margin-left:20px")


def _obstacles(found: Diagnosis) -> Iterator[str]:
    if found:
        yield tag("p", tag("strong", obstacles_words(len(found.obstacles))))
    for number, obstacle in enumerate(found.obstacles, 1):
        yield edged(_obstacle(found, number, obstacle), _ERROR)


def _obstacle(found: Diagnosis, number: int, obstacle: Obstacle) -> Iterator[str]:
    yield f"{number} {tag('strong', escape(obstacle.rule), f'color:{_ERROR}')}"
    place = obstacle.location
    if isinstance(place, FileRange):
        yield from placed(place, found.sources.get(place.file) or read_source(place.file))
    elif isinstance(place, Unknown):
        yield f" · {escape(place.reason)}"
    yield tag("div", ticked(obstacle.cause), "font-weight:600")
    for note in iter_notes(obstacle):
        yield tag("div", ticked(note), _DIM)
    if obstacle.advice:
        yield tag("div", f"{tag('span', 'remedy', _DIM)} {ticked(obstacle.advice)}")
    if obstacle.edit is not None:
        source = found.sources[obstacle.edit.changes[0].place.file]
        yield tag("div", escape(edit_words(found, obstacle.edit)), _DIM)
        lines = edit_lines(source, obstacle.edit.changes)
        yield _diff(f"{sign} {line}" for sign, line in lines)


def _diff(lines: Iterable[str]) -> str:
    rows = (tag("span", escape(line), _SIGNS.get(line[:1], "")) for line in lines)
    return tag("pre", "\n".join(rows), PRE)


def _workarounds(found: tuple[Workaround, ...]) -> Iterator[str]:
    if found:
        yield tag("p", tag("strong", "without editing"))
    for one in found:
        yield tag("div", f"{ticked(one.what)} ({ticked(one.cost)})")
        yield _code(one.code)


def _foot(found: Diagnosis) -> Iterator[str]:
    if found:
        yield "".join(tag("div", ticked(words), _DIM) for words in iter_foot(found))


# ── types ───────────────────────────────────────────────────────────────────────────────────────


def _types(found: Diagnosis) -> Iterator[str]:
    if found.types.rows:
        names = {(row.place.file, row.function, row.name) for row in found.types}
        yield folded(f"{len(names):,} variables with their types", types_html(found.types))


def types_html(types: VariableTypes) -> str:
    """A table for each function of the user's own."""
    parts = [tag("p", escape(head_words(types)))]
    for name, rows in iter_functions(types):
        parts.append(tag("p", tag("strong", escape(name))))
        parts.append(table(TITLES, map(_type_cells, rows)))
    rest = rest_words(types)
    return tag("div", "".join((*parts, tag("div", ticked(rest), _DIM) if rest else "")))


def _type_cells(row: Variable) -> Iterator[str]:
    line, name, kind, why = cells_of(row)
    yield from (line, tag("code", escape(name)), tag("code", escape(kind)), ticked(why))


# ── fixes ───────────────────────────────────────────────────────────────────────────────────────


def fixes_html(fixes: Fixes) -> str:
    """The patch of the files, then what to put into cells."""
    parts = [tag("div", f"written: {tag('code', escape(file))}") for file in fixes.written]
    if fixes.diff:
        parts.append(_diff(fixes.diff.rstrip("\n").split("\n")))
    for one in fixes.replacements:
        parts += [tag("div", ticked(replacement_words(one)), "font-weight:600"), _code(one.text)]
    if not parts:
        parts.append(tag("div", "nothing to edit"))
    if fixes.left:
        parts.append(tag("div", escape(left_words(fixes)), _DIM))
    return tag("div", "".join(parts))
