"""`tsviz.diff`: what differs between two programs, or two snapshots of one.

Snapshots of one program share their nodes' ids, and ids tell what became of each. Two programs
share none: first it is found which nodes correspond, by what they compute and by their scope. Of
programs more than the graphs is compared: code, modules, attributes and weights.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tsviz.comparison.contents import compare_contents
from tsviz.comparison.differences import Kind, NodeDiff, ProgramDiff
from tsviz.comparison.words import describe_edits
from tsviz.frontends import Program, find_model_frame
from tsviz.frontends.given import program_of
from tsviz.ir import Edit, Graph, TensorRef, adopt_ids, diff_graphs, hash_graph, match_nodes
from tsviz.location import FileRange, How

_GRAPH = 0
"""Stands for the graph itself, with what it takes and returns, where a node's id would."""


def diff(before: object, after: object) -> ProgramDiff:
    """What differs between two programs: code, structure and weights, each by itself.

    Of snapshots, what differs between the graphs.

    Args:
        before, after: two versions of a model: each a `Program`, anything `tsviz.capture` takes,
            a path that `tsviz.open` takes, or a snapshot of a `PassTrace`, such as `trace.last`.

    Raises:
        ArchiveError: as `open`; `TSV-A23` to `TSV-A26` the tensors of an archive are not sound.
        TsvizError: as `capture`.
    """
    old, new = _read(before), _read(after)
    found = _Comparison(old, new).result()
    if old.program is None or new.program is None:
        return found
    contents, left_out = compare_contents(old.program, new.program)
    return replace(found, contents=contents, left_out=(*left_out, *found.left_out))


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: its graph, and the program if it is no snapshot."""

    title: str
    graph: Graph
    program: Program | None = None

    def line(self, node: int | None) -> FileRange | None:
        link = None if node is None else self.graph.links.get(node)
        unknown = link is None or link.how is How.NONE
        return None if unknown or link is None else find_model_frame(link.location)


def _read(given: object) -> _Side:
    if isinstance(given, Graph):
        return _Side(given.name, given)
    program = program_of(given)
    where = f"{given} ({program.name})" if isinstance(given, (str, Path)) else program.name
    return _Side(where, program.graph, program)


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
        sides = [side.program for side in (self._old, self._new) if side.program is not None]
        others = sorted({name for program in sides for name in _other_methods(program)})
        if others:
            yield f"the graphs of other methods: {', '.join(others)}"
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
