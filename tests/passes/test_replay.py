"""Recorded passes are PyTorch's own: done again with its bindings, they give what was recorded."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

import tsviz
from tests.passes.replaying import BOUND, is_bound, iter_replayed
from tests.passes.untagged import (
    compare_frozen,
    compare_gradient_plans,
    compare_results,
    wanting_gradients,
)
from tsviz.examples import get
from tsviz.frontends import Program
from tsviz.jit.recording import Runtime
from tsviz.passes import run_passes


def looped(x: Tensor, n: int) -> Tensor:
    for _ in range(n):
        x = torch.tanh(x) + x * 2
    return x.relu()


def branched(x: Tensor, y: Tensor) -> list[Tensor]:
    """Backward gets no gradient for one of the results, where the branch is not taken."""
    found: list[Tensor] = []
    if bool(x.sum() > 0):
        found.append((x * y).sigmoid())
    found.append(torch.mm(x, y.t()) + 1)
    return found


def with_constants(x: Tensor) -> tuple[Tensor, list[int]]:
    sizes: list[int] = []
    for size in [2, 3]:
        sizes.append(size * 2)
    return torch.dropout(x.view(-1), 0.0, False) + torch.ones(1), sizes


def _example(name: str) -> Callable[[], Program]:
    def build() -> Program:
        example = get(name)
        return tsviz.capture(example.build(), example.inputs(), via="script")

    return build


def _function(function: Any, *args: Any) -> Callable[[], Program]:
    return lambda: tsviz.capture(function, args, via="script")


PROGRAMS = {
    "resnet-tiny": _example("resnet-tiny"),
    "bert-tiny": _example("bert-tiny"),
    "looped": _function(looped, torch.ones(2), 3),
    "branched": _function(branched, torch.ones(2, 3), torch.ones(2, 3)),
    "with_constants": _function(with_constants, torch.ones(2, 3)),
}
MODELS = ("resnet-tiny", "bert-tiny")
NAMED_ONLY = (
    "`prim::Constant` cannot be made again from the text of the graph: it is known by its name only"
)
"""Functions of autodiff's own, which are printed by their names and bound nowhere."""


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_bound_step_without_gradients(name: str):
    trace = run_passes(PROGRAMS[name](), pipeline=Runtime(grad=False))
    steps = list(iter_replayed(trace))
    assert [step for step in steps if not step.is_equal] == []
    assert len(steps) == sum(map(is_bound, trace)) >= 28


@pytest.mark.parametrize("name", ["bert-tiny", "looped", "branched", "with_constants"])
def test_every_bound_step_with_gradients(name: str):
    program = PROGRAMS[name]()
    args = wanting_gradients(program.inputs.args)
    steps = list(iter_replayed(run_passes(program, args, pipeline=Runtime(grad=True))))
    assert {step.reason for step in steps if not step.is_equal} <= {NAMED_ONLY}
    emitted = sum(step.is_emitted for step in steps)
    assert emitted == sum(step.is_equal for step in steps)
    assert emitted > 0.97 * len(steps)


@pytest.mark.parametrize("name", MODELS)
def test_every_bound_step_of_freezing_and_optimising(name: str):
    trace = run_passes(PROGRAMS[name](), pipeline="optimize")
    steps = list(iter_replayed(trace))
    assert [step for step in steps if not step.is_equal] == []
    assert {"FrozenConcatLinear + FoldFrozenConvAndLinear", "FrozenLinearTranspose"} <= {
        step.name for step in steps
    }


def test_a_pass_that_did_something_else_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(BOUND, "UnrollLoops", lambda graph: None)
    trace = run_passes(PROGRAMS["looped"](), pipeline=Runtime(grad=False))
    (step,) = (step for step in iter_replayed(trace) if not step.is_equal)
    assert step.name == "UnrollLoops"
    assert step.reason.startswith("recorded ")


@pytest.mark.parametrize("name", MODELS)
def test_freezing_ends_in_the_text_that_pytorch_freezes(name: str):
    program = PROGRAMS[name]()
    found = run_passes(program, pipeline="freeze").last
    assert compare_frozen(found, lambda: torch.jit.freeze(program.native)) == "equal"


@pytest.mark.parametrize("name", MODELS)
def test_optimising_ends_in_the_text_that_pytorch_optimises(name: str):
    program = PROGRAMS[name]()
    found = run_passes(program, pipeline="optimize").last

    def optimize() -> torch.jit.ScriptModule:
        return torch.jit.optimize_for_inference(torch.jit.freeze(program.native))

    assert compare_frozen(found, optimize) == "equal"


@pytest.mark.parametrize("name", PROGRAMS)
def test_tags_change_no_plan_and_no_bit_with_gradients(name: str):
    program = PROGRAMS[name]()
    args = wanting_gradients(program.inputs.args)
    trace = run_passes(program, args, pipeline=Runtime(grad=True))
    assert compare_gradient_plans(trace, args).startswith("equal")
    assert compare_results(program, args) == "equal"
    with torch.no_grad():
        assert compare_results(program, args) == "equal"


def test_a_recording_leaves_no_gradients_in_the_model():
    example = get("bert-tiny")
    model = example.build()
    program = tsviz.capture(model, example.inputs(), via="script")
    run_passes(program, pipeline=Runtime(grad=True))
    assert all(parameter.grad is None for parameter in model.parameters())
