"""`tsviz.diff`: what differs between two programs, or two snapshots of one.

Snapshots of one program share their nodes' ids, and ids tell what became of each. Two programs
share none: first it is found which nodes correspond, by what they compute and by their scope.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from tsviz.comparison.words import describe_edits
from tsviz.display import renderer
from tsviz.frontends import Program, find_model_frame
from tsviz.frontends.given import program_of
from tsviz.ir import Edit, Graph, TensorRef, adopt_ids, diff_graphs, hash_graph, match_nodes
from tsviz.location import FileRange, How

if TYPE_CHECKING:
    import pandas

_GRAPH = 0
"""Stands for the graph itself, with what it takes and returns, where a node's id would."""


class Kind(StrEnum):
    """In what way a node differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class NodeDiff:
    """A node that differs.

    Attributes:
        kind: in what way.
        op: its op; `graph` for the graph itself.
        before, after: its ids on both sides, `None` where it is not; 0 is the graph itself.
        scope: path of the module call it belongs to, after if it is there.
        line_before, line_after: its model lines, where they are known.
        edits: what changed in it; of values that both sides have, the ids are those before.
        words: the same in words.
    """

    kind: Kind
    op: str
    before: int | None
    after: int | None
    scope: str
    line_before: FileRange | None
    line_after: FileRange | None
    edits: tuple[Edit, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class ProgramDiff:
    """What leads from one program to another.

    Names, ids, lines and scopes are no differences.

    Attributes:
        title_before, title_after: what was compared.
        before, after: the graphs.
        pairs: id of a node before → id of the node after that corresponds to it.
        added, removed, changed, moved: the nodes that differ, in printed order; one that changed
            and moved is in both.
        left_out: what was not compared, in words.
    """

    title_before: str
    title_after: str
    before: Graph
    after: Graph
    pairs: Mapping[int, int]
    added: tuple[NodeDiff, ...] = ()
    removed: tuple[NodeDiff, ...] = ()
    changed: tuple[NodeDiff, ...] = ()
    moved: tuple[NodeDiff, ...] = ()
    left_out: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.nodes)

    @property
    def nodes(self) -> tuple[NodeDiff, ...]:
        """All nodes that differ."""
        return (*self.removed, *self.added, *self.changed, *self.moved)

    @property
    def summary(self) -> str:
        """How many nodes differ, and how."""
        counts = {kind: len(getattr(self, kind)) for kind in Kind}
        found = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
        return found or f"the same {len(self.before.nodes):,} nodes"

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a node that differs: kind, op, scope, lines, what changed."""
        return renderer("diff_dataframe")(self)

    def __str__(self) -> str:
        return renderer("diff_text")(self)

    def __repr__(self) -> str:
        return f"<ProgramDiff {self.title_before} → {self.title_after}: {self.summary}>"


def diff(before: object, after: object) -> ProgramDiff:
    """What differs between two programs, in the structure of their entry points' graphs.

    Args:
        before, after: two versions of a model: each a `Program`, anything `tsviz.capture` takes,
            a path that `tsviz.open` takes, or a snapshot of a `PassTrace`, such as `trace.last`.

    Raises:
        TsvizError: as `capture` and `open`.
    """
    return _Comparison(_read(before), _read(after)).result()


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: its graph, and what else there is to it that is not compared."""

    title: str
    graph: Graph
    weights: int = 0
    methods: frozenset[str] = frozenset()

    def line(self, node: int | None) -> FileRange | None:
        link = None if node is None else self.graph.links.get(node)
        unknown = link is None or link.how is How.NONE
        return None if unknown or link is None else find_model_frame(link.location)


def _read(given: object) -> _Side:
    if isinstance(given, Graph):
        return _Side(given.name, given)
    program = program_of(given)
    weights = sum(weight.kind != "constant" for weight in program.weights)
    where = f"{given} ({program.name})" if isinstance(given, (str, Path)) else program.name
    return _Side(where, program.graph, weights, frozenset(_other_methods(program)))


def _other_methods(program: Program) -> Iterator[str]:
    """The methods of the model itself beside its entry point."""
    for name in program.methods:
        owner, _, method = name.rpartition(".")
        is_own = bool(program.modules) and owner == program.modules[0].type_name
        if is_own and method != program.method and not method.startswith("__"):
            yield method


def _match(before: Graph, after: Graph) -> dict[int, int]:
    """Which nodes correspond; graphs of one hash are the same node by node."""
    if hash_graph(before) == hash_graph(after):
        return dict(zip(before.nodes, after.nodes, strict=True))
    return match_nodes(before, after)


class _Comparison:
    """Two graphs whose nodes are paired."""

    def __init__(self, old: _Side, new: _Side) -> None:
        self._old, self._new = old, new
        shared = old.graph.nodes.keys() & new.graph.nodes.keys()
        if shared:
            self._pairs = {node: node for node in old.graph.nodes if node in shared}
            self._after = new.graph
        else:
            self._pairs = _match(old.graph, new.graph)
            self._after = adopt_ids(old.graph, new.graph, self._pairs)
        self._ids_after = dict(zip(self._after.nodes, new.graph.nodes, strict=True))

    def result(self) -> ProgramDiff:
        found = diff_graphs(self._old.graph, self._after)
        return ProgramDiff(
            title_before=self._old.title,
            title_after=self._new.title,
            before=self._old.graph,
            after=self._new.graph,
            pairs=self._pairs,
            added=tuple(self._node(Kind.ADDED, node) for node in found.added),
            removed=tuple(self._node(Kind.REMOVED, node) for node in found.removed),
            changed=tuple(
                self._node(Kind.CHANGED, change.node, change.edits) for change in found.changed
            ),
            moved=tuple(self._node(Kind.MOVED, node) for node in found.moved),
            left_out=tuple(self._left_out()),
        )

    def _node(self, kind: Kind, identity: int, edits: tuple[Edit, ...] = ()) -> NodeDiff:
        old, new = self._old, self._new
        before = identity if identity == _GRAPH or identity in old.graph.nodes else None
        after = _GRAPH if identity == _GRAPH else self._ids_after.get(identity)
        side, known = (old, before) if after is None else (new, after)
        return NodeDiff(
            kind=kind,
            op="graph" if identity == _GRAPH else side.graph.nodes[known or 0].op,
            before=before,
            after=after,
            scope=side.graph.scopes.get(known or 0, ""),
            line_before=old.line(before),
            line_after=new.line(after),
            edits=edits,
            words=describe_edits(edits, old.graph, self._after),
        )

    def _left_out(self) -> Iterator[str]:
        old, new = self._old, self._new
        if old.weights or new.weights:
            yield f"the numbers of the weights ({old.weights:,} before, {new.weights:,} after)"
        others = sorted(old.methods | new.methods)
        if others:
            yield f"other methods: {', '.join(others)}"
        unseen = sum(self._is_unseen(*pair) for pair in self._pairs.items())
        if unseen:
            yield f"the numbers of {unseen:,} tensors in the graph, which are not known on one side"

    def _is_unseen(self, before: int, after: int) -> bool:
        sides = ((self._old.graph, before), (self._new.graph, after))
        tensors = [
            (graph, node, graph.nodes[node].find_attribute("value")) for graph, node in sides
        ]
        return any(
            isinstance(tensor, TensorRef) and not (tensor.digest or graph.digests.get(node))
            for graph, node, tensor in tensors
        )
