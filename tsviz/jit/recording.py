"""Runs of a tagged copy of a program in PyTorch's own executor, each with the log of it.

The copy is the inlined entry point as a function of its own, so the user's module keeps its plans.
Tags ride in the source ranges of its nodes; nothing that the executor decides depends on them.
"""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch.utils._pytree import tree_leaves

from tsviz.collector import collector_held
from tsviz.ir import read_graph
from tsviz.jit import natives
from tsviz.jit.autodiff_log import AUTODIFF
from tsviz.jit.calling import graph_inputs
from tsviz.jit.executor_log import EXECUTOR, LEGACY, Dump, executor_log
from tsviz.jit.internals import GraphFunction, internals
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.running import outcome_of
from tsviz.jit.tags import tag_nodes
from tsviz.jit.walking import live_nodes, print_graph

_LOGS = ((EXECUTOR, AUTODIFF), (LEGACY, AUTODIFF))
MOST_RUNS = 12
"""After so many runs the plan is taken as it is."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """How PyTorch's executor is set for a recording; what is `None` stays as it is.

    Attributes:
        grad: whether gradients are recorded, and a backward run made.
        executor: `profiling` (the default of PyTorch), `simple` (profiling off) or `legacy`.
        fuse_on_cpu: whether the fuser may work on the CPU; without LLVM it interprets.
        profiled_runs: how many runs are observed before the plan is specialised.
        depth: how often a plan may be specialised again for other shapes.
    """

    grad: bool | None = None
    executor: str = "profiling"
    fuse_on_cpu: bool | None = None
    profiled_runs: int | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        number: from 1 on.
        seconds: wall time, printing included.
        dumps: the graphs printed meanwhile.
        plan: what the executor says it ran, as text; "" if it says nothing.
        native: the same, live; `None` if it says nothing.
    """

    number: int
    seconds: float
    dumps: tuple[Dump, ...]
    plan: str
    native: object = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A copy of a program that can be called.

    Attributes:
        function: its inlined entry point, which takes the module first.
        native: the module, `None` beside a function.
        method: the entry point's name.
        args, kwargs: arguments that fit it.
    """

    function: GraphFunction
    native: object
    method: str
    args: tuple[object, ...]
    kwargs: Mapping[str, object]


class Recorder:
    """The tagged copy of one program.

    Attributes:
        first: the text of its graph before any run, tags in its comments.
    """

    def __init__(
        self, native: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> None:
        """Copies what will be run.

        Args:
            native: a compiled module or function; it stays as it is.
            method: the entry point.
            args, kwargs: arguments that fit it; they stay as they are.

        Raises:
            Exception: whatever the copying of the user's objects raises.
        """
        self._original = native
        self._native, self._args, self._kwargs = natives.copy_for_run(native, args, kwargs)
        self._method = method
        graph = natives.inlined_graph(self._native, method)
        tag_nodes(live_nodes(graph, read_graph(print_graph(graph)).graph))
        self.first = print_graph(graph)
        self._function = internals._create_function_from_graph(method, graph)

    @property
    def entry(self) -> Entry:
        """The copy, as warm as the runs have made it."""
        return Entry(self._function, self._native, self._method, self._args, self._kwargs)

    def iter_runs(self, mode: Runtime) -> Iterator[Run]:
        """Runs until nothing is compiled any more.

        Raises:
            Exception: what the model itself raises.
        """
        before = ""
        for number in range(1, MOST_RUNS + 1):
            run = self._run(number, mode)
            yield run
            profiled = number > _profiled_runs(mode)
            if profiled and not run.dumps and run.plan == before:
                return
            before = run.plan

    def iter_plain_runs(self, tell: Callable[[int], object]) -> Iterator[Run]:
        """Runs as the caller has PyTorch set, without a log and without backward.

        They end when the plan has stayed the same twice: what a plan holds that is compiled by
        itself is ready a run later.

        Args:
            tell: is called before each, with its number; it raises to stop.

        Raises:
            Exception: what the model itself raises.
        """
        plans: list[str] = []
        for number in range(1, MOST_RUNS + 1):
            tell(number)
            run = self._plain_run(number)
            yield run
            plans.append(run.plan)
            if number > _switches._jit_get_num_profiled_runs() + 2 and len(set(plans[-3:])) == 1:
                return

    def _plain_run(self, number: int) -> Run:
        _, args, kwargs = natives.copy_for_run(None, self._args, self._kwargs)
        inputs = tuple(graph_inputs(self._native, self._method, args, kwargs))
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(self._native),
            collector_held(),
            let_through(),
        ):
            start = time.perf_counter()
            _, error = outcome_of(lambda: self._function(*inputs))
            seconds = time.perf_counter() - start
        if error is not None:
            raise self._error_without_tags() or error
        native = last_plan()
        return Run(number, seconds, (), "" if native is None else print_graph(native), native)

    def _run(self, number: int, mode: Runtime) -> Run:
        _, args, kwargs = natives.copy_for_run(None, self._args, self._kwargs)
        inputs = tuple(graph_inputs(self._native, self._method, args, kwargs))
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(self._native),
            _set_up(mode),
            executor_log(*_LOGS[mode.executor == "legacy"]) as log,
            let_through(),
        ):
            start = time.perf_counter()
            native, error = outcome_of(lambda: _call(self._function, inputs))
            seconds = time.perf_counter() - start
        if error is not None:
            raise self._error_without_tags() or error
        plan = "" if native is None else print_graph(native)
        return Run(number, seconds, tuple(log.dumps()), plan, native)

    def _error_without_tags(self) -> Exception | None:
        """What the program raises as it was: tags stand where PyTorch would show its lines."""
        native, args, kwargs = natives.copy_for_run(self._original, self._args, self._kwargs)
        method = natives.find_graph_function(native, self._method)
        _, error = outcome_of(lambda: method(*args, **kwargs))
        return error


def _profiled_runs(mode: Runtime) -> int:
    return mode.profiled_runs or _switches._jit_get_num_profiled_runs()


def _call(function: GraphFunction, inputs: tuple[object, ...]) -> torch._C.Graph | None:
    """Runs forward and, where gradients are recorded, backward.

    Returns:
        The plan of forward; backward runs others.
    """
    returned = function(*inputs)
    plan = last_plan()
    tensors = [
        leaf.sum()
        for leaf in tree_leaves(returned)
        if isinstance(leaf, torch.Tensor) and leaf.requires_grad
    ]
    if tensors and torch.is_grad_enabled():
        torch.autograd.backward(tensors)
    return plan


def last_plan() -> torch._C.Graph | None:
    """The plan that PyTorch's executor ran last, live, `None` where it does not say."""
    try:
        return internals._last_executed_optimized_graph()
    except RuntimeError:
        return None


# ── global switches ─────────────────────────────────────────────────────────────────────────────


@contextmanager
def _set_up(mode: Runtime) -> Generator[None]:
    """Sets PyTorch's switches as asked, and back."""
    with ExitStack() as undo:
        if mode.grad is not None:
            undo.enter_context(torch.set_grad_enabled(mode.grad))
        set_to = (
            (_switches._jit_set_profiling_executor, mode.executor != "legacy"),
            (_switches._jit_set_profiling_mode, mode.executor == "profiling"),
        )
        for setter, value in set_to:
            undo.callback(setter, setter(value))
        if mode.profiled_runs is not None:
            undo.callback(
                _switches._jit_set_num_profiled_runs, _switches._jit_get_num_profiled_runs()
            )
            _switches._jit_set_num_profiled_runs(mode.profiled_runs)
        if mode.depth is not None:
            strategy = [("STATIC", mode.depth)]
            undo.callback(
                _switches._jit_set_fusion_strategy, _switches._jit_set_fusion_strategy(strategy)
            )
        if mode.fuse_on_cpu is not None:
            undo.callback(_switches._jit_override_can_fuse_on_cpu, _switches._jit_can_fuse_on_cpu())
            undo.callback(
                _switches._jit_set_te_must_use_llvm_cpu, _switches._jit_get_te_must_use_llvm_cpu()
            )
            _switches._jit_override_can_fuse_on_cpu(mode.fuse_on_cpu)
            _switches._jit_set_te_must_use_llvm_cpu(False)
        yield


class _Switches(Protocol):
    _jit_set_profiling_executor: Callable[[bool], bool]
    _jit_set_profiling_mode: Callable[[bool], bool]
    _jit_set_num_profiled_runs: Callable[[int], object]
    _jit_get_num_profiled_runs: Callable[[], int]
    _jit_set_fusion_strategy: Callable[[list[tuple[str, int]]], list[tuple[str, int]]]
    _jit_can_fuse_on_cpu: Callable[[], bool]
    _jit_override_can_fuse_on_cpu: Callable[[bool], object]
    _jit_get_te_must_use_llvm_cpu: Callable[[], bool]
    _jit_set_te_must_use_llvm_cpu: Callable[[bool], object]


_switches = cast("_Switches", torch._C)
