"""Of all nodes that a pass touched, those are named with which the numbers part."""

import pytest
import torch
from torch import nn

import tsviz
from tests.passes.test_blame import FAULTS, Graph, nodes, other_constant, replaced, small, wrong_op
from tsviz.errors import PassError
from tsviz.frontends import Program
from tsviz.passes import Blame, run_passes


def ops(blame: Blame, trace: tsviz.passes.PassTrace) -> list[str]:  # type: ignore[name-defined]
    assert blame.culprit is not None
    return [trace[blame.culprit].after.nodes[node].op for node in blame.nodes]


def busy(graph: Graph) -> None:
    """Rewrites much and changes nothing, but for one node."""
    replaced(graph, "aten::relu", "aten::clamp_min", 0)
    for node in nodes(graph, "aten::add"):
        one, other = node.inputsAt(0), node.inputsAt(1)
        node.replaceInput(0, other)
        node.replaceInput(1, one)
    wrong_op(graph)


def test_what_was_rewritten_and_agrees_is_not_named():
    trace = run_passes(small(), pipeline=["cse", busy])
    blame = trace.blame()
    assert ops(blame, trace) == ["aten::tanh"]
    (found,) = blame.divergences
    assert found.nodes == blame.nodes
    assert found.difference.beyond
    assert trace.first.producers[found.before].op == "aten::sigmoid"


def two_faults(graph: Graph) -> None:
    other_constant(graph)
    for node in nodes(graph, "aten::div"):
        with graph.insert_point_guard(node):
            node.replaceInput(1, graph.insertConstant(8.0))


def test_two_faults_side_by_side_are_both_named():
    trace = run_passes(small(), pipeline=[two_faults])
    blame = trace.blame()
    assert sorted(op for op in ops(blame, trace) if op != "prim::Constant") == [
        "aten::div",
        "aten::mul",
    ]
    assert len(blame.divergences) == 2


def test_a_fault_that_follows_another_is_not_named():
    def both(graph: Graph) -> None:
        wrong_op(graph)
        FAULTS_BY_NAME["other_dimension"](graph)

    trace = run_passes(small(), pipeline=[both])
    assert ops(trace.blame(), trace) == ["aten::tanh"]


FAULTS_BY_NAME = {fault.__name__: fault for fault in FAULTS}


# ── blocks, writes, random numbers, devices ─────────────────────────────────────────────────────


class Branches(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        y = x + 1
        if n > 2:
            y = torch.sigmoid(y)
        for _ in range(n):
            y = y * 2
        return y.abs()


def scripted(model: nn.Module, *inputs: object) -> Program:
    return tsviz.capture(model, inputs, via="script")


def test_a_fault_in_a_block():
    trace = run_passes(scripted(Branches(), torch.randn(3), 3), pipeline=[wrong_op])
    assert ops(trace.blame(), trace) == ["aten::tanh"]


class Writes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls.add_(1)
        y = torch.sigmoid(x)
        z = y * self.calls
        y.mul_(100)
        x.zero_()
        return z + y


def test_writes_into_inputs_and_buffers_are_undone_between_runs():
    model, x = Writes(), torch.randn(4)
    kept = x.clone()
    trace = run_passes(scripted(model, x), pipeline=["cse", wrong_op, "dce"])
    blame = trace.blame()
    assert blame.is_steady
    assert (blame.culprit, ops(blame, trace)) == (1, ["aten::tanh"])
    assert torch.equal(x, kept)
    assert float(model.calls) == 0
    # The value is compared as it was made, before it is written into.
    assert blame.divergences[0].difference.absolute <= 2


class Draws(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(torch.dropout(x, 0.5, True)) + torch.rand_like(x)


def test_random_numbers_are_drawn_from_one_seed_and_that_is_said():
    program = scripted(Draws(), torch.randn(8))
    state = torch.get_rng_state()
    clean = run_passes(program, pipeline=["cse", "dce"]).blame()
    assert (clean.culprit, clean.is_steady, clean.is_random) == (None, True, True)
    assert repr(clean).endswith("random numbers from seed 0>")
    trace = run_passes(program, pipeline=[wrong_op])
    blame = trace.blame()
    assert (ops(blame, trace), blame.is_random) == (["aten::tanh"], True)
    assert torch.equal(torch.get_rng_state(), state)
    assert not run_passes(small(), pipeline=["cse"]).blame().is_random


class OnCuda(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.to("cuda") + 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_cuda_model_on_a_cpu_machine_is_a_diagnostic():
    trace = run_passes(scripted(OnCuda(), torch.randn(2)), pipeline=["cse"])
    with pytest.raises(PassError, match="TSV-S06") as raised:
        trace.blame()
    found = raised.value.diagnostic
    assert "fails before any pass" in found.message
    assert any("CUDA" in note or "NVIDIA" in note for note in found.notes)
    assert "x.to(" in str(raised.value)
