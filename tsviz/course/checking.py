"""Checks of exercises: the answer is run on inputs that the learner has not seen.

Nothing of this raises for what the learner wrote: an answer that fails is an outcome, shown with
its line, like one that is wrong.
"""

from typing import cast

from tsviz.course.cards import Card, State
from tsviz.course.content import Exercise
from tsviz.course.lessons import get_exercise
from tsviz.course.trying import copied, says_blank, untouched
from tsviz.errors import TsvizError
from tsviz.frontends.failures import describe_failure


def check(exercise_id: str, answer: object = None) -> Card:
    """Runs an answer, and says whether it does what was asked.

    Args:
        exercise_id: such as `02.1`.
        answer: what the exercise asks for. `None`, `...` and code that raises
            `NotImplementedError` count as no answer yet. A module is checked in a copy.

    Returns:
        Right; wrong, with what was seen and the misconception behind it; the error of the
        learner's own code with its line; or that there is no answer yet.

    Raises:
        UsageError: `TSV-E01` there is no such exercise.
    """
    exercise = get_exercise(exercise_id)
    if _is_blank(answer):
        return _unanswered(exercise)
    try:
        with untouched():
            wrong = next(exercise.judge(copied(answer)), None)
    except Exception as error:  # noqa: BLE001 (the learner's code runs, and its failure is the outcome)
        return _unanswered(exercise) if says_blank(error) else _failed(exercise, error)
    if wrong is None:
        return Card(exercise.id, State.RIGHT, (exercise.done,))
    return Card(exercise.id, State.WRONG, (wrong.seen,), misconception=wrong.misconception)


def _is_blank(answer: object) -> bool:
    if isinstance(answer, tuple):
        return any(_is_blank(part) for part in cast("tuple[object, ...]", answer))
    return answer is None or answer is ...


def _unanswered(exercise: Exercise) -> Card:
    return Card(exercise.id, State.UNANSWERED, (exercise.task,))


def _failed(exercise: Exercise, error: Exception) -> Card:
    if isinstance(error, TsvizError):
        diagnostic, sources = error.diagnostic, error.sources
    else:
        message = "your answer failed when it was run"
        diagnostic, sources = describe_failure(error, "TSV-E03", message)
    return Card(exercise.id, State.FAILED, (exercise.task,), excerpt=diagnostic.render(sources))
