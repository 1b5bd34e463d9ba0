"""A diagnosis in the words that every page of it uses."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tsviz.cells import find_cell
from tsviz.diagnosis import Change, Diagnosis, Edit, Fixes, Obstacle, Owner, Replacement, Trial, Way
from tsviz.diagnosis.patches import patch
from tsviz.jit.compile_errors import first_words
from tsviz.location import FileRange, Origin, SourceFile, short_path

_VERDICTS = {
    Way.SCRIPT: "script it",
    Way.TRACE: "trace it",
    Way.HYBRID: "script some of it, and trace the rest",
    Way.NEITHER: "neither scripts nor traces rightly as it is",
    Way.UNKNOWN: "does not script as it is; interrupted before more was tried",
}


def verdict_words(found: Diagnosis) -> str:
    """The way to take."""
    return _VERDICTS[found.verdict.way]


def obstacles_words(count: int) -> str:
    """`1 obstacle`, `2 obstacles`."""
    return f"{count:,} obstacle{'s' * (count != 1)}"


def iter_notes(obstacle: Obstacle) -> Iterator[str]:
    """What is to be said of an obstacle beside its cause and the advice."""
    proof = first_words(obstacle.proof) if obstacle.proof else ""
    if proof and proof != obstacle.cause:
        yield f"PyTorch says: {proof}"
    if not obstacle.proof:
        yield "not put to PyTorch alone"
    if obstacle.owner is not Owner.USER:
        whose = "PyTorch's own" if obstacle.owner is Owner.TORCH else "an installed package's"
        yield f"this is {whose} code, so no edit is offered"


def edit_words(found: Diagnosis, edit: Edit) -> str:
    """Where an edit is made, and what was tried of it."""
    source = found.sources[edit.changes[0].place.file]
    where = "replace in the cell" if source.origin is Origin.CELL else "edit"
    return f"{where} ({edit.trial})"


def edit_lines(source: SourceFile, changes: Sequence[Change]) -> tuple[tuple[str, str], ...]:
    """The lines that an edit takes away (`-`) and adds (`+`)."""
    return tuple(line for group in _groups(changes) for line in _group_lines(source, group))


def _groups(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes that touch the same lines."""
    group: list[Change] = []
    for change in sorted(changes, key=lambda change: (change.place.line, change.place.col)):
        if group and change.place.line > max(other.place.end_line for other in group):
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _group_lines(source: SourceFile, changes: list[Change]) -> Iterator[tuple[str, str]]:
    first = changes[0].place.line
    last = max(change.place.end_line for change in changes)
    before = source.text.split("\n")[first - 1 : last]
    moved = [
        Change(
            replace(
                change.place,
                line=change.place.line - first + 1,
                end_line=change.place.end_line - first + 1,
            ),
            change.text,
        )
        for change in changes
    ]
    after = patch("\n".join(before), moved).text.split("\n")
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    same = 0
    while same < min(len(before), len(after)) and before[same] == after[same]:
        same += 1
    yield from (("-", line) for line in before[same:])
    yield from (("+", line) for line in after[same:])


def iter_foot(found: Diagnosis) -> Iterator[str]:
    """How many obstacles are where, and how many have an edit."""
    counts = Counter(_name(_file(obstacle)) for obstacle in found.obstacles)
    yield ", ".join(f"{count} in {file}" for file, count in counts.items())
    tried = Counter(edit.trial for edit in found.edits)
    if tried:
        words = f"{tried.total()} with an edit, {tried[Trial.EQUAL]} of them tried to the result"
        yield f"{words}; `--fix` shows them as a patch"


def _file(obstacle: Obstacle) -> str:
    place = obstacle.location
    return place.file if isinstance(place, FileRange) else "no known file"


def _name(file: str) -> str:
    cell = find_cell(file)
    return cell.title if cell is not None else short_path(file)


# ── fixes ───────────────────────────────────────────────────────────────────────────────────────


def replacement_words(found: Replacement) -> str:
    """Where a piece of a cell goes."""
    cell = _name(found.cell)
    if not found.name:
        return f"{cell}: add this at the top"
    return f"{cell}: put this in place of `{found.name}`, line {found.line}"


def left_words(fixes: Fixes) -> str:
    """What has no edit; "" where all have one."""
    if not fixes.left:
        return ""
    verb = "has" if fixes.left == 1 else "have"
    return f"{obstacles_words(fixes.left)} {verb} no safe edit: the page says what to do"
