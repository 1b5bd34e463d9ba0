"""From printed graphs to snapshots: one after the other, with the identity of every node kept.

Snapshots share what they have in common: nodes that no pass touched are one object, links and
scopes are one table, and so are values and types of one program as long as they agree.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from tsviz.ir import Block, Graph, Type, Value, comment_place, read_graph
from tsviz.jit.tags import read_tags
from tsviz.location import How, Link
from tsviz.passes.gradients import find_gradients
from tsviz.passes.identity import carry_ids
from tsviz.passes.origins import Tagged, find_origins
from tsviz.passes.records import Action, Origin

_ORDER = tuple(How)


@dataclass(slots=True)
class Line:
    """The snapshots of one program in the order in which they were printed.

    Attributes:
        current: the last of them.
        values, types: tables that snapshots share; they may tell of more than one graph holds.
        text: as the last was printed, "" before the first.
    """

    current: Tagged
    values: dict[int, Value]
    types: dict[int, Type]
    text: str = ""


@dataclass(slots=True)
class Snapshots:
    """What all snapshots of a trace share.

    Attributes:
        links, scopes: of every node that any of them has.
        digests: of the constants of the first graph.
        files: the model's own; what is called and not inlined keeps its ranges in them.
    """

    links: dict[int, Link]
    scopes: dict[int, str]
    digests: Mapping[int, str]
    files: Container[str] = ()

    @classmethod
    def of(cls, first: Graph, files: Container[str] = ()) -> "Snapshots":
        """The tables of a trace that begins with `first`."""
        return cls(dict(first.links), dict(first.scopes), first.digests, files)

    def follow(self, line: Line, text: str) -> tuple[Graph, tuple[Origin, ...]]:
        """Reads the next snapshot of a line.

        Returns:
            The graph, the same object as before if nothing changed, and the origins of its new
            nodes.
        """
        before = line.current
        if text == line.text:
            return before.graph, ()
        reading = read_graph(text, before.graph.name)
        found = read_tags(reading.comments)
        carried = carry_ids(before.graph, before.tags, reading.graph, found)
        graph = self._joined(line, carried)
        line.text = text
        if graph.block is before.graph.block and graph.types is before.graph.types:
            line.current = Tagged(replace(before.graph, values=graph.values), before.tags)
            return before.graph, ()
        ids = dict(zip(reading.graph.nodes, graph.nodes, strict=True))
        after = Tagged(graph, {ids[node]: tag for node, tag in found.items()})
        origins = find_origins(before, after)
        for node, comment in reading.comments.items():
            place = None if node in found else comment_place(comment)
            if place is not None and place.file in self.files:
                self.links[ids[node]] = Link(place, How.EXACT)
        self._link(after.graph, origins)
        line.current = after
        return after.graph, origins

    def begin_backward(
        self, line: Line, text: str, forward: Sequence[int]
    ) -> tuple[Graph, tuple[Origin, ...]]:
        """Reads a backward graph, the first of its line.

        Args:
            forward: for its nodes, in printed order, the node each is the gradient of, or 0; nodes
                at the end may be missing.

        Returns:
            As `follow`.
        """
        graph = self._joined(line, read_graph(text, line.current.graph.name).graph)
        origins = find_gradients(graph, forward)
        self._link(graph, origins)
        line.current, line.text = Tagged(graph, {}), text
        return graph, origins

    def _joined(self, line: Line, graph: Graph) -> Graph:
        line.values = _merged(line.values, graph.values)
        line.types = _merged(line.types, graph.types)
        return replace(
            graph,
            values=line.values,
            types=line.types,
            links=self.links,
            scopes=self.scopes,
            digests=self.digests,
        )

    def _link(self, graph: Graph, origins: tuple[Origin, ...]) -> None:
        """Gives new nodes the line and the module of what they come from."""
        for origin in origins:
            if origin.action is Action.MOVED or origin.node in self.links:
                continue
            source = next((s for s in origin.sources if s in self.links), None)
            if source is None:
                continue
            known = self.links[source]
            how = max(origin.how, known.how, key=_ORDER.index)
            self.links[origin.node] = Link(known.location, how)
            if source in self.scopes:
                self.scopes[origin.node] = self.scopes[source]


_T = TypeVar("_T")


def _merged(table: dict[int, _T], more: Mapping[int, _T]) -> dict[int, _T]:
    """The table with more in it; another one if the two do not agree.

    Earlier snapshots hold the old one, so it must not change for the keys they use.
    """
    if any(table.get(key, value) != value for key, value in more.items()):
        table = {**table, **more}
    else:
        table.update(more)
    return table


def first_line(graph: Graph, text: str) -> Line:
    """The line of snapshots that begins with a graph as it was imported.

    Args:
        graph: with its ids and links.
        text: the same graph, printed with tags.
    """
    reading = read_graph(text, graph.name)
    tags = read_tags(reading.comments)
    nodes = zip(reading.graph.iter_nodes(), graph.iter_nodes(), strict=True)
    tagged = Tagged(graph, {node.id: tags[read.id] for read, node in nodes if read.id in tags})
    return Line(tagged, dict(graph.values), dict(graph.types))


def part_line(group: Tagged | None, whole: Graph) -> Line:
    """The line of snapshots of a part of a program that is compiled by itself.

    Args:
        group: what the part is a copy of, if anything.
        whole: the program.
    """
    return Line(group or Tagged(empty_graph(whole), {}), {}, {})


def empty_graph(graph: Graph) -> Graph:
    """A graph without nodes that shares all tables."""
    return replace(graph, block=Block((), (), ()))
