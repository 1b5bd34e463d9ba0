"""One run with the example inputs, watched: shapes, dtypes and floating point operations.

The run happens in PyTorch's own interpreter on a copy of the module, through an op inserted after
every node; the user's model, random state and buffers stay as they are. Operations are counted by
PyTorch's own `FlopCounterMode`; what it counted between two watched nodes belongs to the second.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from tsviz.errors import Diagnostic, UsageError
from tsviz.ir import Graph, SubgraphRef, iter_block
from tsviz.jit import natives
from tsviz.jit.callstack import iter_native_nodes


@dataclass(slots=True)
class Observation:
    """What one run showed.

    Attributes:
        tensors: value id → dtype and shape such as `f32[1, 3, 8, 8]`; a dimension that changed
            between iterations of a loop is `?`.
        flops: node id → floating point operations over the whole run; only of nodes for which
            PyTorch counts any.
    """

    tensors: dict[int, str] = field(default_factory=dict[int, str])
    flops: dict[int, float] = field(default_factory=dict[int, float])


def observe(
    native: object,
    method: str,
    graph: Graph,
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> Observation:
    """Runs the entry point once and reports what flowed through `graph`.

    Raises:
        UsageError: `TSV-U11` the example inputs do not fit the entry point's signature.
        RuntimeError, torch.jit.Error: what the model itself raises.
    """
    target = copy.deepcopy(native) if natives.is_script_module(native) else native
    watched = natives.inlined_graph(target, method)
    stack = _stack_of(target, method, args, kwargs)
    if len(stack) != len(list(watched.inputs())):
        raise UsageError(_mismatch(len(list(watched.inputs())), len(stack)))
    watch = _Watch(graph)
    watch.insert(watched)
    with torch.random.fork_rng(), torch.no_grad(), watch.counter, _watching(watch):
        torch._C._jit_interpret_graph(watched, stack)
    return watch.result


class _Watch:
    def __init__(self, graph: Graph) -> None:
        self.result = Observation()
        self.counter = FlopCounterMode(display=False)
        self.graph = graph
        self.owners: list[tuple[int, int]] = []
        self.shapes: dict[int, tuple[str, tuple[int | None, ...]]] = {}
        self.counted = 0

    def insert(self, watched: "torch._C.Graph") -> None:
        """Puts a watching op after every node that yields a tensor."""
        _register()
        unset = _uninitialized(watched)
        natives_ = list(iter_native_nodes(watched))
        inner = _in_subgraphs(self.graph)
        nodes = [node for node in self.graph.nodes.values() if node.id not in inner]
        for value, live in zip(self.graph.block.params, list(watched.inputs()), strict=True):
            self._watch_value(watched, live, value, 0, None, unset)
        for node, live in zip(nodes, natives_, strict=True):
            for value, output in zip(node.outputs, list(live.outputs()), strict=True):
                self._watch_value(watched, output, value, node.id, live, unset)

    def _watch_value(
        self,
        watched: "torch._C.Graph",
        live: "torch._C.Value",
        value: int,
        node: int,
        after: "torch._C.Node | None",
        unset: set[int],
    ) -> None:
        if live.type().kind() != "TensorType" or live.unique() in unset:
            return
        at = after if after is not None else next(iter(watched.nodes()), None)
        if at is None:
            return
        with watched.insert_point_guard(at):
            number = watched.insertConstant(len(self.owners))
        probe = watched.create("tsviz_probe::see", [live, number], 0)
        probe.copyMetadata(at)
        if after is None:
            probe.insertBefore(at)
        else:
            number.node().moveAfter(after)
            probe.insertAfter(number.node())
        self.owners.append((node, value))

    def see(self, tensor: object, number: int) -> None:
        node, value = self.owners[number]
        dtype, shape = type(tensor).__name__, tuple[int | None, ...]()
        if isinstance(tensor, torch.Tensor):
            dtype, shape = natives.short_dtype(tensor), tuple(tensor.shape)
        known = self.shapes.get(value)
        if known is not None and len(known[1]) == len(shape):
            shape = tuple(a if a == b else None for a, b in zip(known[1], shape, strict=True))
        self.shapes[value] = (dtype, shape)
        sizes = ", ".join("?" if size is None else str(size) for size in shape)
        self.result.tensors[value] = f"{dtype}[{sizes}]"
        total = self.counter.get_total_flops()
        if total > self.counted and node:
            self.result.flops[node] = self.result.flops.get(node, 0.0) + total - self.counted
        self.counted = total


_active: list[_Watch] = []


class _watching:  # noqa: N801 (reads as a phrase in `with`)
    def __init__(self, watch: _Watch) -> None:
        self.watch = watch

    def __enter__(self) -> None:
        _active.append(self.watch)

    def __exit__(self, *_: object) -> None:
        _active.remove(self.watch)


@cache
def _register() -> "torch.library.Library":
    library = torch.library.Library("tsviz_probe", "FRAGMENT")
    library.define("see(Any x, int number) -> ()")  # a scalar tensor may arrive as a number
    library.impl("see", _see, "CompositeExplicitAutograd")
    return library


def _see(tensor: object, number: int) -> None:
    _active[-1].see(tensor, number)


def _stack_of(
    target: object, method: str, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[object, ...]:
    """Arguments in the order of the graph's inputs, defaults filled in."""
    schema = natives.find_graph_function(target, method).schema  # type: ignore[attr-defined]
    declared = list(schema.arguments)
    stack: list[object] = []
    if natives.is_script_module(target):
        stack.append(target._c)  # type: ignore[attr-defined]
        declared = declared[1:]
    for at, argument in enumerate(declared):
        if at < len(args):
            stack.append(args[at])
        elif argument.name in kwargs:
            stack.append(kwargs[argument.name])
        elif argument.has_default_value():
            stack.append(argument.default_value)
    return tuple(stack)


def _mismatch(expected: int, got: int) -> Diagnostic:
    return Diagnostic(
        "TSV-U11",
        f"expected example inputs that fill the {expected} inputs of the graph, got {got}",
        help="pass the arguments the model is called with",
    )


def _in_subgraphs(graph: Graph) -> set[int]:
    return {
        inner.id
        for node in graph.nodes.values()
        for _, value in node.attributes
        if isinstance(value, SubgraphRef)
        for inner in iter_block(node.blocks[value.index])
    }


def _uninitialized(watched: "torch._C.Graph") -> set[int]:
    """Values that may hold `prim::Uninitialized`, which cannot be passed to Python: those it
    yields and, through the returns of blocks, the outputs of the If or Loop around."""
    found: set[int] = set()
    nodes = list(iter_native_nodes(watched))
    size = -1
    while size != len(found):
        size = len(found)
        for node in nodes:
            if node.kind() == "prim::Uninitialized":
                found.update(output.unique() for output in node.outputs())
            outputs = list(node.outputs())
            for block in node.blocks():
                returns = list(block.outputs())[-len(outputs) :] if outputs else []
                for returned, output in zip(returns, outputs, strict=False):
                    if returned.unique() in found:
                        found.add(output.unique())
                if node.kind() == "prim::Loop":
                    carried = list(block.inputs())[1:]
                    for output, param in zip(outputs, carried, strict=False):
                        if output.unique() in found:
                            found.add(param.unique())
    return found
