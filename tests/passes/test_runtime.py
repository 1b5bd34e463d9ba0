"""The executor's pipeline: what was recorded is what PyTorch did, and nothing was changed by it."""

import re

import pytest
import torch

import tsviz
from tests.models import ZOO
from tsviz.frontends import Program
from tsviz.ir import Graph, iter_faults, read_graph, render_graph
from tsviz.jit.recording import Runtime
from tsviz.passes import PassTrace, run_passes

NAME = re.compile(r"%[\w.]+")
NO_GRAD, GRAD = Runtime(grad=False), Runtime(grad=True)


def normalised(graph: Graph) -> str:
    """The text with values numbered in the order in which they appear."""
    plain = Graph(graph.name, graph.dialect, graph.block, graph.values, graph.types)
    names: dict[str, str] = {}
    text = render_graph(plain, comments=False)
    text = re.sub(r"___torch_mangle_\d+\.", "", text)
    return NAME.sub(lambda name: names.setdefault(name[0], f"%{len(names)}"), text)


def zoo_program(name: str) -> Program:
    return tsviz.capture(ZOO[name].build(), ZOO[name].inputs())


def native_plan(name: str) -> str:
    """What PyTorch runs after its warm-up, without anything of tsviz."""
    model = ZOO[name].build()
    is_module = isinstance(model, torch.jit.ScriptModule)
    entry = model._c._get_method("forward") if is_module else model
    entry._debug_flush_compilation_cache()  # models of one class share what was compiled
    with torch.no_grad():
        for _ in range(4):
            model(*ZOO[name].inputs())
    (plan,) = model.get_debug_state().execution_plans.values()
    return str(plan.graph)


def record(name: str, mode: Runtime = NO_GRAD) -> PassTrace:
    return run_passes(zoo_program(name), pipeline=mode)


@pytest.mark.parametrize("name", sorted(ZOO))
def test_the_last_snapshot_is_the_plan_of_an_untagged_run(name: str):
    """Read from the log of a tagged run, and from a run that tsviz had no part in."""
    trace = record(name)
    assert normalised(trace.last) == normalised(read_graph(native_plan(name)).graph)


@pytest.mark.parametrize("mode", [NO_GRAD, GRAD], ids=["no-grad", "grad"])
@pytest.mark.parametrize("name", sorted(ZOO))
def test_every_snapshot_is_a_sound_graph(name: str, mode: Runtime):
    trace = record(name, mode)
    for item in trace.changed:
        assert list(iter_faults(item.after, shared_tables=True)) == [], item


@pytest.mark.parametrize("name", sorted(ZOO))
def test_origins_explain_every_new_node(name: str):
    for item in record(name).changed:
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
