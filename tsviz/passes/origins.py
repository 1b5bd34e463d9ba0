"""Where the new nodes of a snapshot come from.

The compiler marks most of them itself: a pass gives what it makes the source range of what it made
it from, and tags ride in source ranges. For the rest the graphs tell: what a surviving node takes
where it took another before stands in the other's place; what is left was made for the nodes near
by.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tsviz.ir import Graph, Node, SubgraphRef, iter_block, settle_near
from tsviz.location import How
from tsviz.passes.copies import find_copies
from tsviz.passes.fates import CONSTANT, stands_in
from tsviz.passes.records import Action, Origin

_CALLS = ("prim::CallFunction", "prim::CallMethod")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A graph and the tags of its nodes."""

    graph: Graph
    tags: Mapping[int, int]


def find_origins(before: Tagged, after: Tagged) -> tuple[Origin, ...]:
    """Origins of all nodes of `after` that are not in `before`, or that stand elsewhere."""
    search = _Search(before, after)
    return tuple(search.run())


class _Search:
    def __init__(self, before: Tagged, after: Tagged) -> None:
        self.before, self.after = before.graph, after.graph
        self.tags = after.tags
        self.bearers: defaultdict[int, list[int]] = defaultdict(list)
        for node, tag in before.tags.items():
            if node in self.before.nodes:
                self.bearers[tag].append(node)
        self.found: dict[int, Origin] = {}

    def run(self) -> Iterator[Origin]:
        new = [node for node in self.after.nodes.values() if node.id not in self.before.nodes]
        places = self._places()
        for node in new:
            self._mark(node, self._by_tag(node) or self._by_members(node))
        self._mark_copies(new)
        for node in new:
            if node.id not in self.found:
                self._mark(node, places.get(node.id))
        left = [node for node in new if node.id not in self.found]
        owners = _owners(self.after)
        for node in settle_near(self.after, left, self._adopt):
            self._adopt(node, owners[node.id])
        yield from map(self._named, self.found.values())
        yield from self._moved(owners)

    def _named(self, origin: Origin) -> Origin:
        """What stands where a call stood came out of it."""
        sources = [self.before.nodes.get(source) for source in origin.sources]
        calls = [node for node in sources if node is not None and node.op in _CALLS]
        is_call = calls and len(calls) == len(sources)
        if not is_call or any(node.id in self.after.nodes for node in calls):
            return origin
        return replace(origin, action=Action.INLINED)

    def _mark(self, node: Node, origin: Origin | None) -> None:
        if origin is not None:
            self.found[node.id] = origin

    def _by_tag(self, node: Node) -> Origin | None:
        bearers = self.bearers.get(self.tags.get(node.id, -1))
        if not bearers:
            return None
        stayed = [bearer for bearer in bearers if bearer in self.after.nodes]
        action = Action.CREATED if stayed else Action.REPLACED
        return Origin(node.id, tuple(stayed[:1] or bearers), action, How.EXACT)

    def _mark_copies(self, new: list[Node]) -> None:
        """What has no tag may be a copy of what stayed."""
        left = [n.id for n in new if n.id not in self.found and n.id not in self.tags]
        for node, original in find_copies(self.before, self.after, left).items():
            if original in self.after.nodes:
                self.found[node] = Origin(node, (original,), Action.COPIED, How.INFERRED)

    def _by_members(self, node: Node) -> Origin | None:
        """A group that nodes were moved into comes from these."""
        subgraphs = [v.index for _, v in node.attributes if isinstance(v, SubgraphRef)]
        members = [
            inner.id for at in subgraphs for inner in iter_block(node.blocks[at])
            if inner.id in self.before.nodes
        ]  # fmt: skip
        if not members:
            return None
        return Origin(node.id, tuple(members), Action.MERGED, How.EXACT)

    def _places(self) -> dict[int, Origin]:
        """New node → its origin as what stands in the place of nodes that are gone."""
        sources: defaultdict[int, dict[int, None]] = defaultdict(dict)
        for node in self.before.nodes.values():
            for out in node.outputs:
                for taken in stands_in(self.before, self.after, out):
                    maker = self.after.producers.get(taken)
                    if maker is not None and self._replaces(maker, node):
                        sources[maker.id][node.id] = None
        return {
            node: Origin(
                node,
                tuple(found),
                Action.REPLACED if len(found) == 1 else Action.MERGED,
                How.INFERRED,
            )
            for node, found in sources.items()
        }

    def _replaces(self, maker: Node, node: Node) -> bool:
        """Whether a maker is new, and in a node's place; what stays can become a constant only."""
        stays = node.id in self.after.nodes
        return maker.id not in self.before.nodes and (not stays or maker.op == CONSTANT)

    def _adopt(self, node: Node, other: int) -> bool:
        """Made for a node near by, or for what that one was made from."""
        if other in self.before.nodes:
            sources: tuple[int, ...] = (other,)
        elif other in self.found:
            sources = self.found[other].sources
        else:
            return False
        self.found[node.id] = Origin(node.id, sources, Action.CREATED, How.INFERRED)
        return True

    def _moved(self, now: Mapping[int, int]) -> Iterator[Origin]:
        """Nodes that were there before, in another node's block."""
        was = _owners(self.before)
        for node, owner in now.items():
            if node in was and was[node] != owner:
                yield Origin(node, (node,), Action.MOVED, How.EXACT)


def _owners(graph: Graph) -> dict[int, int]:
    """Node id → the node in whose block it stands, 0 for the graph."""
    owners = {node.id: 0 for node in graph.block.nodes}
    for node in graph.nodes.values():
        for block in node.blocks:
            owners.update((inner.id, node.id) for inner in block.nodes)
    return owners
