"""Graphs held against what PyTorch does without tsviz."""

import re
from collections.abc import Callable
from typing import Any

import torch

from tsviz.ir import Graph, render_graph

NAME = re.compile(r"%[\w.]+")
MANGLED = re.compile(r"___torch_mangle_\d+\.")
RUNS = 4


def normalised(graph: Graph) -> str:
    """The text with values numbered in the order in which they appear."""
    plain = Graph(graph.name, graph.dialect, graph.block, graph.values, graph.types)
    names: dict[str, str] = {}
    text = MANGLED.sub("", render_graph(plain, comments=False))
    return NAME.sub(lambda name: names.setdefault(name[0], f"%{len(names)}"), text)


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
