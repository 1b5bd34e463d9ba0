"""Copies of compiled forms that were never run."""

from collections.abc import Callable

import pytest
import torch

from tests.models import ZOO
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.differences import difference
from tsviz.jit.running import outcome_of
from tsviz.jit.unused import last_plan, unused_copy


@pytest.mark.parametrize("name", ZOO)
def test_a_copy_gives_the_same(name: str):
    native, inputs = ZOO[name].build(), ZOO[name].inputs()
    original, args, _ = natives.copy_for_run(native, inputs, {})
    copied = unused_copy(native)
    given = args
    if not natives.is_script_module(native):
        given = tuple(graph_inputs(native, "", inputs, {}))
    given = natives.copy_for_run(None, given, {})[1]
    results = [_run(original, args), _run(copied, given)]
    (expected, raised), (found, raised_too) = results
    assert (raised is None) == (raised_too is None)
    if raised is None:
        assert not difference(expected, found, rtol=1e-6, atol=1e-7).beyond


def _run(call: Callable[..., object], args: tuple[object, ...]) -> object:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return outcome_of(lambda: call(*args))


def has_plan(native: torch.jit.ScriptModule) -> bool:
    """PyTorch refuses to tell the state of an executor that has made none."""
    _, error = outcome_of(native.get_debug_state)
    assert error is None or isinstance(error, RuntimeError)
    return error is None


@pytest.mark.parametrize("name", ["feed-forward", "hooks", "unet"])
def test_a_copy_has_no_plan(name: str):
    native, inputs = ZOO[name].build(), ZOO[name].inputs()
    for _ in range(3):
        native(*inputs)
    assert has_plan(native)
    copied = unused_copy(native)
    assert not has_plan(copied)
    for _ in range(3):
        copied(*inputs)
    assert has_plan(copied)
    assert last_plan().startswith("graph(")
