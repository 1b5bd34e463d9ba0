"""Runs of one warm program to be measured: plain, under the profiler, and marked.

Each way of running has a copy of the module of its own, and the copies advance in step: the n-th
plain, sampled and marked run begin with the same numbers and the same random seed, and so go the
same way. Only parameters are shared between them.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import cast

import torch

from tsviz.ir import Graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals, seed
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.marking import marked_copy
from tsviz.jit.observing import Observation, observe_plan
from tsviz.jit.recording import Entry, last_plan
from tsviz.jit.running import outcome_of
from tsviz.jit.sampling import Sampling, Session, sampled
from tsviz.jit.walking import print_graph


@dataclass(frozen=True, slots=True)
class Timed:
    """One run.

    Attributes:
        nanoseconds: wall time, to the end of what runs on other devices.
        sampling: what the profiler noted; nothing where none was at work.
    """

    nanoseconds: int
    sampling: Sampling = field(default_factory=Sampling)


class Meter:
    """Measures a program that is warm.

    Attributes:
        cuda: whether CUDA devices are recorded and waited for.
    """

    def __init__(self, entry: Entry, plan: object, graph: Graph, *, cuda: bool) -> None:
        """Copies what will be run.

        Args:
            entry: what has run until its plan was there.
            plan: that plan; live.
            graph: the same as it was imported.
        """
        self.cuda = cuda
        self._plan, self._graph = plan, graph
        self._plain, self._sampled, self._marked, self._timed = (_copy(entry) for _ in range(4))
        self._copies: dict[bool, torch._C.Graph] = {}

    def run_plain(self, number: int) -> Timed:
        """Runs it without a profiler."""
        return self._run(self._plain, self._plain.function, number, nullcontext(Session()))

    def run_profiled(self, number: int, *, stacks: bool = True) -> Timed:
        """Runs it under the profiler; the tags are those of the program's own nodes."""
        session = sampled(cuda=self.cuda, stacks=stacks)
        return self._run(self._sampled, self._sampled.function, number, session)

    def run_marked(self, number: int) -> Timed:
        """Interprets a copy of the plan with its blocks marked, and records memory.

        Every node has a tag of its own: its place in the graph.
        """
        session = sampled(cuda=self.cuda, memory=True)
        return self._run(self._marked, self._interpreter(nodes=False), number, session)

    def run_nodes(self, number: int) -> Timed:
        """Interprets a copy of the plan with every node marked."""
        session = sampled(cuda=self.cuda)
        return self._run(self._timed, self._interpreter(nodes=True), number, session)

    def observe(self) -> Observation:
        """Shapes and floating point operations of one more run.

        Raises:
            Exception: what the model itself raises.
        """
        return observe_plan(_copy(self._marked), self._plan, self._graph)

    @property
    def is_as_planned(self) -> bool:
        """Whether the last run of the executor was one of the plan."""
        native = last_plan()
        plan = cast("torch._C.Graph", self._plan)
        return native is None or print_graph(native) == print_graph(plan)

    def _interpreter(self, *, nodes: bool) -> Callable[..., object]:
        copy = self._copies.get(nodes)
        if copy is None:
            copy = self._copies[nodes] = marked_copy(self._plan, self._graph, nodes=nodes)
        return lambda *inputs: internals._jit_interpret_graph(copy, inputs)

    def _run(
        self,
        entry: Entry,
        function: Callable[..., object],
        number: int,
        recorded: AbstractContextManager[Session],
    ) -> Timed:
        inputs = _inputs(entry)
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(entry.native),
            recorded as session,
            let_through(),
        ):
            seed(number)
            nanoseconds, error = self._time(function, inputs)
        if error is not None:
            raise error
        return Timed(nanoseconds, session.sampling)

    def _time(
        self, function: Callable[..., object], inputs: tuple[object, ...]
    ) -> tuple[int, Exception | None]:
        wait = torch.cuda.synchronize if self.cuda else _nothing
        wait()
        start = time.perf_counter_ns()
        _, error = outcome_of(lambda: (function(*inputs), wait()))
        return time.perf_counter_ns() - start, error


def time_warm_up(
    native: object,
    method: str,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    runs: int,
) -> Iterator[int]:
    """Wall time of the first runs of a program of which nothing is compiled yet, nanoseconds.

    Raises:
        Exception: what the model itself raises.
    """
    copied = natives.copy_for_run(native, args, kwargs)
    graph = natives.inlined_graph(copied[0], method).copy()
    function = internals._create_function_from_graph(method, graph)
    entry = Entry(function, copied[0], method, *copied[1:])
    for number in range(runs):
        inputs = _inputs(entry)
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(entry.native),
            let_through(),
        ):
            seed(number)
            start = time.perf_counter_ns()
            _, error = outcome_of(lambda inputs=inputs: function(*inputs))
            nanoseconds = time.perf_counter_ns() - start
        if error is not None:
            raise error
        yield nanoseconds


def _inputs(entry: Entry) -> tuple[object, ...]:
    _, args, kwargs = natives.copy_for_run(None, entry.args, entry.kwargs)
    return tuple(graph_inputs(entry.native, entry.method, args, kwargs))


def _copy(entry: Entry) -> Entry:
    """The same with a module of its own, which shares the parameters."""
    return replace(entry, native=natives.copy_state(entry.native))


def _nothing() -> None: ...
