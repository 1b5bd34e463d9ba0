"""Where numbers part: which nodes are given the same and yield something else.

Two snapshots are run again and hand out values on the way. A value has a counterpart where the
other snapshot has the same one, or the one that the same node takes in its place. Only what lies
around the nodes that a pass touched is looked at, a few values a run.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from tsviz.ir import Graph, Node, diff_graphs, iter_block
from tsviz.jit.differences import Difference, difference
from tsviz.jit.emit import Emitter
from tsviz.jit.running import Runner

CONSTANT = "prim::Constant"
_VALUES_A_RUN = 16


@dataclass(frozen=True, slots=True)
class Piece:
    """What computes one value, from other values on.

    Attributes:
        nodes: in printed order, none of them in a block.
        given: ids of the values that it starts from.
    """

    nodes: tuple[Node, ...]
    given: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Divergence:
    """A value that differs although all that it is computed from agrees.

    Attributes:
        before, after: its id in both snapshots.
        nodes: ids of the nodes after that compute it and that passes touched, in printed order.
        difference: how far they are from each other.
    """

    before: int
    after: int
    nodes: tuple[int, ...]
    difference: Difference


@dataclass(frozen=True)
class Scene:
    """Two snapshots of one program that can be run, with the tolerance."""

    before: Graph
    after: Graph
    emitter: Emitter
    runner: Runner
    rtol: float
    atol: float

    @cached_property
    def counterparts(self) -> Mapping[int, int]:
        """Id of a value after → id of the value before that it should equal.

        Constants have none: they belong to what takes them.
        """
        return dict(_iter_counterparts(self.before, self.after))

    def probe(self, graph: Graph, values: Sequence[int]) -> list[object]:
        """Runs a snapshot; what some of its values outside of blocks are.

        Raises:
            Exception: what making or running it raises.
        """
        if not values:
            return []
        result = self.runner.run(self.emitter.emit(graph, values))
        return list(cast("tuple[object, ...]", result))

    def compare(self, expected: object, found: object) -> Difference:
        """How far two values are from each other."""
        return difference(expected, found, rtol=self.rtol, atol=self.atol)

    def find_divergences(self, touched: Sequence[int]) -> tuple[Divergence, ...]:
        """The first values that differ, on every way through the graph.

        Args:
            touched: ids of the nodes after that may be responsible.

        Raises:
            Exception: as `probe`.
        """
        owners = dict(_iter_owned(self.after))
        outer = {owners.get(node, node) for node in touched}
        suspects = list(_iter_suspects(self.after, self.counterparts, outer))
        needed = (value for end, piece in suspects for value in (end, *piece.given))
        known = (value for value in needed if value in self.counterparts)
        differences = self._compare_all(list(dict.fromkeys(known)))
        differ = {value for value, found in differences.items() if found.beyond}
        return tuple(
            Divergence(self.counterparts[end], end, nodes, differences[end])
            for end, piece in suspects
            if end in differ and differ.isdisjoint(piece.given)
            if (nodes := _named(piece, touched, owners))
        )

    def _compare_all(self, values: Sequence[int]) -> dict[int, Difference]:
        """How far each value after is from its counterpart; few are kept at a time."""
        found: dict[int, Difference] = {}
        for start in range(0, len(values), _VALUES_A_RUN):
            some = values[start : start + _VALUES_A_RUN]
            ours = self.probe(self.before, [self.counterparts[value] for value in some])
            theirs = self.probe(self.after, some)
            found.update(zip(some, map(self.compare, ours, theirs), strict=True))
        return found


def _named(piece: Piece, touched: Sequence[int], owners: Mapping[int, int]) -> tuple[int, ...]:
    inside = {node.id for node in piece.nodes}
    return tuple(node for node in touched if owners.get(node, node) in inside)


def _iter_owned(graph: Graph) -> Iterator[tuple[int, int]]:
    """(id of a node in a block, id of the node outside of blocks that holds it)."""
    for owner in graph.block.nodes:
        for block in owner.blocks:
            yield from ((node.id, owner.id) for node in iter_block(block))


def _iter_suspects(
    graph: Graph, counterparts: Container[int], touched: set[int]
) -> Iterator[tuple[int, Piece]]:
    scissors = Scissors(graph, counterparts)
    for node in graph.block.nodes:
        for value in node.outputs:
            if value in counterparts:
                piece = scissors.cut(value)
                if any(inside.id in touched for inside in piece.nodes):
                    yield value, piece


class Scissors:
    """Cuts pieces out of a graph."""

    def __init__(self, graph: Graph, stops: Container[int]) -> None:
        """Takes the ids of the values at which pieces begin."""
        self._graph, self._stops = graph, stops
        self._outer = _outer_values(graph)
        self._order = {node.id: at for at, node in enumerate(graph.block.nodes)}

    def cut(self, end: int) -> Piece:
        """What computes the value `end`."""
        nodes: dict[int, Node] = {}
        given: dict[int, None] = {}
        todo: list[Node] = []
        if end in self._graph.producers:
            todo.append(self._graph.producers[end])
        else:
            given[end] = None
        while todo:
            node = todo.pop()
            if node.id in nodes:
                continue
            nodes[node.id] = node
            for value in _iter_needed(node, self._outer):
                maker = self._graph.producers.get(value)
                if value in self._stops or maker is None:
                    given[value] = None
                else:
                    todo.append(maker)
        return Piece(
            tuple(sorted(nodes.values(), key=lambda node: self._order[node.id])), tuple(given)
        )


def _iter_needed(node: Node, outer: Container[int]) -> Iterator[int]:
    """The values outside of blocks that a node takes, in its blocks, too."""
    yield from node.inputs
    for block in node.blocks:
        for value in block.returns:
            if value in outer:
                yield value
        for inside in iter_block(block):
            yield from (value for value in inside.inputs if value in outer)
            yield from (v for b in inside.blocks for v in b.returns if v in outer)


def _outer_values(graph: Graph) -> set[int]:
    made = (value for node in graph.block.nodes for value in node.outputs)
    return {*graph.block.params, *made}


def _iter_counterparts(before: Graph, after: Graph) -> Iterator[tuple[int, int]]:
    """(value after, value before): the same one, or the one that a node takes in its place."""
    old, new, known = _comparable(before), _comparable(after), _outer_values(before)
    for change in diff_graphs(before, after).changed:
        for edit in change.edits:
            was, now = edit.before, edit.after
            if edit.what not in ("input", "return") or now in known:
                continue
            if isinstance(was, int) and isinstance(now, int) and was in old and now in new:
                yield now, was
    yield from ((value, value) for value in new & old)


def _comparable(graph: Graph) -> set[int]:
    return {
        value
        for value in _outer_values(graph)
        if not (value in graph.producers and graph.producers[value].op == CONSTANT)
        and "__torch__" not in graph.types[value].text
        and graph.types[value].text != "Function"
    }
