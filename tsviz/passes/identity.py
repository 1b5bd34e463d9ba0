"""Which nodes of a graph are those of the graph before it, when only its text is known.

A log of passes is text: each graph is printed anew, and what is the same node has to be found out.
Three things tell, from the surest on:

* the tag that rides in a node's source range. It names the node of the *first* graph from which
  everything with that tag was made, so copies (of an unrolled body, say) share one;
* the names of its results, which a pass leaves alone. They count only as long as both texts are of
  one graph in memory: a copy numbers its values anew, and then the same name is another value;
* what it computes: the same op of the same inputs.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import is_

from tsviz.ir import (
    Block,
    Graph,
    Node,
    SubgraphRef,
    TensorRef,
    adopt_ids,
    iter_block,
    rewrite_block,
)
from tsviz.ir.literals import render_literal
from tsviz.passes.copies import find_copies

CONSTANT = "prim::Constant"
_PROFILE = "prim::profile"
Tags = Mapping[int, int]
"""Node id → tag."""


def carry_ids(before: Graph, old_tags: Tags, after: Graph, new_tags: Tags) -> Graph:
    """`after` with the ids of `before` for the nodes and values that are the same.

    What did not change is the same object, nested blocks included.

    Args:
        before: the graph before, with ids to keep.
        old_tags: those of its nodes.
        after: the next graph, with ids of its own.
        new_tags: those of its nodes.
    """
    found = _Carrying(_Side(before, old_tags), _Side(after, new_tags)).run()
    return _shared(before, adopt_ids(before, after, found))


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a node is recognised by.

    Attributes:
        names: of its results.
        place: the op of the node whose subgraph it stands in, "" outside.
    """

    node: Node
    tag: int | None
    names: tuple[str, ...]
    place: str


class _Side:
    """One of the two graphs."""

    def __init__(self, graph: Graph, tags: Tags) -> None:
        self.graph = graph
        names = graph.values
        self.seen = {
            node.id: _Seen(
                node, tags.get(node.id), tuple(names[out].name for out in node.outputs), place
            )
            for node, place in _iter_placed(graph)
        }

    @cached_property
    def outside(self) -> list[int]:
        """The nodes that stand in no subgraph."""
        return [node for node, seen in self.seen.items() if not seen.place]


def _iter_placed(graph: Graph) -> Iterator[tuple[Node, str]]:
    """Every node in printed order with the op of the node whose subgraph it stands in."""
    stack = [(iter(graph.block.nodes), "")]
    while stack:
        nodes, place = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
            continue
        yield node, place
        if not node.blocks:
            continue
        own = {value.index for _, value in node.attributes if isinstance(value, SubgraphRef)}
        inner = [
            (iter(block.nodes), node.op if at in own else place)
            for at, block in enumerate(node.blocks)
        ]
        stack += reversed(inner)


_Key = Callable[[_Seen], Hashable]


class _Carrying:
    """The pairs found so far: id before → id after, as `match_nodes` gives them."""

    def __init__(self, old: _Side, new: _Side) -> None:
        self.old, self.new = old, new
        self.found: dict[int, int] = {}
        self.taken: set[int] = set()

    def run(self) -> dict[int, int]:
        named = self._names_count()
        if (self._has_lost_counter() or not named) and self._pair_copy():
            return self.found
        for key in _TAGGED if named else _TAGGED_UNNAMED:
            self._pair_by(key, lambda seen: seen.tag is not None)
        if named:
            self._pair_by(_by_name, lambda seen: seen.tag is None and bool(seen.names))
        else:
            self._pair_numbered()
        self._pair_by_inputs(_seen_attributes)
        self._pair_by_inputs(_no_attributes)
        if named:
            self._pair_blocks()
        return self.found

    def _has_lost_counter(self) -> bool:
        """Whether the counter of profiled runs is gone, which only copying does."""
        before, after = (
            any(map(_counts_runs, side.seen.values())) for side in (self.old, self.new)
        )
        return before and not after

    def _pair_copy(self) -> bool:
        """Pairs all nodes but the counter in order, where the next graph is a copy of this one."""
        ours, theirs = (
            [seen for seen in side.seen.values() if not _counts_runs(seen)]
            for side in (self.old, self.new)
        )
        is_copy = list(map(_outline, ours)) == list(map(_outline, theirs))
        for one, other in zip(ours, theirs, strict=True) if is_copy else ():
            self._pair(one.node.id, other.node.id)
        return is_copy

    def _pair_numbered(self) -> None:
        """Pairs what has no tag by the order in which a copy numbers its values."""
        outside = (i for i in self.new.outside if i not in self.taken)
        left = [i for i in outside if self.new.seen[i].tag is None]
        for other, one in find_copies(self.old.graph, self.new.graph, left).items():
            if one not in self.found and self.old.seen[one].tag is None:
                self._pair(one, other)

    def _names_count(self) -> bool:
        """Whether both texts are of one graph in memory: then its numbered values keep their names.

        Tagged nodes tell, those alone with their tag and op; where there are none, it is whether
        more names stayed than there would be copies.
        """
        numbered = [
            [seen for seen in side.seen.values() if _is_numbered(seen)]
            for side in (self.old, self.new)
        ]
        ours, theirs = map(_lone, numbered)
        both = [(one, theirs[key]) for key, one in ours.items() if key in theirs]
        if both:
            return 2 * sum(one.names == other.names for one, other in both) > len(both)
        named = [{(seen.node.op, seen.names, seen.place) for seen in side} for side in numbered]
        copies = find_copies(self.old.graph, self.new.graph, self.new.outside)
        return len(named[0] & named[1]) >= sum(seen.node.id in copies for seen in numbered[1])

    def _pair_by(self, key: _Key, counts: Callable[[_Seen], bool]) -> None:
        """Pairs nodes of the same key in printed order."""
        ours, theirs = self._left(counts)
        groups: defaultdict[Hashable, list[int]] = defaultdict(list)
        for seen in ours:
            groups[key(seen)].append(seen.node.id)
        waiting = {label: iter(nodes) for label, nodes in groups.items()}
        for seen in theirs:
            one = next(waiting.get(key(seen), iter(())), None)
            if one is not None:
                self._pair(one, seen.node.id)

    def _left(self, counts: Callable[[_Seen], bool]) -> tuple[list[_Seen], list[_Seen]]:
        ours = [s for i, s in self.old.seen.items() if i not in self.found and counts(s)]
        theirs = [s for i, s in self.new.seen.items() if i not in self.taken and counts(s)]
        return ours, theirs

    def _pair_by_inputs(self, attributes: Callable[[Node], Hashable]) -> None:
        """Pairs untagged nodes that compute the same, from the first on: each pair leads on."""

        def computes(seen: _Seen, inputs: tuple[int, ...]) -> Hashable:
            return seen.node.op, attributes(seen.node), inputs, seen.place

        ours, theirs = self._left(lambda seen: seen.tag is None)
        if not ours or not theirs:
            return
        values = self._same_values()
        groups: defaultdict[Hashable, deque[_Seen]] = defaultdict(deque)
        for seen in ours:
            groups[computes(seen, seen.node.inputs)].append(seen)
        for seen in theirs:
            inputs = tuple(values.get(value, -value) for value in seen.node.inputs)
            same = groups.get(computes(seen, inputs))
            if same:
                one = same.popleft()
                self._pair(one.node.id, seen.node.id)
                values.update(zip(seen.node.outputs, one.node.outputs, strict=False))

    def _pair_blocks(self) -> None:
        """Pairs what stands in blocks that went from one node to another, and were copied to it."""
        groups: defaultdict[Hashable, deque[Block]] = defaultdict(deque)
        for block in self._left_blocks(self.old, self.found):
            groups[_ops(block)].append(block)
        for block in self._left_blocks(self.new, self.taken):
            same = groups.get(_ops(block))
            if same:
                pairs = zip(iter_block(same.popleft()), iter_block(block), strict=True)
                for one, other in pairs:
                    self._pair(one.id, other.id)

    def _left_blocks(self, side: _Side, paired: Container[int]) -> Iterator[Block]:
        """The outermost blocks none of whose nodes is paired; nodes without tags only."""
        inside: set[int] = set()
        for seen in side.seen.values():
            for block in seen.node.blocks if seen.node.id not in inside else ():
                nodes = [node.id for node in iter_block(block)]
                if nodes and all(n not in paired and side.seen[n].tag is None for n in nodes):
                    inside.update(nodes)
                    yield block

    def _same_values(self) -> dict[int, int]:
        """Value after → value before, for all that paired nodes yield and the graphs take."""
        old, new = self.old.graph, self.new.graph
        values = dict(zip(new.block.params, old.block.params, strict=False))
        for one, other in self.found.items():
            before, after = self.old.seen[one].node, self.new.seen[other].node
            values.update(zip(after.outputs, before.outputs, strict=False))
            for inner, was in zip(after.blocks, before.blocks, strict=False):
                values.update(zip(inner.params, was.params, strict=False))
        return values

    def _pair(self, one: int, other: int) -> None:
        self.found[one] = other
        self.taken.add(other)


_TAGGED: tuple[_Key, ...] = (
    lambda seen: (seen.tag, seen.node.op, seen.names, seen.place),
    lambda seen: (seen.tag, seen.node.op, seen.names),
    lambda seen: (seen.tag, seen.node.op, seen.place),
    lambda seen: (seen.tag, seen.node.op),
)
_TAGGED_UNNAMED = _TAGGED[2:]


def _ops(block: Block) -> Hashable:
    return tuple((node.op, len(node.outputs), len(node.blocks)) for node in iter_block(block))


def _outline(seen: _Seen) -> Hashable:
    node = seen.node
    return node.op, seen.tag, seen.place, len(node.inputs), len(node.outputs)


def _is_numbered(seen: _Seen) -> bool:
    """Whether PyTorch has numbered a result, which has no name in the source.

    Profiles do not count: they come and go in masses.
    """
    return seen.node.op != _PROFILE and any(name.isdigit() for name in seen.names)


def _counts_runs(seen: _Seen) -> bool:
    return seen.node.op == _PROFILE and not seen.node.outputs


def _by_name(seen: _Seen) -> Hashable:
    return seen.node.op, _attributes(seen.node), seen.names, seen.place


def _attributes(node: Node) -> Hashable:
    return tuple((name, render_literal(value)) for name, value in node.attributes)


def _seen_attributes(node: Node) -> Hashable:
    """Two large tensors are printed alike, whatever their numbers."""
    tensors = (value for _, value in node.attributes if isinstance(value, TensorRef))
    return _attributes(node) if all(tensor.text for tensor in tensors) else node.id


def _no_attributes(node: Node) -> Hashable:
    """What a profile node has seen is in its attributes; a constant is nothing but these."""
    return node.id if node.op == CONSTANT else None


def _lone(nodes: Iterable[_Seen]) -> dict[Hashable, _Seen]:
    """The tagged nodes that share tag and op with no other."""
    found: dict[Hashable, _Seen | None] = {}
    for seen in nodes:
        if seen.tag is not None and seen.names:
            key = seen.tag, seen.node.op
            found[key] = None if key in found else seen
    return {key: seen for key, seen in found.items() if seen is not None}


def _shared(before: Graph, after: Graph) -> Graph:
    """`after` with the objects of `before` for all that is equal."""
    old = before.nodes

    def reuse(node: Node) -> Node:
        was = old.get(node.id)
        return was if was is not None and was == node else node

    block = rewrite_block(after.block, reuse)
    if block == before.block:
        block = before.block
    same = len(block.nodes) == len(before.block.nodes) and all(
        map(is_, block.nodes, before.block.nodes)
    )
    nodes = before.block.nodes if same else block.nodes
    return replace(after, block=replace(block, nodes=nodes))
