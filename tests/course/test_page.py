"""The teacher's page says what the lessons are."""

import re
from importlib import import_module
from pathlib import Path

from tsviz.course import iter_lessons

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")

ASKED_FOR = {
    "a trace keeps my `if`": {"02", "05"},
    "no warning means safe": {"02"},
    "`check_trace` passed, so it is right": {"02"},
    "`.eval()` after tracing helps": {"01"},
    "scripting runs Python": {"04", "05", "07"},
    "an annotation is a hint": {"04", "07"},
    "TorchScript is always faster": {"06", "08"},
    "first-run time is its speed": {"06", "08", "11"},
    "GIL-free means one call is faster": {"08"},
    "frozen gives the same bits": {"06", "10"},
    "the `.pt` is just weights": {"10", "11"},
}
"""The beliefs that the course was asked to meet, and the lessons that do."""


def rows(start: str) -> list[list[str]]:
    """The cells of the rows whose first cell matches."""
    found = re.findall(rf"^\| ({start}.*) \|$", PAGE, re.MULTILINE)
    return [row.split(" | ") for row in found]


def test_every_lesson_has_its_notebook_minutes_and_goal():
    for lesson in iter_lessons():
        ((link, minutes, goal),) = rows(rf"\[{lesson.number} ")
        (path,) = re.findall(r"\]\(\.\./(.*)\)$", link)
        assert link.startswith(f"[{lesson.number} {lesson.title}]")
        assert (ROOT / path).is_file()
        assert (minutes, goal) == (str(lesson.minutes), lesson.goal)
        assert f"\n**{lesson.number}** " in PAGE


def where_met() -> dict[str, set[str]]:
    """Ids of questions and exercises by the belief that they name."""
    met: dict[str, set[str]] = {}
    for lesson in iter_lessons():
        for question in lesson.questions:
            for choice in question.choices:
                if choice.misconception:
                    met.setdefault(choice.misconception.name, set()).add(question.id)
        answers = import_module(f"tests.course.answers_{lesson.number}")
        for exercise, slips in answers.WRONG.items():
            for slip in slips:
                met.setdefault(slip.misconception.name, set()).add(exercise)
    return met


def test_every_misconception_is_listed_where_it_is_met():
    listed = {row[0]: set(row[1].split(", ")) for row in rows("") if len(row) == 2}
    del listed["belief"], listed["---"]
    assert listed == where_met()


def test_the_beliefs_that_were_asked_for_are_taught_where_it_is_said():
    met = {name: {identity[:2] for identity in ids} for name, ids in where_met().items()}
    assert {name: met.get(name) for name in ASKED_FOR} == ASKED_FOR
