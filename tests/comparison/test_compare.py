"""`tsviz.compare`: what it finds of faults that plain PyTorch proves, and what it leaves alone."""

import copy
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import strategies
from torch import nn

from benchmarks.doctor import is_at, judge
from tests.comparison.losing import (
    AnyLarge,
    Catches,
    Checks,
    Counts,
    Far,
    Gate,
    Harmless,
    Holds,
    Moves,
    Two,
    Unsteady,
    outer_size,
)
from tests.models.faults import CLEAN, FAULTS
from tests.models.faults.variations import paired, renamed
from tsviz.comparison.comparing import Comparison, compare
from tsviz.comparison.findings import Loss, Status
from tsviz.comparison.proving import Prover
from tsviz.errors import CaptureError, UsageError

BY_NAME = {fault.name: fault for fault in FAULTS}
MISSED = {"dispatches-by-class"}
"""What a dictionary gives for a class has no place of its own: the line after it is named."""
SOME = [fault.name for fault in FAULTS[::6] if fault.name not in MISSED]
"""All of them, with all variations, are judged by `python -m benchmarks.doctor --variations`."""


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover() as made:
        yield made


@pytest.fixture
def traced(prover: Prover) -> Callable[..., Comparison]:
    """Compares a model with its trace."""

    def run(model: object, *args: object, **options: Any) -> Comparison:
        return compare(model, args, variants=("trace",), prover=prover, **options)

    return run


@pytest.mark.parametrize("name", SOME)
def test_a_fault_is_found_and_proven(name: str, traced: Callable[..., Comparison]):
    fault = BY_NAME[name]
    found = traced(fault.build(), *fault.inputs(), inputs=fault.domain)
    judged = judge(fault, "known", found)
    assert judged.is_found
    assert judged.is_proven or not judged.can_be_proven
    assert not judged.others


def test_names_make_no_difference(tmp_path: Path, traced: Callable[..., Comparison]):
    fault = renamed(BY_NAME["early-return"], tmp_path)
    found = traced(fault.build(), *fault.inputs(), inputs=fault.domain)
    assert any(is_at(finding, fault) for finding in found.proven)


def test_two_faults_are_told_apart(tmp_path: Path, traced: Callable[..., Comparison]):
    first, second = BY_NAME["early-return"], BY_NAME["numpy-flatten"]
    pair = paired(first, second, tmp_path)
    found = traced(pair.build(), *pair.inputs(), inputs=pair.domain)
    for fault in pair.faults:
        assert any(is_at(finding, fault) for finding in found.proven)


@pytest.mark.parametrize("model", CLEAN[::8], ids=lambda model: model.name)
def test_nothing_is_proven_of_a_clean_model(model: Any, prover: Prover):
    variants = ("trace", "script", "freeze")
    found = compare(
        model.build(), model.inputs(), variants=variants, inputs=model.domain, prover=prover
    )
    assert found.proven == ()
    assert found["trace"].tally.tried > found["trace"].tally.refused


# ── what a finding says ─────────────────────────────────────────────────────────────────────────


def test_a_branch(traced: Callable[..., Comparison]):
    (finding,) = traced(Gate(), torch.ones(2, 3)).findings
    assert finding.loss is Loss.BRANCH
    assert finding.sentence == (
        "`x.sum() > 0` was True for your input; the trace always takes that branch"
    )
    assert finding.consequence == "with other values, its result is off by 1"
    assert finding.counterexample is not None
    assert dict(finding.counterexample.candidate.texts) == {"x": "torch.full((2, 3), 0.0)"}
    assert finding.warnings[0].startswith("Converting a tensor to a Python boolean")


def test_state(traced: Callable[..., Comparison]):
    model = Counts()
    (finding,) = traced(model, torch.ones(2)).findings
    assert finding.loss is Loss.STATE
    assert "`calls`" in finding.sentence
    assert model.calls == 0


def test_what_python_refuses_is_no_proof(traced: Callable[..., Comparison]):
    (finding,) = traced(Checks(), torch.ones(3)).findings
    assert finding.loss is Loss.ASSERT
    assert finding.status is Status.POSSIBLE
    assert "Python refuses" in finding.reason


def test_what_changes_without_harm(traced: Callable[..., Comparison]):
    (finding,) = traced(Harmless(), torch.ones(3)).findings
    assert finding.status is Status.HARMLESS


def test_a_model_that_does_not_agree_with_itself_proves_nothing(traced: Callable[..., Comparison]):
    found = traced(Unsteady(), torch.ones(3))
    assert found.noise is None
    assert found.proven == ()
    assert found["trace"].tally.unsteady > 0


def test_a_call_that_raises_and_is_caught_is_not_traced(traced: Callable[..., Comparison]):
    """PyTorch's tracer crashes on it, and Python with it."""
    failure = traced(Catches(), torch.ones(5))["trace"].failure
    assert failure is not None
    assert failure.code == "TSV-C06"
    found = traced(Catches(), torch.ones(6), inputs={"x": {"dims": {0: (5, 7)}}})
    assert [finding.loss for finding in found.proven] == [Loss.TRY]


def test_a_function_and_arguments_by_name(prover: Prover):
    found = compare(outer_size, kwargs={"x": torch.ones(2, 3)}, variants=("trace",), prover=prover)
    assert [finding.place and finding.place.function for finding in found.proven] == ["outer_size"]


def test_another_method(traced: Callable[..., Comparison]):
    assert [
        one.place and one.place.function for one in traced(Two().encode, torch.ones(2, 3)).proven
    ] == ["encode"]


@pytest.mark.parametrize("model", [Far(), AnyLarge()], ids=["far", "any"])
def test_a_condition_that_nothing_random_meets(model: nn.Module, traced: Callable[..., Comparison]):
    (finding,) = traced(model, torch.ones(2, 3)).proven
    assert finding.loss is Loss.BRANCH


def test_a_large_input_lies_in_the_file(tmp_path: Path, traced: Callable[..., Comparison]):
    found = traced(Far(), torch.ones(20, 30))
    assert "given_args" in found.proven[0].snippet
    found.write(found.proven[0], tmp_path / "far.py")
    command = [sys.executable, str(tmp_path / "far.py")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1


def make(number: int) -> tuple[torch.Tensor]:
    return (torch.full((2, 3), 0.5 - number),)


@pytest.mark.parametrize(
    "inputs", [make, strategies.integers(-3, 3).map(make)], ids=["own", "drawn"]
)
def test_inputs_of_a_generator(inputs: Any, traced: Callable[..., Comparison]):
    found = traced(Gate(), torch.ones(2, 3), inputs=inputs, tries=20)
    assert str(found.domain) == "what your generator makes"
    (finding,) = found.proven
    assert finding.consequence.startswith("with input ")


def test_a_generator_of_something_else(traced: Callable[..., Comparison]):
    with pytest.raises(UsageError) as refused:
        traced(Gate(), torch.ones(2, 3), inputs=lambda number: torch.ones(2, 3))
    assert str(refused.value) == (
        "error[TSV-V19]: expected a generator of tuples of arguments, got a value of type Tensor\n"
        "  help: return (x,) instead of x"
    )


# ── what is refused ─────────────────────────────────────────────────────────────────────────────


def test_compiled_code_is_no_python():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.jit.script(Harmless())
    with pytest.raises(UsageError) as refused:
        compare(compiled, (torch.ones(3),))
    assert refused.value.diagnostic.code == "TSV-V11"


def test_an_example_that_python_refuses():
    with pytest.raises(CaptureError) as refused:
        compare(Checks(), (torch.full((3,), 9.0),))
    assert refused.value.diagnostic.code == "TSV-V15"


def test_an_unknown_variant():
    with pytest.raises(UsageError) as refused:
        compare(Gate(), (torch.ones(3),), variants=("onnx",))
    assert refused.value.diagnostic.code == "TSV-V14"


# ── scripts ─────────────────────────────────────────────────────────────────────────────────────


def test_a_written_script_shows_it(tmp_path: Path, traced: Callable[..., Comparison]):
    found = traced(Gate(), torch.ones(2, 3))
    said = found.write(found.proven[0], tmp_path / "fault.py")
    assert said.endswith("fault.model holds the model")
    command = [sys.executable, str(tmp_path / "fault.py")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 1
    assert "Tensor-likes are not close" in ran.stderr


def test_what_cannot_be_stored_is_possible(traced: Callable[..., Comparison]):
    (finding,) = traced(Holds(), torch.ones(2)).findings
    assert finding.status is Status.POSSIBLE
    assert finding.reason.startswith("the model cannot be stored for a process of its own")


# ── what is left as it was ──────────────────────────────────────────────────────────────────────


def test_the_user_s_world_is_as_before(traced: Callable[..., Comparison]):
    model, x = Moves(), torch.ones(4, 3)
    state, given = copy.deepcopy(model.state_dict()), x.clone()
    draws = torch.get_rng_state(), random.getstate(), str(numpy.random.get_state())
    filters, tracer, grad = list(warnings.filters), sys.gettrace(), torch.is_grad_enabled()
    traced(model, x)
    assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
    assert model.training
    assert model.seen == []
    assert torch.equal(x, given)
    assert torch.equal(torch.get_rng_state(), draws[0])
    assert (random.getstate(), str(numpy.random.get_state())) == draws[1:]
    assert (warnings.filters, sys.gettrace(), torch.is_grad_enabled()) == (filters, tracer, grad)


def test_what_was_found_before_an_interrupt_is_kept(traced: Callable[..., Comparison]):
    def stop(done: int, total: int) -> None:
        if done == 30:
            raise KeyboardInterrupt

    found = traced(Gate(), torch.ones(2, 3), progress=stop)
    assert found["trace"].tally.is_stopped
    assert found["trace"].tally.tried == 30
    assert len(found.proven) == 1


def test_no_more_inputs_than_asked_for(traced: Callable[..., Comparison]):
    assert traced(Gate(), torch.ones(2, 3), tries=7)["trace"].tally.tried == 7


def test_few_tries_reach_a_condition_too(traced: Callable[..., Comparison]):
    assert len(traced(AnyLarge(), torch.ones(2, 3), tries=10).proven) == 1
