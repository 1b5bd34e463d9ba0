"""Taps: ops inserted into a live graph through which a run of it is stepped.

Before every node, and at the head of every iteration of a loop, a run says where it is; whoever
listens may hold it there, as the op blocks the program's own thread. After every node its values
are shown. The interpreter runs the same nodes as ever, in the same order.

Which listener hears of a run is an argument of that run, and so are the switches that say which
taps call Python at all: a graph is tapped once and then runs as often as it must. Only where forks
run beside each other, which could not share a list, is each tap heard always. What a fork does is
waited for before the program goes on: that is one of the orders in which it may run, and the only
one that comes again.

Lists and dicts reach Python as copies. Those that the program changes are shown again whenever it
is about to be held.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol, cast

import torch

from tsviz.ir import Block, Graph, Node
from tsviz.jit.internals import insert_clone, type_of
from tsviz.jit.making import LiveBlock, insert_value, make_node, set_type
from tsviz.jit.marking import FUSED
from tsviz.jit.probes import fork_body, uninitialized
from tsviz.jit.standing import can_stand, stand_in
from tsviz.jit.switches import Layout, Wires
from tsviz.jit.tap_ops import register_taps
from tsviz.jit.types_shown import changes_container, scalar_type, why_hidden
from tsviz.jit.walking import live_nodes

SAID_ONCE = ("prim::Print", "aten::warn")
"""They tell the user something, and tell it once, however often a run is repeated."""

_CONSTANT, _LOOP = "prim::Constant", "prim::Loop"
_UNSTEPPED = (_CONSTANT, "prim::Uninitialized")
_UNSET = "it may be uninitialized: PyTorch fills it in only on some ways through the program"
_MOST_CONTAINERS = 16


@dataclass(slots=True)
class Tapped:
    """What is known of a tapped graph.

    Attributes:
        constants: value id → what a constant holds.
        hidden: value id → why it is not shown.
        changed: ids of the lists and dicts that the program writes into.
        layout: the switches; `None` where every tap is heard.
    """

    constants: dict[int, object] = field(default_factory=dict[int, object])
    hidden: dict[int, str] = field(default_factory=dict[int, str])
    changed: set[int] = field(default_factory=set[int])
    layout: Layout | None = None


def tap(
    native: torch._C.Graph, graph: Graph, edits: Iterable[int] = (), once: Iterable[int] = ()
) -> Tapped:
    """Inserts taps everywhere; the graph takes the number of a channel as one more argument.

    Without forks and fused groups it takes the switches, too. What runs fused groups holds Python's
    lock (see `interpreting`), and lets go of it in its taps.

    Args:
        native: the live graph; it changes.
        graph: the same graph as it was imported.
        edits: ids of the values that other ones may stand for.
        once: nodes for which what they gave in an earlier run may stand.
    """
    register_taps()
    live = dict(zip(graph.nodes, live_nodes(native, graph), strict=True))
    found = Tapped()
    bodies = [_Body(native, graph.block, _channel(native))]
    wires = None
    if not any(fork_body(node) or node.op in FUSED for node in graph.iter_nodes()):
        found.layout = Layout()
        wires = Wires(native, found.layout)
    while bodies:
        body = bodies.pop()
        bodies += _Placement(body, live, (frozenset(edits), frozenset(once)), found, wires).place()
    return found


@dataclass(frozen=True, slots=True)
class _Body:
    """A graph to be tapped: the program's, or that of a fork."""

    native: torch._C.Graph
    block: Block
    channel: torch._C.Value


def _channel(native: torch._C.Graph) -> torch._C.Value:
    made = native.addInput()
    set_type(made, scalar_type("IntType"))
    return made


@dataclass(frozen=True, slots=True)
class _Room:
    """A block to be tapped.

    Attributes:
        loop: id of the loop that it is the body of, or 0.
        containers: the lists and dicts in sight that the program changes.
    """

    block: Block
    live: "_LiveBlock"
    loop: int
    like: torch._C.Node
    containers: dict[int, torch._C.Value]


class _LiveBlock(LiveBlock, Protocol):
    """What is asked of a live block."""

    def nodes(self) -> Iterator[torch._C.Node]: ...
    def inputs(self) -> Iterator[torch._C.Value]: ...
    def returnNode(self) -> torch._C.Node: ...  # noqa: N802 (PyTorch's name)


class _Placement:
    """One walk over a graph that places its taps."""

    def __init__(
        self,
        body: _Body,
        live: dict[int, torch._C.Node],
        edits: tuple[frozenset[int], frozenset[int]],
        found: Tapped,
        wires: Wires | None,
    ) -> None:
        self.native, self.channel = body.native, body.channel
        self.body = body
        self.live = live
        self.edits, self.once = edits
        self.found = found
        self.wires = wires
        self.unset = uninitialized(body.native)
        self.changed = {
            self.live[node.id].inputsAt(0).unique()
            for node in _own_nodes(body.block)
            if node.inputs and changes_container(self.live[node.id])
        }
        self.forks: list[_Body] = []

    def place(self) -> list[_Body]:
        """Places the taps and returns the bodies of forks, which are graphs of their own."""
        block = self.body.block
        outermost = cast("_LiveBlock", self.native.block())
        rooms = [_Room(block, outermost, 0, self.native.return_node(), {})]
        while rooms:
            rooms += self._room(rooms.pop())
        return self.forks

    def _room(self, room: _Room) -> list[_Room]:
        """Places the taps of one block and returns those inside it."""
        nodes = [self.live[node.id] for node in room.block.nodes]
        ending = room.live.returnNode()
        following = [*nodes, ending]
        containers = dict(room.containers)
        with self.native.insert_point_guard(following[0]):
            for value, param in zip(room.block.params, room.live.inputs(), strict=False):
                self._see(value, param, room.like, containers)
            if room.loop:
                self._arrive(-room.loop, room.like, containers)
        inner: list[_Room] = []
        for node, live, after in zip(room.block.nodes, nodes, following[1:], strict=True):
            inner += self._node(node, live, after, containers)
        with self.native.insert_point_guard(ending):
            self._edit(room.block.returns, ending)
            if room.block is self.body.block:
                self._refresh(containers, ending)
        return inner

    def _node(
        self,
        node: Node,
        live: torch._C.Node,
        after: torch._C.Node,
        containers: dict[int, torch._C.Value],
    ) -> list[_Room]:
        if node.op in _UNSTEPPED:
            if node.op == _CONSTANT:
                self.found.constants[node.outputs[0]] = live.output().toIValue()
            return []
        with self.native.insert_point_guard(live):
            self._arrive(node.id, live, containers)
            self._edit(node.inputs, live)
        inside = dict(containers)
        fork = fork_body(node)
        with self.native.insert_point_guard(after):
            if node.id in self.once and can_stand(live):
                live = stand_in(self.native, live, self.channel)
            if fork is not None:
                self._call("join", [live.output()], live)
            for value, output in zip(node.outputs, live.outputs(), strict=True):
                self._see(value, output, live, containers)
        if fork is not None:
            self._enter(fork, live)
            return []
        if node.op in SAID_ONCE:
            self._say_once(live)
            return []
        loop = node.id if node.op == _LOOP else 0
        blocks = zip(node.blocks, list(live.blocks()), strict=False)
        return [
            _Room(block, cast("_LiveBlock", inner), loop, live, inside) for block, inner in blocks
        ]

    def _enter(self, fork: Block, live: torch._C.Node) -> None:
        """Hands the channel on to the body of a fork."""
        subgraph = cast("_Fork", live).g("Subgraph")
        cast("_Fork", live).addInput(self.channel)
        self.forks.append(_Body(subgraph, fork, _channel(subgraph)))

    # ── single taps ──────────────────────────────────────────────────────────────────────────

    def _call(self, name: str, inputs: list[torch._C.Value], like: torch._C.Node) -> None:
        self._make(f"tsviz_tap::{name}", [self.channel, *inputs], 0, like)

    def _ask(
        self, name: str, inputs: list[torch._C.Value], kind: str, like: torch._C.Node
    ) -> torch._C.Value:
        made = self._make(f"tsviz_tap::{name}", [self.channel, *inputs], 1, like)
        set_type(made.output(), scalar_type(kind))
        return made.output()

    def _make(
        self, op: str, inputs: list[torch._C.Value], outputs: int, like: torch._C.Node
    ) -> torch._C.Node:
        made = cast("torch._C.Node", make_node(self.native, op, inputs, outputs))
        made.copyMetadata(like)  # so that tracebacks stay true
        return made

    def _maker(
        self, like: torch._C.Node
    ) -> Callable[[str, list[torch._C.Value], int], torch._C.Node]:
        return lambda op, inputs, outputs: self._make(op, inputs, outputs, like)

    def _number(self, number: int) -> torch._C.Value:
        return insert_value(self.native, number)

    def _arrive(
        self, number: int, like: torch._C.Node, containers: dict[int, torch._C.Value]
    ) -> None:
        if self.wires is None:
            self._hear(number, like, containers)
            return
        asked = self.wires.arrive(number, self._maker(like))
        with self._inside(self._branch(asked, like)[0]):
            self._hear(number, like, containers)

    def _hear(
        self, number: int, like: torch._C.Node, containers: dict[int, torch._C.Value]
    ) -> None:
        if not containers:
            self._call("stop", [self._number(number)], like)
            return
        held = self._ask("arrive", [self._number(number)], "BoolType", like)
        then, _ = self._branch(held, like)
        with self._inside(then):
            self._refresh(containers, like)
            self._call("hold", [], like)

    def _refresh(self, containers: dict[int, torch._C.Value], like: torch._C.Node) -> None:
        for value, container in list(containers.items())[-_MOST_CONTAINERS:]:
            self._call("refresh", [container, self._number(value)], like)

    def _see(
        self,
        value: int,
        live: torch._C.Value,
        like: torch._C.Node,
        containers: dict[int, torch._C.Value],
    ) -> None:
        reason = _UNSET if live.unique() in self.unset else why_hidden(type_of(live))
        if reason:
            self.found.hidden[value] = reason
            return
        if live.unique() in self.changed:
            containers[value] = live
            self.found.changed.add(value)
        if self.wires is None:
            self._call("see", [live, self._number(value)], like)
            return
        with self._inside(self._branch(self.wires.show(value, self._maker(like)), like)[0]):
            self._call("see", [live, self._number(value)], like)

    def _say_once(self, live: torch._C.Node) -> None:
        with self.native.insert_point_guard(live):
            then, _ = self._branch(self._ask("is_new", [], "BoolType", live), live)
            with self._inside(then):
                insert_clone(self.native, live, lambda value: value)
        live.destroy()

    def _branch(
        self, condition: torch._C.Value, like: torch._C.Node
    ) -> tuple[LiveBlock, LiveBlock]:
        """A new If without outputs."""
        made = self._make("prim::If", [condition], 0, like)
        return cast("_Fork", made).addBlock(), cast("_Fork", made).addBlock()

    def _inside(self, block: LiveBlock) -> AbstractContextManager[object]:
        guard = self.native.insert_point_guard(cast("torch._C.Block", block))
        return cast("AbstractContextManager[object]", guard)

    # ── edits ────────────────────────────────────────────────────────────────────────────────

    def _edit(self, values: tuple[int, ...], live: torch._C.Node) -> None:
        """Has a node take what stands for its inputs."""
        inputs = list(live.inputs())
        for at, value in enumerate(values):
            if value in self.edits:
                cast("_Fork", live).replaceInput(at, self._chosen(value, inputs[at], live))

    def _chosen(self, value: int, live: torch._C.Value, like: torch._C.Node) -> torch._C.Value:
        """The value itself, or the one that stands for it now."""
        kind, number = type_of(live), self._number(value)
        is_edited = self._ask("is_edited", [number], "BoolType", like)
        made = self._make("prim::If", [is_edited], 1, like)
        then, other = cast("_Fork", made).addBlock(), cast("_Fork", made).addBlock()
        with self._inside(then):
            given = self._ask("edited", [number], "AnyType", like)
            fitting = self._make("prim::unchecked_cast", [given], 1, like).output()
            set_type(fitting, kind)
        then.registerOutput(fitting)
        other.registerOutput(live)
        set_type(made.output(), kind)
        return made.output()


class _Fork(Protocol):
    """What is asked of a live node whose inputs or blocks change."""

    def g(self, name: str) -> torch._C.Graph: ...
    def addInput(self, value: torch._C.Value) -> torch._C.Value: ...  # noqa: N802 (PyTorch's name)
    def addBlock(self) -> LiveBlock: ...  # noqa: N802 (PyTorch's name)
    def replaceInput(self, at: int, value: torch._C.Value) -> object: ...  # noqa: N802


def _own_nodes(block: Block) -> Iterator[Node]:
    """The nodes of a graph without those of forks, which are graphs of their own."""
    stack = list(block.nodes)
    while stack:
        node = stack.pop()
        yield node
        if fork_body(node) is None:
            stack += [inner for block in node.blocks for inner in block.nodes]
