"""Recorded steps, done again with the passes that PyTorch binds.

The snapshot before a step is emitted, the passes are applied to it, and what comes out is held
against the snapshot that was recorded after the step.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any

import torch

from tests.passes.comparing import normalised
from tsviz.errors import PassError
from tsviz.ir import Graph, read_graph
from tsviz.jit.emit import Emitter
from tsviz.jit.natives import inlined_graph
from tsviz.jit.walking import print_graph
from tsviz.passes import PassRecord, PassTrace

Apply = Callable[[Any], Any]


def _bound(name: str, *arguments: object) -> Apply:
    return lambda graph: getattr(torch._C, f"_jit_pass_{name}")(graph, *arguments)


def _fold(graph: Any) -> None:
    """As `OptimizeFrozenGraph` does it."""
    folds = [_bound(f"fold_frozen_{what}") for what in _FOLDS]
    while sum(bool(fold(graph)) for fold in folds):
        pass


_FOLDS = ("conv_bn", "conv_add_or_sub", "conv_mul_or_div", "linear_bn")
_ERASE = "RemoveTensorTypeSpecializations"
BOUND: dict[str, Apply] = {
    "inlining": _bound("inline"),
    "Inline": _bound("inline"),
    "Peephole": _bound("peephole", True),
    "ConstantPropagationImmutableTypes": _bound("constant_propagation_immutable_types"),
    "Autocast": _bound("autocast"),
    "EraseShapeInformation": _bound("erase_shape_information"),
    "RemoveExpands": _bound("remove_expands"),
    "CanonicalizeOps": _bound("canonicalize_graph_fuser_ops"),
    "EliminateDeadCode": _bound("dce"),
    "DecomposeOps": _bound("decompose_ops"),
    "ConstantPropagation": _bound("constant_propagation"),
    "EliminateCommonSubexpression": _bound("cse"),
    "ConstantPooling": _bound("constant_pooling"),
    "PeepholeOptimize": _bound("peephole", False),
    "specializeAutogradZero": _bound("specialize_autogradzero"),
    "UnrollLoops": _bound("loop_unrolling"),
    "UnrollConstantLoops": _bound("constant_loop_unrolling"),
    "CreateAutodiffSubgraphs": _bound("create_autodiff_subgraphs"),
    "BatchMM": _bound("batch_mm"),
    "Fusion": _bound("fuse_tensorexprs"),  # the binding erases types, too: see `_successor`
    "FrozenConcatLinear": _bound("concat_frozen_linear"),
    "FoldFrozenConvAndLinear": _fold,
    "FuseFrozenConvAddRelu": _bound("fuse_frozen_conv_add_relu"),
    "ConvertFrozenOpsToMKLDNN": _bound("convert_frozen_ops_to_mkldnn"),
    "FrozenLinearTranspose": _bound("transpose_frozen_linear"),
}
"""What the log calls a pass, and the same as PyTorch binds it."""


TRIES = 12


@dataclass(frozen=True)
class Replayed:
    """One step, done again.

    Attributes:
        index: of the record.
        name: of its passes.
        is_emitted: whether the snapshot before it could be made again.
        is_equal: whether the passes gave the snapshot after it.
        reason: why not: what stands in the way, or the first lines that differ.
    """

    index: int
    name: str
    is_emitted: bool
    is_equal: bool
    reason: str = ""


def is_bound(record: PassRecord) -> bool:
    """Whether every pass of a step has a binding."""
    return all(name in BOUND for name in record.name.split(" + "))


def iter_replayed(trace: PassTrace) -> Iterator[Replayed]:
    """Does all steps again that can be, each from its recorded predecessor."""
    emissions = _Emissions(trace)
    for record in filter(is_bound, trace):
        before, reason = emissions.emit(record)
        if before is None:
            yield Replayed(record.index, record.name, False, False, reason)
            continue
        reason = _apply(record.name, before, _successor(trace, record))
        yield Replayed(record.index, record.name, True, not reason, reason)


def _apply(names: str, before: Any, after: Graph) -> str:
    """The difference of what the passes give, "" if there is none.

    Propagating and folding constants walk sets that are ordered by addresses: the same pass gives
    the same graph another order the next time. So it is tried until both came out alike.
    """
    reason = ""
    for _ in range(TRIES):
        live = before.copy()
        for name in names.split(" + "):
            BOUND[name](live)
        reason = _difference(after, live)
        if not reason:
            break
    return reason


def _successor(trace: PassTrace, record: PassRecord) -> Graph:
    if record.name != "Fusion":
        return record.after
    later = (item for item in trace[record.index + 1 :] if item.part == record.part)
    return next(item.after for item in later if item.name == _ERASE)


class _Emissions:
    """The last snapshot of every part, emitted, or the reason why it cannot be."""

    def __init__(self, trace: PassTrace) -> None:
        program = trace.program
        native = inlined_graph(program.native, program.method)
        self._emitter = Emitter(program.graph, native, program.native)
        for index, kept in trace.natives.items():
            self._emitter.learn(trace[index].after, kept)
        self._emitter.types.learn_type("Tensor[Undefined]", undefined_type())
        self._last: dict[int, tuple[Graph, Any, str]] = {}

    def emit(self, record: PassRecord) -> tuple[Any, str]:
        """What stands before a step, live, or why it does not."""
        last = self._last.get(record.part)
        if last is None or last[0] is not record.before:
            last = self._last[record.part] = (record.before, *self._emit(record.before))
        return last[1:]

    def _emit(self, graph: Graph) -> tuple[Any, str]:
        try:
            live = self._emitter.emit(graph, to_run=False)
        except PassError as error:
            return None, error.diagnostic.message
        other = _difference(graph, live)
        return (None, f"emitted otherwise: {other}") if other else (live, "")


def _difference(expected: Graph, live: Any) -> str:
    """The first lines that differ, "" if none does."""
    ours, theirs = normalised(expected), normalised(read_graph(print_graph(live)).graph)
    lines = zip_longest(ours.split("\n"), theirs.split("\n"), fillvalue="")
    pair = next((pair for pair in lines if pair[0] != pair[1]), None)
    return "" if pair is None else f"recorded {pair[0].strip()!r}, got {pair[1].strip()!r}"


@cache
def undefined_type() -> Any:
    """The type of a gradient that is not there, which PyTorch makes only as it profiles one."""

    def twice(x: torch.Tensor, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tanh(x * y), torch.tanh(x + y)

    x, y = (torch.ones(2, requires_grad=True) for _ in range(2))
    function = torch.jit.trace(twice, (x, y), check_trace=False)
    for _ in range(2):
        function(x, y)
    function(x, y)[0].sum().backward()
    profiled = torch._C._last_executed_optimized_graph()
    seen = (node for node in profiled.findAllNodes("prim::profile") if node.outputsSize())
    return next(kind for node in seen if (kind := node.ty("profiled_type")).undefined())
