"""Graphs held against what PyTorch does without tsviz."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import torch

from tsviz.ir import Block, Graph, Value, intern_type, render_graph
from tsviz.ir.literals import render_literal

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


def unordered(graph: Graph) -> Counter[Hashable]:
    """What every node computes from what, whatever the order of the nodes.

    PyTorch's freezing walks sets that are ordered by addresses.
    """
    found: Counter[Hashable] = Counter()
    labels: dict[int, Hashable] = {}

    def label(*parts: Hashable) -> Hashable:
        return hash(parts)

    def enter(block: Block, around: Hashable) -> None:
        for at, param in enumerate(block.params):
            labels[param] = label(around, at, graph.types[param].unmangled)
        inside.update((node.id, around) for node in block.nodes)

    inside: dict[int, Hashable] = {}
    enter(graph.block, "graph")
    for node in graph.iter_nodes():
        attributes = tuple((name, render_literal(value)) for name, value in node.attributes)
        types = tuple(graph.types[out].unmangled for out in node.outputs)
        inputs = tuple(labels[value] for value in node.inputs)
        own = label(node.op, attributes, types, inputs, inside[node.id])
        found[own] += 1
        labels.update((out, label(own, at)) for at, out in enumerate(node.outputs))
        for at, block in enumerate(node.blocks):
            enter(block, label(own, "block", at))
    for at, block in enumerate(_iter_blocks(graph)):
        found["returns", at, tuple(labels[value] for value in block.returns)] += 1
    return found


def _iter_blocks(graph: Graph) -> Iterator[Block]:
    yield graph.block
    for node in graph.iter_nodes():
        yield from node.blocks
