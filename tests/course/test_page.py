"""The teacher's page says what the lessons are."""

import re
from importlib import import_module
from pathlib import Path

from tsviz.course import iter_lessons

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")

ASKED_FOR = {
    "a trace keeps my `if`",
    "no warning means safe",
    "`check_trace` passed, so it is right",
    "`.eval()` after tracing helps",
    "scripting runs Python",
    "an annotation is a hint",
    "TorchScript is always faster",
    "first-run time is its speed",
    "frozen gives the same bits",
    "the `.pt` is just weights",
}


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


def test_every_misconception_is_listed_where_it_is_met():
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
    listed = {row[0]: set(row[1].split(", ")) for row in rows("") if len(row) == 2}
    del listed["belief"], listed["---"]
    assert listed == met
    assert met.keys() >= ASKED_FOR
