"""Runs of one warm program to be measured: plain, under the profiler, and marked.

Each way of running has a copy of the module of its own, and the copies advance in step: the n-th
plain, sampled and marked run begin with the same numbers and the same random seed, and so go the
same way. Only parameters are shared between them.

That a call stack is noted for each op costs more than all else that the profiler does. So the run
that is timed goes without, and a twin of it, which is not timed, tells whose its ops are.
"""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import cast

import torch
from torch.utils._pytree import tree_leaves, tree_map

from tsviz.collector import collector_held
from tsviz.ir import Graph, read_graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.differences import difference
from tsviz.jit.internals import cpp_module
from tsviz.jit.interpreting import interpreter_of
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.marking import FORK, has_blocks, marked_copy
from tsviz.jit.observing import Observation, observe_plan
from tsviz.jit.random_numbers import kept_random_state, seed
from tsviz.jit.recording import Entry, last_plan
from tsviz.jit.running import outcome_of
from tsviz.jit.sampling import Sampling, Session, sampled, with_tags
from tsviz.jit.tags import read_tags
from tsviz.jit.walking import print_graph


@dataclass(frozen=True, slots=True)
class Timed:
    """One run.

    Attributes:
        result: what the program returned.
        nanoseconds: wall time, to the end of what runs on other devices.
        sampling: what the profiler noted; nothing where none was at work.
    """

    result: object
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
        self._observed, self._idle, self._named = (_copy(entry) for _ in range(3))
        self._devices = _cuda_devices(entry.native)
        self._goes_one_way = not has_blocks(graph)
        self._forks = any(node.op == FORK for node in graph.nodes.values())
        self._twin: Timed | None = None
        self._interpreters: dict[bool, Callable[..., object]] = {}

    def run_plain(self, number: int) -> Timed:
        """Runs it without a profiler."""
        return self._run(self._plain, self._plain.function, number, nullcontext(Session()))

    def run_profiled(self, number: int) -> Timed:
        """Runs it under the profiler; its ops have no tags until `name` gives them."""
        session = sampled(cuda=self.cuda, forks=self._forks, stacks=False)
        return self._run(self._sampled, self._sampled.function, number, session)

    def name(self, run: Timed, number: int) -> Timed:
        """The profiled run with the tags of the program's own nodes on its ops.

        They are those of its twin. Where the two are not alike op by op, as in programs that use
        several threads, the twin itself is returned: it was slower, and its time says so.

        Args:
            run: what `run_profiled` returned.
            number: of that run.
        """
        if self._twin is None or not self._goes_one_way:
            self._twin = self._run_named(number)
        tagged = with_tags(run.sampling, self._twin.sampling)
        if tagged is not None:
            return replace(run, sampling=tagged)
        return self._run_named(number) if self._goes_one_way else self._twin

    def _run_named(self, number: int) -> Timed:
        session = sampled(cuda=self.cuda, forks=self._forks, stacks=True)
        return self._run(self._named, self._named.function, number, session)

    def run_marked(self, number: int) -> Timed:
        """Interprets a copy of the plan with its blocks marked, and records memory.

        Every node has a tag of its own: its place in the graph.
        """
        session = sampled(cuda=self.cuda, forks=self._forks, memory=True)
        return self._run(self._marked, self._interpreter(nodes=False), number, session)

    def run_nodes(self, number: int) -> Timed:
        """Interprets a copy of the plan with every node marked."""
        session = sampled(cuda=self.cuda, forks=self._forks)
        return self._run(self._timed, self._interpreter(nodes=True), number, session)

    def observe(self, number: int) -> Observation:
        """Shapes and floating point operations of the plan in one more run.

        Raises:
            Exception: what the model itself raises.
        """
        entry = self._observed
        return observe_plan(entry.native, self._plan, self._graph, _inputs(entry), number)

    def run_idle(self) -> None:
        """Runs it for nothing: what ran before has filled the caches with other things.

        It does not matter where it fails: it has had more calls than the others.
        """
        idle = self._idle
        outcome_of(lambda: self._run(idle, idle.function, 0, nullcontext(Session())))

    @property
    def is_as_planned(self) -> bool:
        """Whether the last run of the executor was one of the plan."""
        native = last_plan()
        plan = cast("torch._C.Graph", self._plan)
        return native is None or print_graph(native) == print_graph(plan)

    def _interpreter(self, *, nodes: bool) -> Callable[..., object]:
        run = self._interpreters.get(nodes)
        if run is None:
            marked = marked_copy(self._plan, self._graph, nodes=nodes)
            run = self._interpreters[nodes] = interpreter_of(marked, self._graph)
        return run

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
            kept_random_state(self._devices),
            collector_held(),
            recorded as session,
            let_through(),
        ):
            seed(number)
            result, nanoseconds, error = self._time(function, inputs)
        if error is not None:
            raise error
        return Timed(result, nanoseconds, session.sampling)

    def _time(
        self, function: Callable[..., object], inputs: tuple[object, ...]
    ) -> tuple[object, int, Exception | None]:
        wait = torch.cuda.synchronize if self.cuda else _nothing
        wait()
        start = time.perf_counter_ns()
        result, error = outcome_of(lambda: function(*inputs))
        if error is None:
            _, error = outcome_of(wait)
        return result, time.perf_counter_ns() - start, error


def read_plan_tags(plan: object, graph: Graph) -> dict[int, int]:
    """Id of a node of a plan → the tag it bears.

    Args:
        plan: live.
        graph: the same as it was imported.
    """
    reading = read_graph(print_graph(cast("torch._C.Graph", plan)))
    ids = dict(zip(reading.graph.nodes, graph.nodes, strict=True))
    return {ids[node]: tag for node, tag in read_tags(reading.comments).items()}


def move_to(
    native: object, args: Sequence[object], kwargs: Mapping[str, object], device: str
) -> tuple[object, tuple[object, ...], dict[str, object]]:
    """Copies of a module and its arguments on another device; a function stays as it is.

    Raises:
        RuntimeError: PyTorch has no such device.
    """
    copied, args, kwargs = natives.copy_for_run(native, args, kwargs)
    there = torch.device(device)
    if natives.is_module(copied):
        copied = copied.to(there)

    def move(leaf: object) -> object:
        return leaf.to(there) if isinstance(leaf, torch.Tensor) else leaf

    moved_args, moved = tree_map(move, (args, kwargs))
    return copied, moved_args, moved


def is_view(op: str) -> bool:
    """Whether what an op gives may be memory of its inputs, unchanged."""
    aliases = (
        returned.alias_info
        for schema in torch._C._jit_get_schemas_for_operator(op)
        for returned in schema.returns
    )
    return any(alias is not None and not alias.is_write for alias in aliases)


def has_cuda(native: object, inputs: object) -> bool:
    """Whether a module or its inputs lie on a CUDA device."""
    tensors = (tensor for _, _, tensor in natives.iter_tensors(native))
    leaves = (leaf for leaf in tree_leaves(inputs) if isinstance(leaf, torch.Tensor))
    return any(tensor.is_cuda for tensor in (*tensors, *leaves))


def _cuda_devices(native: object) -> list[int]:
    """Indices, looked up once: to walk through a compiled module takes milliseconds."""
    tensors = (tensor for _, _, tensor in natives.iter_tensors(native))
    return sorted({tensor.device.index or 0 for tensor in tensors if tensor.is_cuda})


def count_hooks(native: object) -> int:
    """How many hooks a call of the module runs that are in no graph."""
    if not natives.is_script_module(native):
        return 0
    module = cpp_module(native)
    return len(module._get_forward_pre_hooks()) + len(module._get_forward_hooks())


def _inputs(entry: Entry) -> tuple[object, ...]:
    _, args, kwargs = natives.copy_for_run(None, entry.args, entry.kwargs)
    return tuple(graph_inputs(entry.native, entry.method, args, kwargs))


def _copy(entry: Entry) -> Entry:
    """The same with a module of its own, which shares the parameters; a function has none."""
    native = entry.native
    if not natives.is_module(native):
        return entry
    shared = {id(parameter): parameter for parameter in native.parameters()}
    return replace(entry, native=copy.deepcopy(native, shared))


def _nothing() -> None: ...


def results_differ(expected: object, found: object) -> bool:
    """Whether two results are further apart than threads alone would make them."""
    return difference(expected, found, rtol=1e-4, atol=1e-5).beyond


def find_missing_device(device: str) -> str:
    """Why PyTorch cannot use a device, or ""."""
    try:
        found = torch.device(device)
    except RuntimeError as error:
        return str(error).partition("\n")[0]
    if found.type == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if count == 0:
            return "PyTorch finds no CUDA device"
        if (found.index or 0) >= count:
            return f"PyTorch finds {count} CUDA device{'s' * (count > 1)}"
        return ""
    return "" if found.type == "cpu" else "profiles are made on `cpu` and `cuda`"


def describe_settings(native: object, inputs: object) -> str:
    """What the times depend on beside the program."""
    tensors = [tensor for _, _, tensor in natives.iter_tensors(native)]
    tensors += [leaf for leaf in tree_leaves(inputs) if isinstance(leaf, torch.Tensor)]
    devices = dict.fromkeys(str(tensor.device) for tensor in tensors)
    names = [torch.cuda.get_device_name(name) for name in devices if name.startswith("cuda")]
    threads = torch.get_num_threads()
    grad = "on" if torch.is_grad_enabled() else "off"
    said = [f"torch {torch.__version__}", *(devices or ("cpu",)), *names]
    said += [f"{threads} thread{'s' * (threads > 1)}", f"gradients {grad}"]
    return ", ".join(said)
