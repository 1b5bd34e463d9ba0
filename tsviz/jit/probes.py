"""Probes: ops inserted into a live graph through which a run of it can be watched.

An op that calls Python stands after every node that yields tensors, and at the start of every
block that takes some. Values of other types are left out (classes, functions and futures do not
all survive the way into Python), and so is what may hold `prim::Uninitialized`.
"""

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Protocol

import torch

from tsviz.ir import Block, Graph, Node, SubgraphRef
from tsviz.jit.internals import (
    JitType,
    create_node,
    define_op,
    element_types,
    insert_constant,
    type_of,
)
from tsviz.jit.walking import iter_native_nodes, live_nodes


class Listener(Protocol):
    """Hears of what runs; the forks of a program call from threads of their own."""

    def passed(self, node: int) -> None:
        """A node without tensors has run."""
        ...

    def saw(self, node: int, value: int, what: object) -> None:
        """A node (0: a block's parameter) yielded this."""
        ...


class Probes:
    """The probes of one graph; to be closed when nothing runs any more."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self._numbers: list[int] = []

    def insert(self, watched: torch._C.Graph, graph: Graph) -> None:
        """Inserts a probe wherever tensors are, the bodies of forks included.

        Args:
            watched: the live graph; it changes.
            graph: the same graph as it was imported.
        """
        _register()
        live = dict(zip(graph.nodes, live_nodes(watched, graph), strict=True))
        bodies = [(watched, graph.block)]
        while bodies:
            owner, body = bodies.pop()
            bodies += _Placement(owner, live, self._number).place(body)

    def close(self) -> None:
        """Forgets the listener."""
        for number in self._numbers:
            del _listening[number]

    def _number(self, node: int, value: int) -> int:
        number = next(_fresh)
        _listening[number] = (self.listener, node, value)
        self._numbers.append(number)
        return number


class _Numbered(Protocol):
    def __call__(self, node: int, value: int) -> int: ...


class _Placement:
    """One walk over a graph that places its probes; their constants go to its start."""

    def __init__(
        self, watched: torch._C.Graph, live: dict[int, torch._C.Node], number: _Numbered
    ) -> None:
        self.watched = watched
        self.live = live
        self.number = number
        self.start = next(iter(watched.nodes()), watched.return_node())
        self.unset = uninitialized(watched)

    def place(self, body: Block) -> list[tuple[torch._C.Graph, Block]]:
        """Places the probes and returns the bodies of forks, which are graphs of their own."""
        forks: list[tuple[torch._C.Graph, Block]] = []
        self._before(self.start, body, list(self.watched.inputs()))
        stack = list(body.nodes)
        while stack:
            node = stack.pop()
            live = self.live[node.id]
            fork = fork_body(node)
            if fork is not None:
                forks.append((live.g("Subgraph"), fork))
            else:
                for block, inner in zip(node.blocks, live.blocks(), strict=False):
                    first = next(iter(inner.nodes()), inner.returnNode())
                    self._before(first, block, list(inner.inputs()))
                    stack += block.nodes
            self._after(node, live)
        return forks

    def _before(self, first: torch._C.Node, block: Block, params: list[torch._C.Value]) -> None:
        for value, param in zip(block.params, params, strict=True):
            if self._is_watchable(param):
                self._see(0, value, param).insertBefore(first)

    def _after(self, node: Node, live: torch._C.Node) -> None:
        outputs = zip(node.outputs, list(live.outputs()), strict=True)
        probes = [
            self._see(node.id, value, output)
            for value, output in outputs
            if self._is_watchable(output)
        ]
        if not probes and _may_compute(node.op):
            probes = [create_node(self.watched, "tsviz_probe::passed", [self._constant(node.id)])]
        for probe in probes:
            probe.copyMetadata(live)  # so that the traceback of an exception stays true
            probe.insertAfter(live)

    def _see(self, node: int, value: int, live: torch._C.Value) -> torch._C.Node:
        return create_node(self.watched, "tsviz_probe::see", [live, self._constant(node, value)])

    def _constant(self, node: int, value: int = 0) -> torch._C.Value:
        with self.watched.insert_point_guard(self.start):
            return insert_constant(self.watched, self.number(node, value))

    def _is_watchable(self, value: torch._C.Value) -> bool:
        return value.unique() not in self.unset and _holds_tensors(type_of(value))


def _holds_tensors(kind: JitType) -> bool:
    """Whether a type is a tensor, or an optional, a list or a tuple of nothing but tensors."""
    inner = element_types(kind)
    return kind.kind() == "TensorType" or (bool(inner) and all(map(_holds_tensors, inner)))


def _may_compute(op: str) -> bool:
    return not op.startswith("prim::") or op in ("prim::CallMethod", "prim::CallFunction")


def fork_body(node: Node) -> Block | None:
    """The body of a fork, `None` of any other node."""
    reference = node.find_attribute("Subgraph") if node.op == "prim::fork" else None
    return node.blocks[reference.index] if isinstance(reference, SubgraphRef) else None


def uninitialized(watched: torch._C.Graph) -> set[int]:
    """Values that may hold `prim::Uninitialized`, which cannot be passed to Python.

    Those it yields, what is built of them and, through the returns of blocks, the outputs of the
    If or Loop around.
    """
    found: set[int] = set()
    nodes = list(iter_native_nodes(watched))
    size = -1
    while size != len(found):
        size = len(found)
        for node in nodes:
            found.update(_tainted(node, found))
    return found


def _tainted(node: torch._C.Node, found: set[int]) -> Iterator[int]:
    kind, outputs = node.kind(), list(node.outputs())
    built = kind in ("prim::TupleConstruct", "prim::ListConstruct")
    if kind == "prim::Uninitialized" or (
        built and any(value.unique() in found for value in node.inputs())
    ):
        yield from (output.unique() for output in outputs)
    for block in node.blocks():
        returns = list(block.outputs())[-len(outputs) :] if outputs else []
        carried = list(block.inputs())[1:] if kind == "prim::Loop" else []
        for at, returned in enumerate(returns):
            if returned.unique() in found:
                yield outputs[at].unique()
                if carried:
                    yield carried[at].unique()


# ── the ops ─────────────────────────────────────────────────────────────────────────────────────

_fresh = count()
_listening: dict[int, tuple[Listener, int, int]] = {}
"""Number of a probe → who listens, node and value."""


@cache
def _register() -> torch.library.Library:
    return define_op(
        "tsviz_probe",
        {
            "see(Any what, int number) -> ()": _see,
            "passed(int number) -> ()": _passed,
        },
    )


def _see(what: object, number: int) -> None:
    listener, node, value = _listening[number]
    listener.saw(node, value, what)


def _passed(number: int) -> None:
    listener, node, _ = _listening[number]
    listener.passed(node)
