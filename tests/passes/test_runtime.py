"""The executor's pipeline: what was recorded is what PyTorch did, and nothing was changed by it."""

import pytest

import tsviz
from tests.models import ZOO
from tests.passes.comparing import native_plan, normalised
from tsviz.frontends import Program
from tsviz.ir import iter_faults, read_graph
from tsviz.jit.recording import Runtime
from tsviz.passes import PassTrace, run_passes

NO_GRAD, GRAD = Runtime(grad=False), Runtime(grad=True)


def zoo_program(name: str) -> Program:
    return tsviz.capture(ZOO[name].build(), ZOO[name].inputs())


def record(name: str, mode: Runtime = NO_GRAD) -> PassTrace:
    return run_passes(zoo_program(name), pipeline=mode)


@pytest.mark.parametrize("name", sorted(ZOO))
def test_the_last_snapshot_is_the_plan_of_an_untagged_run(name: str):
    """Read from the log of a tagged run, and from a run that tsviz had no part in."""
    trace = record(name)
    assert normalised(trace.last) == normalised(
        read_graph(native_plan(ZOO[name].build(), ZOO[name].inputs)).graph
    )


@pytest.mark.parametrize("mode", [NO_GRAD, GRAD], ids=["no-grad", "grad"])
@pytest.mark.parametrize("name", sorted(ZOO))
def test_every_snapshot_is_a_sound_graph(name: str, mode: Runtime):
    trace = record(name, mode)
    for item in trace.changed:
        assert list(iter_faults(item.after, shared_tables=True)) == [], item


@pytest.mark.parametrize("mode", [NO_GRAD, GRAD], ids=["no-grad", "grad"])
@pytest.mark.parametrize("name", sorted(ZOO))
def test_a_copied_graph_has_the_same_nodes(name: str, mode: Runtime):
    """Before it optimises, the executor copies the profiled graph, without its counter of runs."""
    copies = [item for item in record(name, mode) if item.name == "RemoveProfileCounter"]
    assert copies
    for item in copies:
        (gone,) = item.diff.removed
        assert not item.before.nodes[gone].outputs
        assert (item.diff.added, item.diff.moved) == ((), ())


@pytest.mark.parametrize("name", sorted(ZOO))
def test_origins_explain_every_new_node(name: str):
    changed = [item for item in record(name).changed if item.before.nodes]
    for item in changed:  # what is called and not inlined comes from nothing before
        explained = {origin.node for origin in item.origins}
        assert set(item.diff.added) <= explained, item
        assert set(item.diff.removed) == set(item.fates), item


@pytest.mark.parametrize("name", sorted(ZOO))
def test_every_node_of_the_plan_has_a_line(name: str):
    trace = record(name)
    program = trace.program
    unlinked = [n for n in trace.last.nodes.values() if n.id not in trace.last.links]
    assert unlinked == []
    assert program.graph is trace.first


@pytest.mark.parametrize("grad", [False, True], ids=["no-grad", "grad"])
@pytest.mark.parametrize("executor", ["simple", "legacy"])
@pytest.mark.parametrize("name", ["feed-forward", "nested-branches", "many-rewrites"])
def test_other_executors_are_recorded_to_the_plan(name: str, executor: str, grad: bool):
    trace = record(name, Runtime(grad=grad, executor=executor))
    plan = trace.runs[-1].plan
    assert trace[plan].after is trace.last  # its text is what PyTorch says it has run last
    assert all(node in trace.last.links for node in trace.last.nodes)
    assert trace.runs[-1].steps == 0
    for item in trace.changed:
        assert list(iter_faults(item.after, shared_tables=True)) == [], item


def test_the_legacy_executor_differentiates_parts():
    trace = record("feed-forward", Runtime(grad=True, executor="legacy"))
    assert {item.name for item in trace} >= {"CreateAutodiffSubgraphs", "differentiate", "Fusion"}
    assert "LowerGradOf" in {item.name for item in trace if item.part}


@pytest.mark.parametrize("mode", [NO_GRAD, GRAD], ids=["no-grad", "grad"])
def test_runs_say_what_each_of_them_compiled(mode: Runtime):
    trace = record("feed-forward", mode)
    assert [run.number for run in trace.runs] == list(range(1, len(trace.runs) + 1))
    for run in trace.runs:
        assert run.steps == sum(item.run == run.number for item in trace)
    last = trace.runs[-1]
    assert (last.steps, last.parts) == (0, 0)  # nothing is compiled any more
    assert trace[last.plan].after is trace.last
    assert sum(run.parts for run in trace.runs) == len({item.part for item in trace}) - 1


def test_bail_outs_are_counted():
    """The requirement for gradients that was profiled does not hold in the first optimised run."""
    assert [run.bailouts for run in record("feed-forward", NO_GRAD).runs] == [0, 0, 0]
    with_gradients = record("feed-forward", GRAD).runs
    assert sum(run.bailouts for run in with_gradients) > 0
    assert with_gradients[-1].bailouts == 0
