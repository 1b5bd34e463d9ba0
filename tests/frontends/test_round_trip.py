"""Every graph that PyTorch makes is whole, and comes back from its text and from a saved file."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

import tsviz
from tests.models import ZOO
from tests.views.made import example
from tsviz.examples import EXAMPLES
from tsviz.frontends import Program
from tsviz.frontends.saved import program_of_saved, saved_bytes
from tsviz.ir import Graph, iter_faults, read_graph, render_graph
from tsviz.jit.natives import inlined_graph
from tsviz.jit.walking import print_graph

# BERT-base differs from bert-tiny in its sizes only.
NAMES = [entry.name for entry in EXAMPLES if entry.name not in ("bert", "resnet50")]


def of_zoo(name: str, via: str) -> Callable[[], Program]:
    def make() -> Program:
        model = ZOO[name].build()
        return tsviz.capture(model, ZOO[name].inputs(), via=via)

    return make


def programs() -> Iterator[object]:
    for name in ZOO:
        yield pytest.param(of_zoo(name, "auto"), id=f"{name}-as-it-is")
        if "free-function" not in name:  # a function cannot be frozen
            yield pytest.param(of_zoo(name, "freeze"), id=f"{name}-freeze")
    for name in ("many-rewrites", "unet", "small-resnet-traced", "fork-each"):
        yield pytest.param(of_zoo(name, "optimize"), id=f"{name}-optimize")
    for name in NAMES:
        for via in ("script", "trace", "freeze", "optimize"):
            yield pytest.param(lambda n=name, v=via: example(n, v), id=f"{name}-{via}")


def faults(program: Program) -> list[str]:
    return [fault.render() for _, graph in program.iter_graphs() for fault in iter_faults(graph)]


def plain(graph: Graph) -> str:
    """The canonical text without what PyTorch's own does not say: lines, digests, module paths."""
    return render_graph(replace(graph, digests={}, scopes={}), comments=False)


@pytest.mark.parametrize("make", list(programs()))
def test_round_trip(make: Callable[[], Program]) -> None:
    program = make()
    assert faults(program) == []

    for _, graph in program.iter_graphs():
        again = read_graph(render_graph(graph))
        assert render_graph(replace(again.graph, scopes=again.scopes), comments=False) == (
            render_graph(graph, comments=False)
        )

    printed = print_graph(inlined_graph(program.get_native(), program.method))
    assert plain(read_graph(printed).graph) == plain(program.graph)

    saved = program_of_saved(saved_bytes(program))
    assert faults(saved) == []
    assert {name: render_graph(graph) for name, graph in saved.iter_graphs()} == {
        name: render_graph(graph) for name, graph in program.iter_graphs()
    }


@pytest.mark.parametrize("name", ZOO)
def test_what_the_executor_runs(name: str) -> None:
    """Its graphs hold subgraphs that are differentiated, which return more than their node."""
    model = ZOO[name].build()
    for _ in range(3):  # the executor profiles, then optimises
        model(*ZOO[name].inputs())
    plans = model.get_debug_state().execution_plans
    assert plans
    for plan in plans.values():
        graph = read_graph(print_graph(plan.graph)).graph
        assert [fault.render() for fault in iter_faults(graph)] == []
        text = render_graph(graph, comments=False)
        assert render_graph(read_graph(text).graph, comments=False) == text
