"""What differs between two graphs, by identity: the same id is the same node.

Snapshots of one graph share the nodes that a pass left alone, so a diff is mostly set difference.
Graphs with ids of their own are first given those of the other, by `tsviz.ir.matching`.

Names, lines and scopes are no differences: they say nothing about what is computed; nor are the
numbers that PyTorch gives to classes of one name.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise, zip_longest
from typing import Literal

from tsviz.ir.graph import Attribute, Block, Graph, Node, TensorRef, Value
from tsviz.ir.literals import render_literal
from tsviz.ir.printer import render_graph
from tsviz.ir.types import Type, intern_type

What = Literal[
    "op", "overload", "input", "output", "attribute", "type", "block", "parameter", "return"
]


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing in which a node differs.

    Attributes:
        what: which part of the node.
        at: which of them: an index, the name of an attribute, the id of the value whose type it
            is; for parameters and returns the index of the block and the index in it.
        before, after: ids of values, attributes, types, numbers of nodes of a block; `None` where
            there is none.
    """

    what: What
    at: int | str | tuple[int, int]
    before: Attribute | Type | None
    after: Attribute | Type | None


@dataclass(frozen=True, slots=True)
class Change:
    """A node that is in both graphs and differs.

    Attributes:
        node: its id; 0 is the graph itself, with its parameters and returns.
    """

    node: int
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """What leads from one graph to another.

    Attributes:
        added, removed: ids of nodes, nested ones included, in printed order.
        changed: nodes that differ in themselves; what differs inside their blocks is told of the
            nodes there.
        moved: ids of nodes that stand in another block, or elsewhere among those that stayed.
    """

    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    changed: tuple[Change, ...] = ()
    moved: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.moved)


def diff_graphs(before: Graph, after: Graph) -> GraphDiff:
    """What differs from `before` to `after`, in time linear in the nodes (but for moves)."""
    old, new = before.nodes, after.nodes
    return GraphDiff(
        added=tuple(node for node in new if node not in old),
        removed=tuple(node for node in old if node not in new),
        changed=tuple(_iter_changes(before, after)),
        moved=tuple(_iter_moved(before, after)),
    )


def hash_graph(graph: Graph) -> str:
    """SHA-256 of what `graph` computes: equal for graphs that differ in names and ids alone.

    Ops, attributes, types, the numbers of tensors and the order of nodes count; names, ids, lines
    and scopes do not.
    """
    defined = (value for _, values in iter_defined(graph) for value in values)
    values = {value: Value(value, str(at)) for at, value in enumerate(defined)}
    types = {value: intern_type(kind.unmangled) for value, kind in graph.types.items()}
    anonymous = replace(graph, values=values, types=types, scopes={})
    return sha256(
        render_graph(anonymous, comments=False).encode("utf-8", "surrogatepass")
    ).hexdigest()


# ── changed ─────────────────────────────────────────────────────────────────────────────────────


def _iter_changes(before: Graph, after: Graph) -> Iterator[Change]:
    types = _type_edits(before, after)
    signature = (*_block_edits(0, before.block, after.block), *types.get(0, ()))
    if signature:
        yield Change(0, signature)
    for identity, new in after.nodes.items():
        old = before.nodes.get(identity)
        if old is None or (old is new and identity not in types):
            continue
        digests = before.digests.get(identity, ""), after.digests.get(identity, "")
        edits = (*_node_edits(old, new, digests), *types.get(identity, ()))
        if edits:
            yield Change(identity, edits)


def _node_edits(old: Node, new: Node, digests: tuple[str, str]) -> Iterator[Edit]:
    if old is new:
        return
    if old.op != new.op:
        yield Edit("op", 0, old.op, new.op)
    if old.overload != new.overload:
        yield Edit("overload", 0, old.overload, new.overload)
    yield from _value_edits("input", old.inputs, new.inputs)
    yield from _value_edits("output", old.outputs, new.outputs)
    yield from _attribute_edits(old, new, digests)
    for at, (was, now) in enumerate(zip_longest(old.blocks, new.blocks)):
        if was is None or now is None:
            yield Edit("block", at, was and len(was.nodes), now and len(now.nodes))
        else:
            yield from _block_edits(at, was, now)


def _value_edits(what: What, old: Sequence[int], new: Sequence[int]) -> Iterator[Edit]:
    for at, (was, now) in enumerate(zip_longest(old, new)):
        if was != now:
            yield Edit(what, at, was, now)


def _attribute_edits(old: Node, new: Node, digests: tuple[str, str]) -> Iterator[Edit]:
    ours, theirs = dict(old.attributes), dict(new.attributes)
    for name in ours | theirs:
        was, now = ours.get(name), theirs.get(name)
        if was is None or now is None or not _same(was, now, digests):
            yield Edit("attribute", name, was, now)


def _same(old: Attribute, new: Attribute, digests: tuple[str, str]) -> bool:
    """Whether two attributes are the same; of tensors that were not seen, what is known of them."""
    if isinstance(old, TensorRef) and isinstance(new, TensorRef):
        ours, theirs = old.digest or digests[0], new.digest or digests[1]
        if ours and theirs:
            return ours == theirs
        old, new = replace(old, digest=""), replace(new, digest="")
    # The text tells 0.0 from -0.0 and 1 from 1.0, and is the same for nan and nan.
    return old is new or render_literal(old) == render_literal(new)


def _block_edits(index: int, old: Block, new: Block) -> Iterator[Edit]:
    if old is new:
        return
    for edit in _value_edits("parameter", old.params, new.params):
        yield replace(edit, at=(index, edit.at))
    for edit in _value_edits("return", old.returns, new.returns):
        yield replace(edit, at=(index, edit.at))


def _type_edits(before: Graph, after: Graph) -> dict[int, list[Edit]]:
    """Node id (0: the graph) → the values it defines that are of another type now."""
    if before.types is after.types:
        return {}
    changed = {
        value: Edit("type", value, before.types[value], now)
        for value, now in after.types.items()
        if value in before.types and _differ(before.types[value], now)
    }
    edits: dict[int, list[Edit]] = defaultdict(list)
    for owner, values in iter_defined(after) if changed else ():
        for value in values:
            if value in changed:
                edits[owner].append(changed[value])
    return edits


def _differ(old: Type, new: Type) -> bool:
    return old is not new and old.unmangled != new.unmangled


def iter_defined(graph: Graph) -> Iterator[tuple[int, Iterable[int]]]:
    """(id of a node, 0 for the graph; values that it or a block of it defines), in order."""
    yield 0, graph.block.params
    for node in graph.iter_nodes():
        yield node.id, node.outputs
        for block in node.blocks:
            yield node.id, block.params


# ── moved ───────────────────────────────────────────────────────────────────────────────────────


def _iter_moved(before: Graph, after: Graph) -> Iterator[int]:
    places = {
        node: (owner, index, at)
        for owner, index, block in _iter_blocks(before)
        for at, node in enumerate(node.id for node in block.nodes)
    }
    for owner, index, block in _iter_blocks(after):
        stayed: list[tuple[int, int]] = []
        for node in block.nodes:
            place = places.get(node.id)
            if place is None:
                continue
            if place[:2] == (owner, index):
                stayed.append((place[2], node.id))
            else:
                yield node.id
        yield from _out_of_order(stayed)


def _iter_blocks(graph: Graph) -> Iterator[tuple[int, int, Block]]:
    """Every block with the id of its node (0: the graph) and which of its blocks it is."""
    yield 0, 0, graph.block
    for node in graph.iter_nodes():
        for index, block in enumerate(node.blocks):
            yield node.id, index, block


def _out_of_order(stayed: list[tuple[int, int]]) -> Iterator[int]:
    """The fewest nodes without which the rest is in its old order: all but a longest rising run."""
    if all(one < other for one, other in pairwise(stayed)):
        return
    ends: list[int] = []  # the least old place on which a run of that length can end
    lengths: list[int] = []
    for place, _ in stayed:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        lengths.append(length)
    wanted = len(ends) - 1
    moved: list[int] = []
    for (_, node), length in zip(reversed(stayed), reversed(lengths), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            moved.append(node)
    yield from reversed(moved)
