"""Pipelines of the user's own: names from the catalogue, callables, and what goes wrong in them."""

import linecache

import pytest
import torch
from torch import nn

import tsviz
from tests.models import ZOO
from tests.passes.comparing import normalised
from tsviz.errors import UsageError
from tsviz.frontends import Program
from tsviz.ir import read_graph
from tsviz.jit.natives import inlined_graph
from tsviz.location import How, iter_frames
from tsviz.passes import Action, Cause, catalog, run_passes

NEEDS_FROZEN = ("optimize_frozen_graph",)
SAFE = [known for known in catalog.values() if known.safe and known.name not in NEEDS_FROZEN]


def switched(x: torch.Tensor) -> torch.Tensor:
    return torch.sigmoid(x) * 2.0


def forked(x: torch.Tensor) -> torch.Tensor:
    return torch.jit.wait(torch.jit.fork(switched, x)) + 1


class Doubled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        a = torch.sigmoid(x + 1)
        b = torch.sigmoid(x + 1)
        return a * b


def doubled() -> Program:
    return tsviz.capture(Doubled(), (torch.ones(2),), via="script")


def op_ids(program: Program, op: str) -> list[int]:
    return [node.id for node in program.graph.nodes.values() if node.op == op]


def test_cse_says_which_node_does_for_both():
    program = doubled()
    trace = run_passes(program, pipeline=["cse", "dce"])
    one, other = op_ids(program, "aten::sigmoid")
    fate = trace[0].fates[other]
    assert (fate.cause, fate.successors) == (Cause.COMMON, (one,))
    assert trace[1].is_changed is False
    assert one in trace.last.nodes
    assert trace.lineage(other).ends == (one,)


def test_the_graph_after_each_pass_is_the_one_pytorch_has():
    """The same passes by hand, on a graph without tags."""
    program = doubled()
    graph = inlined_graph(program.native, program.method)
    trace = run_passes(program, pipeline=["cse", "constant_pooling", "peephole"])
    for record, run in zip(
        trace,
        (
            torch._C._jit_pass_cse,
            torch._C._jit_pass_constant_pooling,
            lambda g: torch._C._jit_pass_peephole(g, False),
        ),
        strict=True,
    ):
        run(graph)
        assert normalised(record.after) == normalised(read_graph(str(graph)).graph)


@pytest.mark.parametrize("name", sorted(ZOO))
def test_safe_passes_leave_sound_graphs(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    before = str(inlined_graph(program.native, program.method))
    for known in SAFE:
        trace = run_passes(program, pipeline=[known.name])
        assert trace.diagnostics == (), known.name
    assert str(inlined_graph(program.native, program.method)) == before


def test_a_callable_is_a_pass():
    def swap_sigmoid(graph: torch._C.Graph) -> None:
        """Tanh for sigmoid."""
        for node in list(graph.findAllNodes("aten::sigmoid")):
            with graph.insert_point_guard(node):
                made = graph.insertNode(graph.create("aten::tanh", list(node.inputs()), 1))
            made.copyMetadata(node)
            node.output().replaceAllUsesWith(made.output())
            node.destroy()

    program = doubled()
    trace = run_passes(program, pipeline=[swap_sigmoid])
    assert trace[0].name == "swap_sigmoid"
    first = op_ids(program, "aten::sigmoid")[0]
    fate = trace[0].fates[first]
    assert fate.cause is Cause.REPLACED
    assert [trace.last.nodes[node].op for node in fate.successors] == ["aten::tanh"]
    line = trace.last.links[fate.successors[0]]
    assert line == program.graph.link(program.graph.nodes[first])


def test_a_pass_that_breaks_the_graph_is_named_and_the_record_stops():
    def cut(graph: torch._C.Graph) -> None:
        for block_output in list(graph.outputs())[:1]:
            first = next(iter(graph.findAllNodes("aten::sigmoid")))
            first.moveAfter(block_output.node())

    trace = run_passes(doubled(), pipeline=["cse", cut, "dce"])
    assert [record.name for record in trace] == ["cse", "cut"]
    assert trace[1].failure
    assert [finding.code for finding in trace.diagnostics] == ["TSV-S03"]
    assert "the pass `cut` failed" in trace.diagnostics[0].message
    assert not trace[0].failure


def test_a_pass_that_raises_is_named():
    def broken(_: torch._C.Graph) -> None:
        raise ZeroDivisionError("no words")

    trace = run_passes(doubled(), pipeline=[broken])
    assert trace[0].failure == "ZeroDivisionError: no words"
    assert trace.last is trace.first


@pytest.mark.parametrize(
    ("pipeline", "code", "help"),
    [
        ("cse", "TSV-S10", "for one pass, write pipeline=['cse']"),
        (["csee"], "TSV-S12", "did you mean 'cse'?"),
        ([3], "TSV-S12", ""),
    ],
)
def test_wrong_pipelines(pipeline, code: str, help: str):
    with pytest.raises(UsageError) as raised:
        run_passes(doubled(), pipeline=pipeline)
    assert raised.value.diagnostic.code == code
    assert raised.value.diagnostic.help == help


def test_what_needs_inputs_says_so():
    program = tsviz.capture(Doubled(), via="script")
    for pipeline, code in (("runtime", "TSV-S11"), (["complete_shape_analysis"], "TSV-S13")):
        with pytest.raises(UsageError) as raised:
            run_passes(program, pipeline=pipeline)
        assert raised.value.diagnostic.code == code


def test_the_catalogue_prints_as_a_table():
    text = repr(catalog)
    assert "cse" in text
    assert "[not safe, changes what is computed]" in text
    frame = catalog.to_dataframe()
    assert len(frame) == len(catalog)
    assert list(frame.columns) == ["pass", "summary", "safe", "needs inputs", "changes semantics"]


def test_what_comes_out_of_a_call_says_so_and_has_its_own_line():
    program = tsviz.capture(forked, (torch.ones(2),), via="script")
    record = run_passes(program, pipeline=["inline_fork_wait", "inline"])[-1]
    made = {record.after.nodes[origin.node].op: origin for origin in record.origins}
    assert set(made) >= {"aten::sigmoid", "aten::mul"}
    assert {origin.action for origin in made.values()} == {Action.INLINED}
    for op in ("aten::sigmoid", "aten::mul"):
        link = record.after.link(record.after.nodes[made[op].node])
        (place, *_) = iter_frames(link.location)
        assert link.how is How.EXACT
        assert linecache.getline(place.file, place.line).strip() == "return torch.sigmoid(x) * 2.0"
