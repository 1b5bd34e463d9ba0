"""What a lesson is made of, as data.

A question has an observation that runs PyTorch and says which choice is true, and an exercise has a
judge that runs the learner's answer: nothing that a learner is told rests on a stored key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Any


@dataclass(frozen=True, slots=True)
class Misconception:
    """A belief that leads to wrong models.

    Attributes:
        name: the belief, as one says it.
        truth: what is so instead; it is also the hint of an exercise.
    """

    name: str
    truth: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a question.

    Attributes:
        text: the answer.
        why: shown to those who chose it, once they have seen what happens.
        misconception: what stands behind it, `None` for the true one.
    """

    text: str
    why: str
    misconception: Misconception | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A prediction.

    Attributes:
        id: lesson and letter, `02.a`.
        text: what is asked.
        choices: in the order of their letters.
        observe: runs PyTorch and returns the letter of what it does.
    """

    id: str
    text: str
    choices: tuple[Choice, ...]
    observe: Callable[[], str]

    @property
    def letters(self) -> str:
        """The letters that can be chosen."""
        return ascii_lowercase[: len(self.choices)]

    def choice(self, letter: str) -> Choice:
        """The choice with a letter of `letters`."""
        return self.choices[self.letters.index(letter)]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with an answer.

    Attributes:
        seen: on which input it failed, and how.
        misconception: what usually leads there, `None` where it is a plain mistake.
    """

    seen: str
    misconception: Misconception | None = None


Judge = Callable[[Any], Iterator[Wrong]]
"""Yields what is wrong with an answer; only the first is asked for, and nothing means right."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A task with a check.

    Attributes:
        id: lesson and number, `02.1`.
        task: what to give to the check, in a sentence.
        judge: runs the answer on inputs that the learner has not seen.
        done: what a right answer has shown.
    """

    id: str
    task: str
    judge: Judge
    done: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """The questions and exercises of one notebook.

    Attributes:
        number: that of the notebook, `02`.
        title: what it is about.
        goal: what a learner can do afterwards.
        minutes: how long it takes at most.
    """

    number: str
    title: str
    goal: str
    minutes: int
    questions: tuple[Question, ...]
    exercises: tuple[Exercise, ...]
