"""Which lessons there are, and what an id of a question or an exercise stands for."""

from collections.abc import Iterable, Iterator
from importlib import import_module

from tsviz.course.content import Exercise, Lesson, Question
from tsviz.errors import Diagnostic, UsageError

NUMBERS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11")


def iter_lessons() -> Iterator[Lesson]:
    """All lessons, in order."""
    return map(get_lesson, NUMBERS)


def get_lesson(number: str) -> Lesson:
    """The lesson of one notebook.

    Args:
        number: with its zero, `02`.

    Raises:
        KeyError: there is no such lesson.
    """
    if number not in NUMBERS:
        raise KeyError(f"no lesson is called {number!r}; there are {', '.join(NUMBERS)}")
    return import_module(f"tsviz.course.lesson_{number}").LESSON


def get_question(identity: str) -> Question:
    """The question of an id such as `02.a`.

    Raises:
        UsageError: `TSV-E01` there is none.
    """
    for question in _questions(identity):
        if question.id == identity:
            return question
    raise _unknown("question", identity, (one.id for one in _questions(identity)))


def get_exercise(identity: str) -> Exercise:
    """The exercise of an id such as `02.1`.

    Raises:
        UsageError: `TSV-E01` there is none.
    """
    for exercise in _exercises(identity):
        if exercise.id == identity:
            return exercise
    raise _unknown("exercise", identity, (one.id for one in _exercises(identity)))


def _questions(identity: str) -> tuple[Question, ...]:
    number = identity.partition(".")[0]
    return get_lesson(number).questions if number in NUMBERS else ()


def _exercises(identity: str) -> tuple[Exercise, ...]:
    number = identity.partition(".")[0]
    return get_lesson(number).exercises if number in NUMBERS else ()


def _unknown(kind: str, identity: str, known: Iterable[str]) -> UsageError:
    there_are = ", ".join(known) or f"lessons {', '.join(NUMBERS)}"
    message = f"there is no {kind} `{identity}`, there are {there_are}"
    return UsageError(Diagnostic("TSV-E01", message))
