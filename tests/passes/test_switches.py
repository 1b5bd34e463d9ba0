"""Recordings under other switches of the executor: the plan is the one PyTorch makes under them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

import tsviz
from tests.models import ZOO
from tests.passes.comparing import native_plan, unordered
from tsviz.ir import read_graph
from tsviz.jit.recording import Runtime
from tsviz.passes import PassTrace

SWITCHED = {
    "fusing on the CPU": Runtime(grad=False, fuse_on_cpu=True),
    "not fusing": Runtime(grad=False, fuse_on_cpu=False),
    "one run observed": Runtime(grad=False, profiled_runs=1),
    "three runs observed": Runtime(grad=False, profiled_runs=3),
    "specialised once": Runtime(grad=False, depth=1),
    "never specialised": Runtime(grad=False, depth=0),
    "all at once": Runtime(grad=False, fuse_on_cpu=True, profiled_runs=2, depth=2),
}
C: Any = torch._C
SOME = sorted(ZOO)[::5]
"""All of them are compared by `benchmarks.coverage --passes`, under the switches as they are."""


@contextmanager
def switched(mode: Runtime) -> Iterator[None]:
    """The switches, set by hand."""
    undo: list[Callable[[], object]] = []
    if mode.fuse_on_cpu is not None:
        could, needed = C._jit_can_fuse_on_cpu(), C._jit_get_te_must_use_llvm_cpu()
        undo.append(lambda: C._jit_override_can_fuse_on_cpu(could))
        undo.append(lambda: C._jit_set_te_must_use_llvm_cpu(needed))
        C._jit_override_can_fuse_on_cpu(mode.fuse_on_cpu)
        C._jit_set_te_must_use_llvm_cpu(False)
    if mode.profiled_runs is not None:
        runs = C._jit_get_num_profiled_runs()
        undo.append(lambda: C._jit_set_num_profiled_runs(runs))
        C._jit_set_num_profiled_runs(mode.profiled_runs)
    if mode.depth is not None:
        strategy = C._jit_set_fusion_strategy([("STATIC", mode.depth)])
        undo.append(lambda: C._jit_set_fusion_strategy(strategy))
    try:
        yield
    finally:
        for back in undo:
            back()


def record(name: str, mode: Runtime) -> tuple[PassTrace, str]:
    """The trace, and the plan that PyTorch makes by itself."""
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    trace = tsviz.run_passes(program, pipeline=mode)
    inputs = program.inputs
    assert inputs is not None
    with switched(mode):
        return trace, native_plan(program.native, lambda: inputs.args)


@pytest.mark.parametrize("mode", SWITCHED.values(), ids=list(SWITCHED))
@pytest.mark.parametrize("name", SOME)
def test_the_plan_is_pytorch_s(name: str, mode: Runtime):
    """But for the order of constants: PyTorch propagates them in the order of their addresses."""
    trace, plan = record(name, mode)
    assert unordered(trace.last) == unordered(read_graph(plan).graph)


def test_fusing_gives_groups():
    assert any(map(has_groups, SOME))


def has_groups(name: str) -> bool:
    trace, _ = record(name, SWITCHED["fusing on the CPU"])
    return any(node.op == "prim::TensorExprGroup" for node in trace.last.iter_nodes())


@pytest.mark.parametrize(("mode", "runs"), [("one run observed", 1), ("three runs observed", 3)])
def test_the_plan_comes_when_enough_was_observed(mode: str, runs: int):
    trace, _ = record(SOME[0], SWITCHED[mode])
    compiled = [run.number for run in trace.runs if run.steps]
    assert compiled == [1, runs + 1]
