"""Where a node comes from, what became of it, and what that looks like in words."""

import re
from io import StringIO

import pytest
import torch
from rich.console import Console
from torch import nn

import tsviz
from tests.frontends import refused
from tsviz.errors import PassError, UsageError
from tsviz.frontends import Program
from tsviz.jit.recording import MOST_RUNS, Runtime
from tsviz.passes import Action, Cause, Fate, PassTrace, run_passes
from tsviz.passes_page import passes_page


class Looped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.turns = 3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.layer(x)
        for _ in range(self.turns):
            y = torch.tanh(y) + x * 2
        return y.relu()


def looped() -> Program:
    torch.manual_seed(0)
    return tsviz.capture(Looped().eval(), (torch.ones(2, 4),), via="script")


@pytest.fixture(scope="module")
def trace() -> PassTrace:
    return run_passes(looped(), pipeline=Runtime(grad=False))


def only(trace: PassTrace, op: str) -> int:
    (node,) = (node.id for node in trace.first.nodes.values() if node.op == op)
    return node


def source_of(trace: PassTrace, node: int) -> str:
    """The source text that a node of any snapshot leads to."""
    place = trace.model_line(node)
    assert place is not None
    return trace.program.sources[place.file].slice(place)


def test_unrolled_copies_lead_back_to_one_line(trace: PassTrace):
    tanh = only(trace, "aten::tanh")
    lineage = trace.lineage(tanh)
    ends = [trace.last.nodes[node] for node in lineage.ends]
    assert [node.op for node in ends] == ["aten::tanh"] * 9  # eight unrolled, and what is left over
    assert {source_of(trace, node.id) for node in ends} == {"torch.tanh"}
    for node in ends:
        assert trace.lineage(node).roots == (tanh,)


def test_copies_of_what_does_not_change_are_one_again(trace: PassTrace):
    """`x * 2` is the same in every turn: of eight unrolled copies the fuser's CSE leaves one."""
    mul = only(trace, "aten::mul")
    fates = [event.what for event in trace.lineage(mul).events if isinstance(event.what, Fate)]
    assert [fate.cause for fate in fates] == [Cause.COMMON] * 7
    ops = [trace.last.nodes[node].op for node in trace.lineage(mul).ends]
    assert ops == ["aten::mul"] * 2


def test_copies_are_exact_and_helpers_inferred(trace: PassTrace):
    (unrolling,) = (record for record in trace if record.name == "UnrollLoops")
    by_op: dict[str, set[tuple[Action, str]]] = {}
    for origin in unrolling.origins:
        if origin.action is not Action.MOVED:
            op = unrolling.after.nodes[origin.node].op
            by_op.setdefault(op, set()).add((origin.action, str(origin.how)))
    assert by_op["aten::tanh"] == {(Action.CREATED, "exact")}
    assert by_op["aten::__round_to_zero_floordiv"] == {(Action.CREATED, "inferred")}


def test_every_step_back_is_explained(trace: PassTrace):
    for node in trace.last.nodes:
        assert trace.lineage(node).roots, trace.last.nodes[node]


def test_profile_nodes_come_and_go(trace: PassTrace):
    made = {record.name for record in trace.changed if _count(record.after) > _count(record.before)}
    gone = {record.name for record in trace.changed if _count(record.after) < _count(record.before)}
    assert made == {"InsertProfileNodes", "UnrollLoops"}
    assert gone == {"RemoveProfileCounter", "RemoveProfileNodesAndSpecializeTypes"}


def _count(graph) -> int:
    return sum(node.op == "prim::profile" for node in graph.nodes.values())


def test_steps_that_change_nothing_share_the_graph(trace: PassTrace):
    for record in trace:
        if not record.is_changed:
            assert record.after is record.before, record.name


def test_snapshots_share_the_nodes_that_stayed(trace: PassTrace):
    for record in trace.changed:
        changed = {change.node for change in record.diff.changed} | set(record.diff.moved)
        for identity, node in record.after.nodes.items():
            before = record.before.nodes.get(identity)
            if before is not None and identity not in changed and not node.blocks:
                assert node is before, record.name


def test_an_unknown_node_is_named(trace: PassTrace):
    with pytest.raises(UsageError) as raised:
        trace.lineage(-7)
    assert str(raised.value) == (
        "error[TSV-S16]: expected a node of this trace, got the id -7\n"
        "  help: take one from `trace.first.nodes` or from a record's graphs"
    )


# ── what is shown ───────────────────────────────────────────────────────────────────────────────


def page_of(trace: PassTrace) -> str:
    text = StringIO()
    Console(width=200, file=text).print(passes_page(trace))
    return text.getvalue()


def test_page(trace: PassTrace):
    page = page_of(trace)
    assert "Looped.forward · script · runtime pipeline" in page
    assert re.search(r"\n +run 2 · no gradients +\n", page)
    assert re.search(r"UnrollLoops .* `prim::profile` was made for `aten::\w+` at line", page)
    assert re.search(r"`aten::mul` at line \d+ is computed once .* \(7\s+times\)", page)


def test_table(trace: PassTrace):
    frame = trace.to_dataframe()
    assert len(frame) == len(trace)
    row = frame[frame["pass"] == "UnrollLoops"].iloc[0]
    assert (row["run"], row["stage"], row["nodes_before"] < row["nodes_after"]) == (
        2,
        "after profiling",
        True,
    )
    assert repr(trace).startswith("<PassTrace runtime of Looped.forward: ")


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────


class Picky(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.view(3, 5) + 1


def test_a_model_that_fails_says_where():
    program = tsviz.capture(Picky(), (torch.ones(4),), via="script")
    with pytest.raises(PassError) as raised:
        run_passes(program)
    text = str(raised.value)
    assert text.startswith("error[TSV-S01]: `Picky.forward` failed while it warmed up: ")
    assert "return x.view(3, 5) + 1" in text


def test_other_inputs_can_be_given():
    program = tsviz.capture(Picky(), (torch.ones(4),), via="script")
    assert run_passes(program, (torch.ones(15),)).changed


def test_a_plan_that_is_not_ready_is_said():
    trace = run_passes(looped(), pipeline=Runtime(grad=False, profiled_runs=MOST_RUNS))
    assert [finding.render() for finding in trace.diagnostics] == [
        "warning[TSV-S02]: `Looped.forward` was still being compiled after 12 runs\n"
        "  help: the last snapshot is what the last of them ran"
    ]


def test_more_runs_can_be_profiled():
    trace = run_passes(looped(), pipeline=Runtime(grad=False, profiled_runs=3))
    (unrolling,) = (record for record in trace if record.name == "UnrollLoops")
    assert unrolling.run == 4


class Growing(nn.Module):
    """Another shape in every run."""

    def __init__(self) -> None:
        super().__init__()
        self.turn = 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.turn += 1
        return x.expand(self.turn, 2).relu()


def test_the_users_module_does_not_change():
    model = Growing()
    program = tsviz.capture(model, (torch.ones(2),), via="script")
    run_passes(program)
    assert program.native.turn == 1
    assert model.turn == 1


@pytest.mark.parametrize("pipeline", ["freeze", "optimize"])
def test_what_cannot_be_frozen_is_said(pipeline: str):
    function = tsviz.capture(torch.jit.script(_double), (torch.ones(2),))
    training = tsviz.capture(Looped(), (torch.ones(2, 4),), via="script")
    frozen = tsviz.capture(Looped().eval(), (torch.ones(2, 4),), via="freeze")
    for program, code in ((function, "TSV-S14"), (training, "TSV-S15"), (frozen, "TSV-S14")):
        with pytest.raises(UsageError) as raised:
            run_passes(program, pipeline=pipeline)
        assert raised.value.diagnostic.code == code


def test_freezing_that_fails_says_why():
    program = tsviz.capture(refused.Swaps().eval(), (torch.ones(2),), via="script")
    with pytest.raises(PassError) as raised:
        run_passes(program, pipeline="freeze")
    start = "error[TSV-S04]: TorchScript cannot freeze `Swaps`: Freezing does not support SetAttr"
    assert str(raised.value).startswith(start)


def _double(x: torch.Tensor) -> torch.Tensor:
    return x * 2


def test_only_what_can_run_is_recorded():
    program = tsviz.parse("graph(%x : Tensor):\n  return (%x)\n")
    with pytest.raises(UsageError, match="TSV-U01"):
        run_passes(program)
