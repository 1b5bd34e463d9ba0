"""How far the doctor says it is, and what is left of it after Ctrl-C."""

import signal
from collections.abc import Callable

import pytest
import torch
from torch import nn

from tests.diagnosis import twelve
from tsviz.diagnosis import Trial, Way, doctor

INPUTS = (torch.arange(8.0).reshape(2, 4), 1)
NOT_ALL = (
    "interrupted, so this is not all: what PyTorch does not say anything to below was found by the "
    "rules alone, and there may be more"
)


class Scripts(nn.Module):
    def forward(self, x):
        return x * 2


def stopping_at(doing: str, seen: int = 1) -> Callable[[int, int, str], None]:
    """Presses Ctrl-C when a step begins for the `seen`th time."""
    times = 0

    def tell(_done: int, _of: int, now: str) -> None:
        nonlocal times
        times += now.startswith(doing)
        if times == seen and now.startswith(doing):
            signal.raise_signal(signal.SIGINT)

    return tell


def test_steps():
    told: list[tuple[int, int, str]] = []
    found = doctor(twelve.Twelve(), INPUTS, progress=lambda *step: told.append(step))
    words = list(dict.fromkeys(doing.partition(":")[0] for _, _, doing in told))
    assert words == [
        "compiling it as it is",
        "running it in Python",
        "clearing away",
        "putting back one by one",
        "trying all edits together",
        "looking for the way to take",
        "looking for what needs no edit",
        "asking for types",
    ]
    counted = [(done, of) for done, of, _ in told if of]
    assert counted == [(at, len(counted)) for at in range(len(counted))]
    assert len(counted) >= len(found.obstacles)


def test_what_progress_raises_stops():
    def stop(*_: object) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        doctor(Scripts(), INPUTS[:1], progress=stop)


# ── interrupts ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("interruptible")
def test_before_anything_is_known():
    with pytest.raises(KeyboardInterrupt):
        doctor(twelve.Twelve(), INPUTS, progress=stopping_at("compiling"))


@pytest.mark.usefixtures("interruptible")
def test_while_the_compiler_is_led_on():
    found = doctor(twelve.Twelve(), INPUTS, progress=stopping_at("clearing"))
    assert (found.is_interrupted, found.verdict.way) == (True, Way.UNKNOWN)
    assert len(found.obstacles) > 5
    assert {edit.trial for edit in found.edits} == {Trial.NONE}
    assert found.doubts == (NOT_ALL,)
    head, *rest = str(found).split("\n")
    assert head == "Twelve: does not script as it is; interrupted before more was tried"
    assert rest[0].startswith("  · torch.jit.script refuses it: ")
    assert any(line.startswith("  · interrupted, so this is not all: ") for line in rest)


@pytest.mark.usefixtures("interruptible")
def test_while_it_puts_back():
    found = doctor(twelve.Twelve(), INPUTS, progress=stopping_at("putting", 4))
    whole = doctor(twelve.Twelve(), INPUTS)
    proofs = [one.proof for one in found.obstacles if one.proof]
    assert found.is_interrupted
    assert len(proofs) == 3
    assert set(proofs) <= {one.proof for one in whole.obstacles}
    assert "note: not put to PyTorch alone" in str(found)


@pytest.mark.usefixtures("interruptible")
def test_when_only_what_needs_no_edit_is_missing():
    found = doctor(twelve.Twelve(), INPUTS, progress=stopping_at("looking for what"))
    assert (found.is_interrupted, found.verdict.way) == (True, Way.SCRIPT)
    assert {edit.trial for edit in found.edits} == {Trial.EQUAL}
    assert found.doubts == (
        "interrupted: every obstacle is named, but not all was tried with them",
    )


@pytest.mark.usefixtures("interruptible")
def test_of_a_model_that_scripts():
    found = doctor(Scripts(), INPUTS[:1], progress=stopping_at("running"))
    assert (found.is_interrupted, found.verdict.way) == (True, Way.SCRIPT)
    assert found.verdict.reasons == ("torch.jit.script compiles a copy of it as it is",)
    assert found.doubts == ("interrupted before its result was held against that of Python",)
