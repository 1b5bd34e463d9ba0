"""Every prediction is true of this PyTorch, and every check tells right from wrong."""

from importlib import import_module

import pytest
import torch
from torch import nn

from tests.course.answer import Slip
from tsviz.course import State, check, iter_lessons, misconceptions, predict, reveal
from tsviz.course.content import Choice, Exercise, Misconception, Question
from tsviz.course.trying import scripted, untouched

LESSONS = tuple(iter_lessons())
QUESTIONS = [question for lesson in LESSONS for question in lesson.questions]
EXERCISES = [exercise for lesson in LESSONS for exercise in lesson.exercises]


def right(exercise: Exercise) -> object:
    return import_module(f"tests.course.answers_{exercise.id[:2]}").RIGHT[exercise.id]()


def wrong(exercise: Exercise) -> tuple[Slip, ...]:
    return import_module(f"tests.course.answers_{exercise.id[:2]}").WRONG[exercise.id]


SLIPS = [
    pytest.param(exercise, slip, id=f"{exercise.id} {slip.title}")
    for exercise in EXERCISES
    for slip in wrong(exercise)
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_choice_without_a_misconception_is_what_happens(question: Question):
    with untouched():
        seen = question.observe()
    assert [
        letter for letter in question.letters if question.choice(letter).misconception is None
    ] == [seen]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_every_prediction_is_answered(question: Question):
    for letter in question.letters:
        chosen = question.choice(letter)
        assert predict(question.id, letter).state is State.PREDICTED
        card = reveal(question.id)
        assert card.misconception is chosen.misconception
        assert card.state is (State.WRONG if chosen.misconception else State.RIGHT)
        assert chosen.why in card.sentences


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_reference_answers_are_right(exercise: Exercise):
    card = check(exercise.id, right(exercise))
    assert card.state is State.RIGHT, card
    assert card.sentences == (exercise.done,)


@pytest.mark.parametrize(("exercise", "slip"), SLIPS)
def test_typical_wrong_answers_get_their_hint(exercise: Exercise, slip: Slip):
    card = check(exercise.id, slip.make())
    assert card.state is State.WRONG, card
    assert card.misconception is slip.misconception, card


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_every_check_has_its_task_two_wrong_answers_and_says_when_there_is_none(
    exercise: Exercise,
):
    assert len(wrong(exercise)) >= 2
    for blank in (None, ..., (1, ...)):
        card = check(exercise.id, blank)
        assert (card.state, card.sentences) == (State.UNANSWERED, (exercise.task,))


JUNK = (
    3,
    "an answer",
    [],
    torch.ones(3),
    nn.Identity(),
    scripted(nn.Identity()),
    lambda *_: None,
    lambda *args: args[0],
    print,
    object(),
)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_no_check_raises_whatever_it_is_given(exercise: Exercise):
    states = {check(exercise.id, junk).state for junk in JUNK}
    assert states <= {State.WRONG, State.FAILED}


def test_every_misconception_is_met_and_each_id_is_used_once():
    known = {one for one in vars(misconceptions).values() if isinstance(one, Misconception)}
    choices: list[Choice] = [choice for question in QUESTIONS for choice in question.choices]
    offered = {choice.misconception for choice in choices if choice.misconception}
    hinted = {slip.misconception for exercise in EXERCISES for slip in wrong(exercise)}
    assert offered | hinted == known
    ids = [one.id for one in (*QUESTIONS, *EXERCISES)]
    assert len(ids) == len(set(ids))
    assert all(one.id.startswith(lesson.number) for lesson in LESSONS for one in lesson.exercises)


def test_lessons_have_the_size_that_was_promised():
    for lesson in LESSONS:
        assert lesson.minutes <= 25
        assert 2 <= len(lesson.questions) <= 4
        assert 3 <= len(lesson.exercises) <= 4  # the last one is the transfer
