"""A program as a tapped function, and what one run of it starts from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import torch

from tsviz.ir import Graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.calling_thread import CallingThread
from tsviz.jit.inlining import inline_forks
from tsviz.jit.internals import find_nodes, internals, jit, set_tensor_attribute, tensor_attribute
from tsviz.jit.randomness import RandomState, cuda_devices
from tsviz.jit.tap_ops import Channel
from tsviz.jit.taps import Tapped, tap

_CONSTANT = "prim::Constant"


@dataclass(frozen=True, slots=True)
class Start:
    """What a run starts from; runs work on copies, so that each starts from the same.

    Attributes:
        native, args, kwargs: a compiled module or function and arguments that fit it.
        devices: the CUDA devices that random numbers may be drawn on.
        thread: what the caller's thread knew.
    """

    native: object
    method: str
    args: Sequence[object]
    kwargs: Mapping[str, object]
    random: RandomState
    devices: tuple[int, ...]
    thread: CallingThread

    @classmethod
    def here(
        cls, native: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> "Start":
        """From how all is now.

        Raises:
            Exception: whatever the copying of the user's objects raises.
        """
        devices = cuda_devices(native)
        kept = natives.copy_for_run(native, args, kwargs)
        return cls(
            kept[0], method, kept[1], kept[2], RandomState.here(devices), devices,
            CallingThread.here(),
        )  # fmt: skip

    def copy(self) -> tuple[object, tuple[object, ...], dict[str, object]]:
        """Module and arguments for one run; what they share stays shared."""
        return natives.copy_for_run(self.native, self.args, self.kwargs)


class Stepped:
    """The tapped function of a program, made when it is first needed: a large graph takes seconds.

    Args:
        native: only read.
        graph: of the entry point as it was imported, forks inlined.
        edits: ids of the values that other ones may stand for.
    """

    def __init__(
        self, native: object, method: str, graph: Graph, edits: Iterable[int] = ()
    ) -> None:
        self._native = native
        self._method = method
        self._graph = graph
        self._edits = tuple(edits)
        self._lock = Lock()
        self._made: _Made | None = None

    @property
    def tapped(self) -> Tapped:
        """What is known of it."""
        return self.make().tapped

    @property
    def runs_once(self) -> bool:
        """Whether it holds tensors that a run may write into."""
        return self.make().runs_once

    def make(self) -> "_Made":
        """Makes it, if nobody has; the program stays as it is."""
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> "_Made":
        live = natives.inlined_graph(self._native, self._method)
        inline_forks(live)
        writes = any(_may_write(node.op) for node in self._graph.iter_nodes())
        runs_once = writes and _own_constants(live)
        tapped = tap(live, self._graph, self._edits)
        function = internals._create_function_from_graph(self._method, live)
        return _Made(tapped, runs_once, function)

    def call(
        self, native: object, args: Sequence[object], kwargs: Mapping[str, object], heard: Channel
    ) -> object:
        """Runs in PyTorch's interpreter, unoptimised, in this thread.

        Args:
            native, args, kwargs: changed as the program changes them.
            heard: who listens.

        Raises:
            Exception: what the program raises.
        """
        inputs = tuple(graph_inputs(native, self._method, args, kwargs))
        function = self.make().function
        with jit.optimized_execution(False):
            return function(*inputs, heard.number)


@dataclass(frozen=True, slots=True)
class _Made:
    tapped: Tapped
    runs_once: bool
    function: Callable[..., object]


def _may_write(op: str) -> bool:
    space, _, name = op.partition("::")
    return name.endswith("_") or space not in ("aten", "prim")


def _own_constants(live: torch._C.Graph) -> bool:
    """Copies the tensors in a graph, which the program that it was copied from holds, too.

    Returns:
        Whether there are any.
    """
    found = False
    for node in find_nodes(live, _CONSTANT):
        if node.hasAttribute("value") and node.kindOf("value") == "t":
            shared = tensor_attribute(node, "value")
            own = shared.detach().clone().requires_grad_(shared.requires_grad)
            set_tensor_attribute(node, "value", own)
            found = True
    return found
