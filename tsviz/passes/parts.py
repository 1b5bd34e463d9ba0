"""Parts of a program that PyTorch compiles by themselves, and the groups they were taken from.

What is differentiated, fused or kept for bail-outs stands in the subgraph of a node until it runs;
then an executor of its own compiles a copy. The tags in the copy tell which group that was.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tsviz.ir import Block, Graph, SubgraphRef, iter_block
from tsviz.passes.identity import carry_ids
from tsviz.passes.origins import Tagged

_Bag = Counter[tuple[str, int]]
"""How often each op and tag occur; the tag is -1 where there is none."""


@dataclass(frozen=True, slots=True)
class _Group:
    """A subgraph that was seen."""

    program: Tagged
    owner: int
    block: Block
    bag: _Bag


class Found(NamedTuple):
    """The group that a part was taken from.

    Attributes:
        group: as a graph.
        op: of the node that it is the subgraph of.
    """

    group: Tagged
    op: str


@dataclass(slots=True)
class Parts:
    """All groups of a program so far, each as it was last seen."""

    _groups: dict[int, _Group] = field(default_factory=dict[int, _Group])
    _bearers: dict[int, dict[int, None]] = field(default_factory=dict[int, dict[int, None]])
    _alike: dict[frozenset[object], int] = field(default_factory=dict[frozenset[object], int])

    def see(self, program: Tagged) -> None:
        """Remembers the groups of a snapshot."""
        for node in program.graph.nodes.values():
            for _, value in node.attributes if node.blocks else ():
                if isinstance(value, SubgraphRef):
                    self._remember(node.id, program, node.blocks[value.index])

    def _remember(self, owner: int, program: Tagged, block: Block) -> None:
        known = self._groups.get(owner)
        if known is not None and known.block is block:
            return
        bag = _bag(block, program.tags)
        self._groups[owner] = _Group(program, owner, block, bag)
        self._alike[frozenset(bag.items())] = owner
        for tag in _tags_of(bag):
            self._bearers.setdefault(tag, {})[owner] = None

    def find(self, graph: Graph, tags: Mapping[int, int]) -> Found | None:
        """The group that a part was taken from; `None` if it has nothing of any."""
        bag = _bag(graph.block, tags)
        known = (self._bearers.get(tag, ()) for tag in _tags_of(bag))
        owners = dict.fromkeys(owner for bearers in known for owner in bearers)
        best = self._alike.get(frozenset(bag.items()))
        if best is None:
            likeness = {owner: _likeness(bag, self._groups[owner].bag) for owner in owners}
            best = max(likeness, key=likeness.__getitem__, default=None)
        if best is None:
            return None
        group = self._groups[best]
        owner = group.program.graph.nodes[group.owner]
        graph = replace(group.program.graph, block=group.block)
        return Found(Tagged(graph, group.program.tags), owner.op)

    def identify(self, graph: Graph, tags: Mapping[int, int]) -> list[int]:
        """For every node of a part, in printed order, its id in the program, 0 if it is new."""
        found = self.find(graph, tags)
        if found is None:
            return [0] * len(graph.nodes)
        group = found.group
        known = group.graph.nodes
        same = carry_ids(group.graph, group.tags, graph, tags)
        return [node.id if node.id in known else 0 for node in same.iter_nodes()]


def _bag(block: Block, tags: Mapping[int, int]) -> _Bag:
    return Counter((node.op, tags.get(node.id, -1)) for node in iter_block(block))


def _tags_of(bag: _Bag) -> set[int]:
    """The tags in a part; what has none is looked for among what has none."""
    return {tag for _, tag in bag if tag >= 0} or {-1}


def _likeness(one: _Bag, other: _Bag) -> float:
    """The share of nodes that two parts have in common."""
    return (one & other).total() / (one | other).total()
