"""Graphs held against what PyTorch does without tsviz."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from tsviz.ir import Graph, Value, intern_type, render_graph

RUNS = 4


def normalised(graph: Graph) -> str:
    """The text with values numbered in the order in which they are defined."""
    values = {value: Value(value, str(at)) for at, value in enumerate(_iter_defined(graph))}
    types = {value: intern_type(graph.types[value].unmangled) for value in values}
    plain = Graph(graph.name, graph.dialect, graph.block, values, types)
    return render_graph(plain, comments=False)


def _iter_defined(graph: Graph) -> Iterator[int]:
    yield from graph.block.params
    for node in graph.iter_nodes():
        yield from node.outputs
        for block in node.blocks:
            yield from block.params


def native_plan(model: Any, make_inputs: Callable[[], tuple[Any, ...]]) -> str:
    """What PyTorch runs after a warm-up without gradients, and without anything of tsviz."""
    is_module = isinstance(model, torch.jit.ScriptModule)
    entry: Any = model._c._get_method("forward") if is_module else model
    entry._debug_flush_compilation_cache()  # models of one class share what was compiled
    with torch.no_grad():
        for _ in range(RUNS):
            model(*make_inputs())
    (plan,) = model.get_debug_state().execution_plans.values()
    return str(plan.graph)
