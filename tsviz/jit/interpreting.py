"""Runs of a plan as it stands, without a pass that would change it."""

from collections.abc import Callable

import torch

from tsviz.ir import Graph
from tsviz.jit.internals import internals, jit
from tsviz.jit.marking import FORK, FUSED


def interpreter_of(live: torch._C.Graph, graph: Graph) -> Callable[..., object]:
    """What runs a plan, or a copy of it with ops inserted.

    A function of its own, not optimised, forgets the shapes that fusion groups need. The bare
    interpreter does not, but it holds Python's lock: a fork that calls Python would wait for ever.

    Args:
        live: what is run.
        graph: the plan.

    Raises:
        RuntimeError: it has both forks and fusion groups.
    """
    ops = {node.op for node in graph.nodes.values()}
    if ops.isdisjoint(FUSED):
        function = internals._create_function_from_graph("plan", live)

        def run(*inputs: object) -> object:
            with jit.optimized_execution(False):
                return function(*inputs)

        return run
    if FORK in ops:
        raise RuntimeError("a plan with both forks and fusion groups cannot run apart")
    return lambda *inputs: internals._jit_interpret_graph(live, inputs)
