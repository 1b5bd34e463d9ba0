"""Runs of graphs as they stand, unoptimised, from one state: what blame compares."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

import torch

from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals, jit
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.random_numbers import random_state, seed

SEED = 0
"""Random draws begin here in every run."""

_T = TypeVar("_T")
_INTERRUPTED = re.compile(r"^(?:RuntimeError: )?KeyboardInterrupt\b", re.MULTILINE)


def outcome_of(run: Callable[[], _T]) -> tuple[_T | None, Exception | None]:
    """What a run returns, or raises.

    Raises:
        KeyboardInterrupt: it was interrupted in Python code that the graph calls, where PyTorch
            makes a `RuntimeError` of it.
    """
    try:
        return run(), None
    except Exception as error:  # the user's model, or a broken graph, raises any class
        if _INTERRUPTED.search(str(error)):
            raise KeyboardInterrupt from error
        return None, error


def run_entry(
    native: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> object:
    """Calls a compiled module as its user does, on copies, from the same random seed.

    Raises:
        Exception: what running it raises.
    """
    native, args, kwargs = natives.copy_for_run(native, args, kwargs)
    with (
        held_interrupts() as let_through,
        natives.preserved_random_state(native),
        torch.no_grad(),
        let_through(),
    ):
        seed(SEED)
        return getattr(native, method)(*args, **kwargs)


class Runner:
    """Runs graphs of one program with one set of inputs.

    Attributes:
        is_random: whether a run drew random numbers on the CPU.
    """

    is_random = False

    def __init__(
        self, native: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        self._native, self._method = native, method
        self._args, self._kwargs = args, kwargs

    def run(self, graph: object) -> object:
        """Runs a graph on copies of the module and the inputs.

        Args:
            graph: a live one that takes what the entry point takes.

        Raises:
            Exception: what running it raises.
        """
        native, args, kwargs = natives.copy_for_run(self._native, self._args, self._kwargs)
        inputs = tuple(graph_inputs(native, self._method, args, kwargs))
        function = internals._create_function_from_graph(
            self._method, cast("torch._C.Graph", graph)
        )
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(native),
            torch.no_grad(),
            jit.optimized_execution(False),
            let_through(),
        ):
            seed(SEED)
            drawn = random_state()
            result = function(*inputs)
            self.is_random = self.is_random or not drawn.equal(random_state())
            return result


def run_as_is(
    target: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> object:
    """Calls a module's method or a function, compiled or not, from the same random seed.

    Args:
        target: a copy, as the run may change it.
        args, kwargs: copies, too.

    Raises:
        Exception: what running it raises.
    """
    with (
        held_interrupts() as let_through,
        natives.preserved_random_state(target),
        let_through(),
    ):
        seed(SEED)
        if natives.is_module(target):
            entry = target if method == "forward" else getattr(target, method)
        else:
            entry = target
        return cast("Callable[..., object]", entry)(*args, **kwargs)
