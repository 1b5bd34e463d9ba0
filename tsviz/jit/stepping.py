"""A program as a tapped function, and what one run of it starts from."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from threading import Lock
from typing import cast

import torch
from torch.utils._pytree import tree_leaves, tree_map_only

from tsviz.ir import Graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.calling_thread import CallingThread
from tsviz.jit.inlining import inline_forks
from tsviz.jit.internals import find_nodes, internals, jit, set_tensor_attribute, tensor_attribute
from tsviz.jit.interpreting import interpreter_of
from tsviz.jit.randomness import RandomState, cuda_devices
from tsviz.jit.switches import Switches
from tsviz.jit.tap_ops import Channel
from tsviz.jit.taps import Tapped, tap
from tsviz.jit.writing import Writes, find_writes

_CONSTANT = "prim::Constant"


@dataclass(frozen=True)
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

    def again(
        self, native: object, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> "Start":
        """The same start, from objects as they were then."""
        kept = natives.copy_for_run(native, args, kwargs)
        return replace(self, native=kept[0], args=kept[1], kwargs=kept[2])

    def copy(self) -> tuple[object, tuple[object, ...], dict[str, object]]:
        """Module and arguments for one run; what they share stays shared.

        What the program cannot write into is not copied: weights of a model in evaluation.
        """
        if self.writes.module:
            return natives.copy_for_run(self.native, self.args, self.kwargs)
        if not self.writes.inputs:
            return self.native, tuple(self.args), dict(self.kwargs)
        if any(map(self._is_of_module, self._inputs)):
            return natives.copy_for_run(self.native, self.args, self.kwargs)
        return (self.native, *natives.copy_for_run(None, self.args, self.kwargs)[1:])

    @cached_property
    def writes(self) -> Writes:
        """What a run may write into; found when the first one starts."""
        return find_writes(self.native, self.method)

    @property
    def is_spoiled(self) -> bool:
        """Whether somebody wrote into what runs only read: an expression of the user's may."""
        return self._versions != self._versions_now()

    def apart(self, result: object) -> object:
        """What a run returned, with copies of what later runs start from."""
        return tree_map_only(torch.Tensor, self._apart, result)

    def _apart(self, tensor: torch.Tensor) -> torch.Tensor:
        is_kept = self._is_of_module(tensor) or _memory(tensor) in self._input_memory
        return tensor.clone() if is_kept else tensor

    def _is_of_module(self, tensor: torch.Tensor) -> bool:
        return _memory(tensor) in self._module_memory

    @cached_property
    def _inputs(self) -> list[torch.Tensor]:
        leaves = tree_leaves((tuple(self.args), dict(self.kwargs)))
        return [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]

    @cached_property
    def _input_memory(self) -> frozenset[int]:
        return frozenset(map(_memory, self._inputs)) - {0}

    @cached_property
    def _module_memory(self) -> frozenset[int]:
        tensors = (tensor for _, _, tensor in natives.iter_tensors(self.native))
        return frozenset(map(_memory, tensors)) - {0}

    def __post_init__(self) -> None:
        """Notes the version counters of what is kept."""
        object.__setattr__(self, "_versions", self._versions_now())

    _versions: tuple[int, ...] = field(init=False, repr=False, default=())

    def _versions_now(self) -> tuple[int, ...]:
        tensors = (tensor for _, _, tensor in natives.iter_tensors(self.native))
        both = (*tensors, *self._inputs)
        return tuple(tensor._version for tensor in both if not tensor.is_inference())


def _memory(tensor: torch.Tensor) -> int:
    """Where a tensor's memory begins; 0 where it has none."""
    is_plain = tensor.layout is torch.strided and tensor.device.type != "meta"
    return tensor.untyped_storage().data_ptr() if is_plain else 0


class Stepped:
    """The tapped function of a program, made when it is first needed: a large graph takes seconds.

    Args:
        native: only read.
        graph: of the entry point as it was imported, forks inlined; or of the plan.
        edits: ids of the values that other ones may stand for.
        plan: what PyTorch's executor runs of it, live and only read, to be stepped instead.
        once: nodes for which what they gave in an earlier run may stand.
    """

    def __init__(
        self,
        native: object,
        method: str,
        graph: Graph,
        edits: Iterable[int] = (),
        plan: object = None,
        once: Iterable[int] = (),
    ) -> None:
        self._native = native
        self._method = method
        self._graph = graph
        self._edits, self._once = tuple(edits), tuple(once)
        self._plan = cast("torch._C.Graph | None", plan)
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
        if self._plan is not None:
            live = self._plan.copy()
        else:
            live = natives.inlined_graph(self._native, self._method)
            inline_forks(live)
        runs_once = find_writes(self._native, self._method).constants and _own_constants(live)
        tapped = tap(live, self._graph, self._edits, self._once)
        if self._plan is not None:
            return _Made(tapped, runs_once, interpreter_of(live, self._graph))
        return _Made(tapped, runs_once, _unoptimised(self._method, live))

    def switches(self) -> Switches | None:
        """The switches of one run; `None` where it is heard everywhere."""
        layout = self.tapped.layout
        return None if layout is None else Switches(layout)

    def call(
        self,
        native: object,
        args: Sequence[object],
        kwargs: Mapping[str, object],
        heard: Channel,
        switches: Switches | None,
    ) -> object:
        """Runs in PyTorch's interpreter, unoptimised, in this thread.

        Args:
            native, args, kwargs: changed as the program changes them.
            heard: who listens.
            switches: what of it, made by `switches`.

        Raises:
            Exception: what the program raises.
        """
        inputs = tuple(graph_inputs(native, self._method, args, kwargs))
        heard_by = heard.number, *(switches.arguments if switches is not None else ())
        return self.make().function(*inputs, *heard_by)


@dataclass(frozen=True, slots=True)
class _Made:
    tapped: Tapped
    runs_once: bool
    function: Callable[..., object]


def _unoptimised(name: str, live: torch._C.Graph) -> Callable[..., object]:
    function = internals._create_function_from_graph(name, live)

    def run(*inputs: object) -> object:
        with jit.optimized_execution(False):
            return function(*inputs)

    return run


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
