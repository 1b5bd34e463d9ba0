"""Predictions and checks: what they take, what they say, and what they leave alone."""

import random
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.course.answers_01 import Counter
from tsviz.course import Card, State, check, get_lesson, predict, reveal
from tsviz.course.lesson_02 import Gate, Halve
from tsviz.course.misconceptions import KEEPS_IF
from tsviz.course.trying import scripted, shown
from tsviz.errors import UsageError


class Unwritten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("02.2")


class Failing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return self.absent(x)


class FailingGraph(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        assert x.dim() == 7, "seven, please"
        return x


def html(card: Card) -> str:
    return card._repr_mimebundle_()["text/html"]


# ── predictions ─────────────────────────────────────────────────────────────────────────────────


def test_a_question_is_asked_without_an_answer():
    card = predict("02.d", ...)
    assert str(card) == (
        "02.d: not answered yet\n"
        "  `Halve` halves until nothing is above 1. It is traced with 8, which takes three rounds. "
        "What does\n"
        "  the trace give for 64?\n"
        "  a) 1: it halves six times\n"
        "  b) 8: it halves three times\n"
        "  c) an error: too many rounds"
    )


def test_the_answer_comes_after_the_prediction():
    predict("02.a")
    assert reveal("02.a").state is State.UNANSWERED
    assert 'give `predict("02.a", …)` a letter' in str(reveal("02.a"))
    noted = predict("02.a", " A ")
    assert noted.state is State.PREDICTED
    assert str(noted).endswith("You say a. Go on, and see what happens.")
    assert KEEPS_IF.name not in str(noted)
    assert reveal("02.a").state is State.WRONG
    assert predict("02.a", "b").state is State.PREDICTED
    assert reveal("02.a").state is State.RIGHT


def test_asking_again_takes_a_prediction_back():
    predict("02.b", "c")
    predict("02.b", ...)
    assert reveal("02.b").state is State.UNANSWERED


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: predict("02.z", "a"), "no question `02.z`, there are 02.a, 02.b, 02.c, 02.d"),
        (
            lambda: reveal("99.a"),
            "no question `99.a`, there are lessons 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11",
        ),
        (lambda: check("02.9", 1), "no exercise `02.9`, there are 02.1, 02.2, 02.3, 02.4"),
    ],
    ids=["question", "lesson", "exercise"],
)
def test_an_unknown_id_names_the_known_ones(ask: Callable[[], object], message: str):
    with pytest.raises(UsageError) as raised:
        ask()
    assert str(raised.value) == f"error[TSV-E01]: there is {message}"


@pytest.mark.parametrize("answer", ["e", "ab", "", 3])
def test_an_unknown_choice_names_the_known_ones(answer: Any):
    with pytest.raises(UsageError) as raised:
        predict("02.a", answer)
    assert str(raised.value) == (
        f"error[TSV-E02]: expected one of a, b, c for `02.a`, got {answer!r}"
    )


def test_an_unknown_lesson_names_the_known_ones():
    with pytest.raises(KeyError, match="there are 01, 02, 03, 04, 05, 06, 07, 08, 09, 10, 11"):
        get_lesson("12")


# ── checks ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("answer", [Unwritten(), scripted(Unwritten())], ids=["Python", "compiled"])
def test_code_that_is_not_written_yet_is_no_answer(answer: object):
    identity = "02.3" if isinstance(answer, torch.jit.ScriptModule) else "02.2"
    assert check(identity, answer).state is State.UNANSWERED


def test_an_error_of_the_learners_code_is_an_outcome_with_its_line():
    card = check("02.2", Failing())
    line = Failing.forward.__code__.co_firstlineno + 1
    assert card.state is State.FAILED
    assert card.excerpt.split("\n") == [
        "error[TSV-E03]: your answer failed when it was run: 'Failing' object has no attribute "
        "'absent'",
        f"  --> {__file__}:{line}:16",
        f"  {line} |         return self.absent(x)",
        "     |                ^^^^^^^^^^^",
    ]


def test_an_error_of_tsviz_is_shown_as_it_is():
    def returns_a_set(x):
        return {int(x.numel())}

    card = check("06.2", returns_a_set)
    assert card.state is State.FAILED
    assert card.excerpt.startswith("error[TSV-C")


def test_a_graph_that_fails_is_wrong():
    card = check("02.3", scripted(FailingGraph()))
    assert card.state is State.WRONG
    assert "for `[0.5, 0.167]` yours fails: " in str(card)


def test_an_interrupt_goes_through():
    class Interrupted(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("02.2", Interrupted())


def test_an_answer_of_another_kind_says_what_it_is():
    assert "this is Python, of type `Halve`" in str(check("02.3", Halve()))
    assert "expected a tensor, got `'big'`" in str(check("02.1", "big"))
    assert "this is compiled already" in str(check("02.2", scripted(Gate())))


def test_the_learners_model_and_random_numbers_are_left_alone():
    model = Counter()
    random.seed(3)
    torch.manual_seed(3)
    filters = list(warnings.filters)
    before = random.getstate(), torch.get_rng_state()
    assert check("01.2", model).state is State.RIGHT
    assert check("02.2", Failing()).state is State.FAILED
    predict("01.b", "a")
    assert reveal("01.b").state is State.WRONG
    assert float(model.calls) == 0
    assert random.getstate() == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    assert warnings.filters == filters
    assert torch.is_grad_enabled()


# ── cards ───────────────────────────────────────────────────────────────────────────────────────


def test_a_card_in_a_notebook_says_all_that_its_text_says():
    predict("02.a", "a")
    card = reveal("02.a")
    assert card._repr_mimebundle_()["text/plain"] == str(card) == repr(card)
    assert "<strong>02.a: not right yet</strong>" in html(card)
    assert "Often behind this: “a trace keeps my <code>if</code>”" in html(card)
    assert "It is b) <code>x * 2</code>, as the model does for the example" in html(card)


def test_a_card_takes_the_colours_of_the_page():
    card = html(check("02.2", Failing()))
    assert "color: inherit" in card
    assert "background" not in card


def test_what_a_learner_wrote_is_no_markup():
    card = html(check("02.1", "<img src=x onerror=alert(1)>"))
    assert "<img" not in card
    assert "&lt;img src=x" in card


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([1.23456, 2.0]), "`[1.235, 2.0]`"),
        (torch.tensor(3), "`3`"),
        (torch.ones(2, 5), "a tensor of shape (2, 5) that begins with `[1.0, 1.0]`"),
        ((torch.ones(1), None), "`[1.0]`, `None`"),
        ({"base": torch.ones(1)}, "a dict of 'base'"),
    ],
)
def test_values_are_short(value: object, text: str):
    assert shown(value) == text
