"""What a recording gave, held against what PyTorch gives where tsviz has no part in it."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils._pytree import tree_leaves, tree_map

from tests.passes.comparing import RUNS, normalised, unordered
from tsviz.frontends import Program
from tsviz.ir import Graph, read_graph
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals
from tsviz.jit.natives import copy_for_run, inlined_graph
from tsviz.jit.random_numbers import kept_random_state, seed
from tsviz.jit.tags import tag_nodes
from tsviz.jit.walking import live_nodes, print_graph
from tsviz.passes import PassTrace

TRIES = 12
"""Freezing walks sets that are ordered by addresses: now and then it gives another order."""


def wanting_gradients(args: Any) -> Any:
    """The same arguments; tensors of real numbers want gradients."""

    def want(leaf: Any) -> Any:
        is_real = isinstance(leaf, torch.Tensor) and leaf.is_floating_point()
        return leaf.detach().clone().requires_grad_() if is_real else leaf

    return tree_map(want, args)


# ── plans ───────────────────────────────────────────────────────────────────────────────────────


def plans_with_gradients(native: Any, args: tuple[Any, ...]) -> tuple[Graph, list[Graph]]:
    """The plan of a program, and those of its backward graphs that are compiled."""
    run = _Runs(native, args, tagged=False)
    for _ in range(RUNS):
        run.once()
    (plan,) = run.owner.get_debug_state().execution_plans.values()
    try:
        states = plan.code.grad_executor_states()
    except RuntimeError:  # one of them never ran
        states = []
    backward = [inner.graph for state in states for inner in state.execution_plans.values()]
    return _read(plan.graph), list(map(_read, backward))


def compare_gradient_plans(trace: PassTrace, args: tuple[Any, ...]) -> str:
    """Whether all plans of an untagged run were recorded, in words."""
    plan, backward = plans_with_gradients(trace.program.native, args)
    if normalised(plan) != normalised(trace.last):
        return "another plan"
    parts = {record.part: normalised(record.after) for record in trace if record.part}
    missing = sum(normalised(graph) not in parts.values() for graph in backward)
    return f"{missing} other backward plans" if missing else f"equal, {len(backward)} backward"


def compare_frozen(found: Graph, freeze: Callable[[], Any]) -> str:
    """Whether a recorded end of freezing is what PyTorch freezes, in words."""
    native = found
    for _ in range(TRIES):
        native = _read(freeze().graph)
        if normalised(native) == normalised(found):
            return "equal"
        if unordered(native) == unordered(found):
            return "equal but for order"
    return f"{(unordered(native) - unordered(found)).total()} other nodes"


def _read(live: Any) -> Graph:
    return read_graph(print_graph(live)).graph


# ── results ─────────────────────────────────────────────────────────────────────────────────────


class _Runs:
    """A program, with or without tags, run again and again from one state."""

    def __init__(self, native: Any, args: tuple[Any, ...], *, tagged: bool) -> None:
        self.owner, self._args, _ = copy_for_run(native, args, {})
        self._is_module = isinstance(native, torch.jit.ScriptModule)
        self._tagged = tagged
        if tagged:
            graph = inlined_graph(self.owner, "forward")
            tag_nodes(live_nodes(graph, _read(graph)))
            self.function: Any = internals._create_function_from_graph("forward", graph)
        else:  # models of one class share what was compiled
            self.function = self.owner._c._get_method("forward") if self._is_module else native
            self.function._debug_flush_compilation_cache()

    def once(self) -> list[Any]:
        """What a run returns, and the gradients it leaves, with random draws from one seed."""
        _, args, _ = copy_for_run(None, self._args, {})
        inputs = list(graph_inputs(self.owner, "forward", args, {}))
        given = inputs if self._tagged or not self._is_module else inputs[1:]
        for parameter in self._parameters():
            parameter.grad = None
        with kept_random_state([]):
            seed(0)
            returned = self.function(*given)
            wanted = [leaf.sum() for leaf in tree_leaves(returned) if _wants(leaf)]
            if wanted:
                torch.autograd.backward(wanted)
        given_leaves = (leaf for leaf in tree_leaves(args) if _wants(leaf) and leaf.is_leaf)
        sources = [*given_leaves, *self._parameters()]
        return [*tree_leaves(returned), *(leaf.grad for leaf in sources)]

    def _parameters(self) -> Iterator[Any]:
        return self.owner.parameters() if self._is_module else iter(())


def compare_results(program: Program, args: tuple[Any, ...]) -> str:
    """Whether tags change no bit of what any run of the warm-up returns or leaves, in words."""
    tagged, plain = (_Runs(program.native, args, tagged=tags) for tags in (True, False))
    for run in range(1, RUNS + 1):
        ours, theirs = tagged.once(), plain.once()
        if len(ours) != len(theirs) or not all(map(_same_bits, ours, theirs)):
            return f"run {run} differs"
    return "equal"


def _wants(leaf: Any) -> bool:
    return isinstance(leaf, torch.Tensor) and leaf.requires_grad


def _same_bits(one: Any, other: Any) -> bool:
    if not isinstance(one, torch.Tensor) or not isinstance(other, torch.Tensor):
        return type(one) is type(other) and (one == other or one != one or _is_object(one))
    return one.dtype == other.dtype and torch.equal(_bits(one), _bits(other))


def _is_object(value: Any) -> bool:
    """Whether it is an object of the program's own, which has no equality."""
    return isinstance(value, torch._C.ScriptObject)


def _bits(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().to_dense().contiguous().flatten().view(torch.uint8)
