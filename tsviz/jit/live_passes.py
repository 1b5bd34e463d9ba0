"""Passes run one by one on a tagged copy of a program's graph."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch

from tsviz.ir import read_graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals
from tsviz.jit.tags import tag_nodes
from tsviz.jit.walking import live_nodes, print_graph

GraphPass = Callable[[torch._C.Graph], object]
"""A pass: it changes the graph in place, or returns another one."""


class LiveGraph:
    """A copy of an entry point's graph, tagged, for passes to work on."""

    def __init__(self, native: object, method: str) -> None:
        self._native, self._method = native, method
        self._graph = natives.inlined_graph(native, method)
        tag_nodes(live_nodes(self._graph, read_graph(print_graph(self._graph)).graph))

    @property
    def text(self) -> str:
        """The graph as it stands, tags in its comments."""
        return print_graph(self._graph)

    def copy(self) -> torch._C.Graph:
        """A copy of the graph as it stands, which later passes leave alone."""
        return self._graph.copy()

    def run(self, apply: GraphPass) -> None:
        """Runs a pass.

        Raises:
            Exception: whatever it raises.
        """
        returned = apply(self._graph)
        if isinstance(returned, torch._C.Graph):
            self._graph = returned

    def lint(self) -> str:
        """What PyTorch finds wrong with the graph, "" if nothing."""
        try:
            internals._jit_pass_lint(self._graph)
        except RuntimeError as error:
            return str(error).strip()
        return ""

    def bound_pass(
        self,
        name: str,
        arguments: tuple[object, ...],
        inputs: tuple[Sequence[object], Mapping[str, object]] | None = None,
    ) -> GraphPass:
        """One of PyTorch's passes.

        Args:
            name: without `_jit_pass_`.
            arguments: what it takes after the graph.
            inputs: example inputs, for a pass that needs them.
        """
        bound = cast("Callable[..., object]", getattr(torch._C, f"_jit_pass_{name}"))
        if inputs is None:
            return lambda graph: bound(graph, *arguments)
        given = tuple(graph_inputs(self._native, self._method, *inputs))
        return lambda graph: bound(graph, given, False)
