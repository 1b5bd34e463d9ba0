"""One run with the example inputs, watched: shapes, dtypes and floating point operations.

The run happens in PyTorch's own interpreter, unoptimised; the random state comes back. Operations
are counted by PyTorch's own formulas, at the dispatcher: what a thread counted between two watched
nodes belongs to the second.

The run is what the graph does, but not at its usual speed: nothing is fused, every watched value
takes a turn through Python, and a dispatch mode is on.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock, get_ident
from typing import cast

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import conv_flop_count, flop_registry

from tsviz.ir import Graph, Node
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals, jit
from tsviz.jit.interpreting import interpreter_of
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.looks import Seen, look
from tsviz.jit.probes import Probes
from tsviz.jit.random_numbers import seed

_CONVOLUTION = "prim::mkldnn_convolution"
"""Calls its kernel without the dispatcher."""


@dataclass(slots=True)
class Observation:
    """What one run showed.

    Attributes:
        tensors: value id → dtype and shape such as `f32[1, 3, 8, 8]`; a dimension that changed
            between iterations of a loop is `?`. Values that were never computed are missing.
        flops: node id → floating point operations over the whole run; only of nodes for which
            PyTorch counts any.
        sizes: value id → bytes of its tensors, `None` where they changed.
    """

    tensors: dict[int, str] = field(default_factory=dict[int, str])
    flops: dict[int, float] = field(default_factory=dict[int, float])
    sizes: dict[int, int | None] = field(default_factory=dict[int, int | None])


def observe(
    native: object,
    method: str,
    graph: Graph,
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> Observation:
    """Runs the entry point once and reports what flowed through `graph`.

    Gradients are recorded or not as the caller has it, because some models ask.

    Args:
        native: a copy of the user's module: running a model can change it.
        graph: as imported from `native` or what it was copied from.
        args, kwargs: arguments that fit the entry point; copies, too.

    Raises:
        Exception: what the model itself raises.
    """
    watched = natives.inlined_graph(native, method)

    def made() -> Callable[..., object]:
        return internals._create_function_from_graph(method, watched)

    return _watch(native, watched, graph, made, graph_inputs(native, method, args, kwargs))


def observe_plan(
    native: object, plan: object, graph: Graph, inputs: Sequence[object], number: int
) -> Observation:
    """The same of a plan, as it stands: what is fused stays so.

    Args:
        native: a copy of the module, which the run can change.
        plan: live; it stays as it is.
        graph: the same as it was imported.
        inputs: what the graph takes, the module included; copies, too.
        number: the random seed.

    Raises:
        Exception: what the model itself raises.
    """
    watched = cast("torch._C.Graph", plan).copy()

    def made() -> Callable[..., object]:
        interpret = interpreter_of(watched, graph)

        def run(*inputs: object) -> object:
            seed(number)
            return interpret(*inputs)

        return run

    return _watch(native, watched, graph, made, iter(inputs))


def _watch(
    native: object,
    watched: torch._C.Graph,
    graph: Graph,
    make: Callable[[], Callable[..., object]],
    inputs: Iterator[object],
) -> Observation:
    """Inserts probes into a graph and runs it.

    Args:
        make: gives what runs the graph, once the probes are in it.
    """
    watch = _Watch(graph)
    with closing(Probes(watch)) as probes:
        probes.insert(watched, graph)
        run = make()
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(native),
            jit.optimized_execution(False),
            watch,
            let_through(),
        ):
            _run(run, inputs, watch)
    words = {value: str(seen) for value, seen in watch.seen.items()}
    sizes = {value: seen.nbytes for value, seen in watch.seen.items()}
    return Observation(words, dict(watch.flops), sizes)


def _run(run: Callable[..., object], inputs: Iterator[object], watch: "_Watch") -> None:
    """Runs the function; an op's own words, which a dispatch mode hides, are added again."""
    try:
        run(*inputs)
    except RuntimeError as error:
        if watch.raised is None:
            raise
        raise RuntimeError(f"{str(error).rstrip()} {watch.raised}") from watch.raised


class _Watch(TorchDispatchMode):
    """Listens to the probes, and counts operations at the dispatcher."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()  # pyright: ignore[reportUnknownMemberType] (PyTorch gives no types)
        self.seen: dict[int, Seen] = {}
        self.flops: defaultdict[int, float] = defaultdict(float)
        self._pending: defaultdict[int, float] = defaultdict(float)
        self._hidden = {node.id: node for node in graph.nodes.values() if node.op == _CONVOLUTION}
        self._lock = Lock()
        self.raised: RuntimeError | None = None

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        try:
            return self._call(func, args, kwargs or {})
        except RuntimeError as error:
            self.raised = self.raised or error
            raise

    def _call(
        self, func: torch._ops.OpOverload, args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        formula = cast("Callable[..., float] | None", flop_registry.get(func.overloadpacket))
        if formula is None:
            with self:  # tensors made in inference mode bring ops that are made of others
                made = func.decompose(*args, **kwargs)
            return func(*args, **kwargs) if made is NotImplemented else made
        made = func(*args, **kwargs)
        self._pending[get_ident()] += formula(*args, **kwargs, out_val=made)
        return made

    def passed(self, node: int) -> None:
        """Gives the node what was counted on this thread since the last one."""
        counted = self._pending.pop(get_ident(), 0.0)
        if counted and node:
            with self._lock:
                self.flops[node] += counted

    def saw(self, node: int, value: int, what: object) -> None:
        """Notes what a value held this time."""
        self.passed(node)
        seen = look(what)
        with self._lock:
            known = self.seen.get(value)
            self.seen[value] = seen if known is None else known.merged(seen)
            if node in self._hidden:
                self.flops[node] += self._convolution(self._hidden[node])

    def _convolution(self, node: Node) -> float:
        """What one call costs, by the formula that PyTorch has for the op it stands for."""
        shapes = [self.seen[value].shape for value in (*node.inputs[:2], node.outputs[0])]
        picture, weight, out = (list(shape) for shape in shapes)
        return conv_flop_count(picture, weight, out) if picture and weight and out else 0.0
