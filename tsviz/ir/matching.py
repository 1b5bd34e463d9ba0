"""Which nodes of two graphs correspond, where their ids say nothing: two captures, two files.

A node is known by what computes its inputs; where that is the same, the match is sure. One edit
changes it for all that follows, so the rest is found from what is matched already: what makes and
what uses the same value of two matched nodes. What is alike only by itself comes last.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from heapq import heappop, heappush

from tsviz.ir.graph import Attribute, Block, Graph, Node, TensorRef, Value, fresh_id, rewrite_block
from tsviz.ir.literals import render_literal

_Labels = Mapping[int, Hashable]
"""Node id → what it must have in common with another to correspond to it."""


def match_nodes(before: Graph, after: Graph) -> dict[int, int]:
    """Id of a node of `before` → id of the node of `after` that corresponds to it.

    Takes time linear in nodes and uses. Nodes of different ops never correspond, and each has one
    counterpart at most.
    """
    matching = _Matching(before, after)
    numbers: dict[Hashable, int] = {}
    derivations = _derivations(before, numbers), _derivations(after, numbers)
    matching.pair_unique(*derivations)
    if not matching.is_complete:  # which of equal nodes is which, their users know
        _Spread(matching, *derivations).run(into_rest=False)
    for label, into_rest in _STAGES:
        if matching.is_complete:
            break
        old, new = (
            {node.id: label(graph, node) for node in graph.nodes.values()}
            for graph in (before, after)
        )
        _Spread(matching, old, new).run(into_rest=into_rest)
    return matching.found


def adopt_ids(before: Graph, after: Graph, found: Mapping[int, int] | None = None) -> Graph:
    """`after` with the ids of `before` for all that corresponds, so that `diff_graphs` applies.

    Whatever has no counterpart gets new ids.

    Args:
        found: what corresponds, as `match_nodes` gives it, which is asked by default.
    """
    found = match_nodes(before, after) if found is None else found
    nodes = {node: fresh_id() for node in after.nodes} | {new: old for old, new in found.items()}
    values = {value: fresh_id() for value in after.values}
    values.update(zip(after.block.params, before.block.params, strict=False))
    for old, new in found.items():
        pair = before.nodes[old], after.nodes[new]
        values.update({other: one for one, other in _same_values(*pair)})

    def rename(node: Node) -> Node:
        return replace(
            node,
            id=nodes[node.id],
            inputs=tuple(values[value] for value in node.inputs),
            outputs=tuple(values[value] for value in node.outputs),
            blocks=tuple(rename_ends(block) for block in node.blocks),
        )

    def rename_ends(block: Block) -> Block:
        params = tuple(values[value] for value in block.params)
        return replace(block, params=params, returns=tuple(values[v] for v in block.returns))

    return replace(
        after,
        block=rename_ends(rewrite_block(after.block, rename)),
        values={values[i]: Value(values[i], value.name) for i, value in after.values.items()},
        types={values[i]: kind for i, kind in after.types.items()},
        links={nodes[i]: link for i, link in after.links.items()},
        scopes={nodes[i]: scope for i, scope in after.scopes.items()},
        digests=_Renamed(after.digests, {new: old for old, new in nodes.items()}),
    )


class _Renamed(Mapping[int, str]):
    """Digests under other ids, which are still computed only when they are asked for."""

    def __init__(self, digests: Mapping[int, str], ids: dict[int, int]) -> None:
        self._digests, self._ids = digests, ids

    def __getitem__(self, key: int) -> str:
        return self._digests.get(self._ids[key], "")

    def __iter__(self) -> Iterator[int]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


# ── what a node is known by ─────────────────────────────────────────────────────────────────────


def _whole(graph: Graph, node: Node) -> Hashable:
    attributes = tuple((name, _text(value)) for name, value in node.attributes)
    return *_typed(graph, node), attributes, graph.scope(node)


def _typed(graph: Graph, node: Node) -> tuple[Hashable, ...]:
    types = tuple(graph.types[out].unmangled for out in node.outputs)
    return node.op, node.overload, types


def _placed(graph: Graph, node: Node) -> Hashable:
    return node.op, graph.scope(node)


def _op(_: Graph, node: Node) -> Hashable:
    return node.op


_STAGES = ((_whole, False), (_whole, True), (_placed, True), (_typed, True), (_op, True))
"""By what nodes correspond, and whether those may that nothing leads to."""


def _text(value: Attribute) -> str:
    """Files hold the digests of tensors, live graphs compute them only when asked."""
    return render_literal(replace(value, digest="") if isinstance(value, TensorRef) else value)


def _derivations(graph: Graph, numbers: dict[Hashable, int]) -> _Labels:
    """Node id → a number for the node with all that leads to it, the same in both graphs."""

    def number(*parts: Hashable) -> int:
        return numbers.setdefault(parts, len(numbers))

    def enter(block: Block, around: int) -> None:
        for at, param in enumerate(block.params):
            known[param] = number("parameter", around, at, graph.types[param].unmangled)
        inside.update((node.id, around) for node in block.nodes)

    known: dict[int, int] = {}
    inside: dict[int, int] = {}
    derivations: dict[int, int] = {}
    enter(graph.block, number("graph"))
    for node in graph.iter_nodes():
        inputs = tuple(known[value] for value in node.inputs)
        own = number(_whole(graph, node), inputs, inside[node.id])
        derivations[node.id] = own
        known.update((out, number("output", own, at)) for at, out in enumerate(node.outputs))
        for at, block in enumerate(node.blocks):
            enter(block, number("block", own, at))
    return derivations


# ── pairs ───────────────────────────────────────────────────────────────────────────────────────


class _Matching:
    """The pairs found so far."""

    def __init__(self, before: Graph, after: Graph) -> None:
        self.before, self.after = before, after
        self.found: dict[int, int] = {}
        self.taken: set[int] = set()

    @property
    def is_complete(self) -> bool:
        """Whether one of the graphs has no node left."""
        return len(self.found) == min(len(self.before.nodes), len(self.after.nodes))

    def pair(self, one: int, other: int) -> None:
        self.found[one] = other
        self.taken.add(other)

    def pair_unique(self, old: _Labels, new: _Labels) -> None:
        """Pairs nodes that alone in their graphs have a label."""
        for nodes, others in _alike(_grouped(old, old), _grouped(new, new)):
            if len(nodes) == 1:
                self.pair(nodes[0], others[0])

    def is_free(self, one: Node, other: Node) -> bool:
        return one.id not in self.found and other.id not in self.taken

    def contradicts(self, one: Node, other: Node) -> bool:
        """Whether an input of one is made by what corresponds to something else."""
        for ours, theirs in zip(one.inputs, other.inputs, strict=False):
            maker, counterpart = self.before.producers.get(ours), self.after.producers.get(theirs)
            if maker is None or counterpart is None:
                continue
            known = self.found.get(maker.id)
            if counterpart.id in self.taken if known is None else known != counterpart.id:
                return True
        return False


class _Spread:
    """From pair to pair, by one kind of label: to what uses the same values, to what makes them.

    Users come first, because a weight leads to the right one of many equal layers. What contradicts
    a pair that is known waits until nothing else is left; then what was met most often comes first.
    """

    def __init__(self, matching: _Matching, old: _Labels, new: _Labels) -> None:
        self._matching = matching
        self._before, self._after = matching.before, matching.after
        self._old, self._new = old, new
        found = matching.found.items()
        self._forward = deque(
            (self._before.nodes[one], self._after.nodes[two]) for one, two in found
        )
        self._backward: deque[tuple[Node, Node]] = deque()
        self._blocks = [(self._before.block, self._after.block)]
        self._votes: Counter[tuple[int, int]] = Counter()
        self._doubtful: list[tuple[int, int, int]] = []
        """A heap of (-votes, a node, its counterpart)."""

    def run(self, *, into_rest: bool) -> None:
        """Pairs all that can be reached.

        Args:
            into_rest: whether at last what is alike in the same block is paired in order.
        """
        before, after = self._before.block, self._after.block
        self._offer_users(zip(before.params, after.params, strict=False))
        self._offer_makers(before.returns, after.returns)
        while True:
            if self._forward:
                pair = self._forward.popleft()
                self._offer_users(_same_values(*pair))
                self._backward.append(pair)
                self._blocks += zip(pair[0].blocks, pair[1].blocks, strict=False)
            elif self._backward:
                self._go_back(*self._backward.popleft())
            elif self._doubtful:
                _, one, other = heappop(self._doubtful)
                self._accept(self._before.nodes[one], self._after.nodes[other])
            elif self._blocks and into_rest:
                self._offer_inside(*self._blocks.pop())
            else:
                return

    def _offer(self, one: Node | None, other: Node | None) -> None:
        if one is None or other is None or self._old[one.id] != self._new[other.id]:
            return
        if not self._matching.contradicts(one, other):
            self._accept(one, other)
        elif self._matching.is_free(one, other):
            pair = one.id, other.id
            self._votes[pair] += 1
            heappush(self._doubtful, (-self._votes[pair], *pair))

    def _accept(self, one: Node, other: Node) -> None:
        if self._matching.is_free(one, other):
            self._matching.pair(one.id, other.id)
            self._forward.append((one, other))

    def _go_back(self, one: Node, other: Node) -> None:
        self._offer_makers(one.inputs, other.inputs)
        for ours, theirs in zip(one.blocks, other.blocks, strict=False):
            self._offer_makers(ours.returns, theirs.returns)

    def _offer_makers(self, ours: Iterable[int], theirs: Iterable[int]) -> None:
        for one, other in zip(ours, theirs, strict=False):
            self._offer(self._before.producers.get(one), self._after.producers.get(other))

    def _offer_users(self, pairs: Iterable[tuple[int, int]]) -> None:
        for one, other in pairs:
            ours = _users(self._before, one, self._old, self._matching.found)
            theirs = _users(self._after, other, self._new, self._matching.taken)
            for nodes, others in _alike(ours, theirs):
                if len(nodes) == 1:
                    self._offer(self._before.nodes[nodes[0]], self._after.nodes[others[0]])

    def _offer_inside(self, one: Block, other: Block) -> None:
        found, taken = self._matching.found, self._matching.taken
        ours = _grouped((node.id for node in one.nodes if node.id not in found), self._old)
        theirs = _grouped((node.id for node in other.nodes if node.id not in taken), self._new)
        for nodes, others in _alike(ours, theirs):
            for pair in zip(nodes, others, strict=True):
                self._offer(self._before.nodes[pair[0]], self._after.nodes[pair[1]])


def _users(
    graph: Graph, value: int, labels: _Labels, settled: Container[int]
) -> dict[Hashable, list[int]]:
    users: defaultdict[Hashable, list[int]] = defaultdict(list)
    for use in graph.users.get(value, ()):
        if use.node and use.node not in settled:
            users[use.index, labels[use.node]].append(use.node)
    return users


def _grouped(nodes: Iterable[int], labels: _Labels) -> dict[Hashable, list[int]]:
    groups: defaultdict[Hashable, list[int]] = defaultdict(list)
    for node in nodes:
        groups[labels[node]].append(node)
    return groups


def _alike(
    ours: dict[Hashable, list[int]], theirs: dict[Hashable, list[int]]
) -> Iterator[tuple[list[int], list[int]]]:
    """The groups of one label that are of the same size on both sides."""
    for label, nodes in ours.items():
        others = theirs.get(label, [])
        if len(nodes) == len(others):
            yield nodes, others


def _same_values(one: Node, other: Node) -> Iterator[tuple[int, int]]:
    """What two nodes yield, and the parameters of their blocks, place by place."""
    yield from zip(one.outputs, other.outputs, strict=False)
    for block, counterpart in zip(one.blocks, other.blocks, strict=False):
        yield from zip(block.params, counterpart.params, strict=False)
