"""Predictions: the learner commits to an answer, looks at what happens, and then is told.

Between the two stands only what was predicted, kept for as long as the kernel lives.
"""

from types import EllipsisType

from tsviz.course.cards import Card, State
from tsviz.course.content import Question
from tsviz.course.lessons import get_question
from tsviz.course.trying import untouched
from tsviz.errors import Diagnostic, UsageError

_predictions: dict[str, str] = {}


def predict(question_id: str, answer: str | EllipsisType | None = None) -> Card:
    """Asks a question, and notes the answer to it.

    Args:
        question_id: such as `02.a`.
        answer: a letter of the choices; `...` or `None` asks only.

    Returns:
        The question with its choices. Whether the answer is right, `reveal` says.

    Raises:
        UsageError: `TSV-E01` there is no such question, `TSV-E02` no such choice.
    """
    question = get_question(question_id)
    choices = tuple(zip(question.letters, (one.text for one in question.choices), strict=True))
    if answer is None or answer is ...:
        _predictions.pop(question.id, None)
        return Card(question.id, State.UNANSWERED, (question.text,), choices)
    letter = _letter(question, answer)
    _predictions[question.id] = letter
    noted = f"You say {letter}. Go on, and see what happens."
    return Card(question.id, State.PREDICTED, (question.text,), choices, noted)


def reveal(question_id: str) -> Card:
    """Says whether the prediction was right, by running what was asked about.

    Raises:
        UsageError: `TSV-E01` there is no such question.
    """
    question = get_question(question_id)
    letter = _predictions.get(question.id)
    if letter is None:
        told = f'Predict first: give `predict("{question.id}", …)` a letter, and run this again.'
        return Card(question.id, State.UNANSWERED, (told,))
    with untouched():
        true = question.observe()
    chosen = question.choice(letter)
    if letter == true:
        return Card(question.id, State.RIGHT, (f"{letter}) {chosen.text}", chosen.why))
    fact = question.choice(true)
    sentences = (f"You said {letter}) {chosen.text}", chosen.why, f"It is {true}) {fact.text}")
    return Card(question.id, State.WRONG, sentences, misconception=chosen.misconception)


def _letter(question: Question, answer: object) -> str:
    letter = answer.strip().lower() if isinstance(answer, str) else ""
    if len(letter) == 1 and letter in question.letters:
        return letter
    message = f"expected one of {', '.join(question.letters)} for `{question.id}`, got {answer!r}"
    raise UsageError(Diagnostic("TSV-E02", message))
