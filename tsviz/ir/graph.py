"""The neutral intermediate representation that every front end produces.

A graph is plain data: nodes refer to values by id and know neither their users nor their source
lines, so that a snapshot shares every unchanged node with the one before, and comparing or
pickling never walks more than the tree of blocks. What is *about* nodes (links, scopes) lies in
tables keyed by node id.

Ids are allocated once a session and never reused: the same id is the same node, the same object
is an unchanged node.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from operator import is_
from typing import Any

from tsviz.ir.types import Type
from tsviz.location import How, Link, Unknown

_ids = count(1)


def fresh_id() -> int:
    """The next id, unique in this process; nodes and values share one sequence."""
    return next(_ids)


@dataclass(frozen=True, slots=True)
class TensorRef:
    """A tensor constant, by what identifies it instead of by its numbers.

    Attributes:
        dtype: short name such as `f32`, "" where the text did not say.
        shape: sizes, `None` where the text did not say.
        digest: first 16 hexadecimal digits of the SHA-256 of the contiguous bytes; "" where they
            were not seen, or where `Graph.digests` computes it when it is asked for.
        text: the numbers as PyTorch prints small tensors, such as `{1}`, else "".
    """

    dtype: str = ""
    shape: tuple[int, ...] | None = None
    digest: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class SubgraphRef:
    """An attribute whose value is a graph: `blocks[index]` of the same node."""

    index: int


@dataclass(frozen=True, slots=True)
class Opaque:
    """An attribute known by its printed form only (annotated constants, objects, devices)."""

    text: str


Attribute = int | float | complex | str | TensorRef | SubgraphRef | Opaque | tuple["Attribute", ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A value: what a node or a block's parameter yields. `name` is unique in its graph."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.

    Attributes:
        op: qualified name such as `aten::add`; a Python op keeps its `^`.
        overload: such as `Tensor`, "" where there is none or it is not known.
        inputs, outputs: ids of values.
        attributes: (name, value) pairs in printed order.
        blocks: of an If, a Loop, a fork or a fusion group.
    """

    id: int
    op: str
    overload: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    attributes: tuple[tuple[str, Attribute], ...] = ()
    blocks: tuple["Block", ...] = ()

    def get_attribute(self, name: str) -> Attribute:
        """The attribute `name`.

        Raises:
            KeyError: the node has none of that name.
        """
        for key, value in self.attributes:
            if key == name:
                return value
        raise KeyError(name)

    def find_attribute(self, name: str) -> Attribute | None:
        """The attribute `name`, or `None`."""
        return next((value for key, value in self.attributes if key == name), None)


@dataclass(frozen=True, slots=True)
class Block:
    """A list of nodes with parameters and returned values (ids)."""

    params: tuple[int, ...]
    nodes: tuple[Node, ...]
    returns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a value.

    Attributes:
        node: who uses it, 0 for the graph's own returns.
        index: as which input, -1 where a block of `node` returns it.
    """

    node: int
    index: int


_NO_LINK = Link(Unknown("this graph carries no source information"), How.NONE)


@dataclass(frozen=True, eq=False)
class Graph:
    """A whole program: one block, its values and what is known about its nodes.

    Graphs are equal if all they hold is, ids included; they compare and pickle without recursion.

    Attributes:
        name: method or function name.
        dialect: `torchscript` for now.
        block: the outermost block.
        values: id → value, nested blocks included.
        types: value id → type.
        links: node id → source link.
        scopes: node id → path of the module call it belongs to, "" at the top.
        digests: id of a constant's node → digest of its tensor (may compute on look-up).
    """

    name: str
    dialect: str
    block: Block
    values: Mapping[int, Value]
    types: Mapping[int, Type]
    links: Mapping[int, Link] = field(default_factory=dict[int, Link])
    scopes: Mapping[int, str] = field(default_factory=dict[int, str])
    digests: Mapping[int, str] = field(default_factory=dict[int, str])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and self._parts() == other._parts()

    __hash__ = None  # pyright: ignore[reportAssignmentType]

    def __reduce__(self) -> tuple[Callable[..., "Graph"], tuple[object, ...]]:
        return _graph_of_parts, self._parts()

    def _parts(self) -> tuple[object, ...]:
        tables = (self.values, self.types, self.links, self.scopes, self.digests)
        return self.name, self.dialect, _flatten(self.block), *tables

    def link(self, node: Node) -> Link:
        """Where `node` comes from and how surely that is known."""
        return self.links.get(node.id, _NO_LINK)

    def scope(self, node: Node) -> str:
        """The module path of `node`, such as `layer1.0.conv1`."""
        return self.scopes.get(node.id, "")

    def iter_nodes(self) -> Iterator[Node]:
        """All nodes in printed order: a node, then the nodes of its blocks."""
        yield from iter_block(self.block)

    @cached_property
    def nodes(self) -> Mapping[int, Node]:
        """Node id → node, nested ones included, in printed order."""
        return {node.id: node for node in self.iter_nodes()}

    @cached_property
    def producers(self) -> Mapping[int, Node]:
        """Value id → the node that yields it; parameters of blocks have none."""
        return {out: node for node in self.nodes.values() for out in node.outputs}

    @cached_property
    def users(self) -> Mapping[int, tuple[Use, ...]]:
        """Value id → its uses in printed order, returns of blocks included."""
        users: dict[int, list[Use]] = {}
        for node in self.nodes.values():
            for index, value in enumerate(node.inputs):
                users.setdefault(value, []).append(Use(node.id, index))
            for block in node.blocks:
                for value in block.returns:
                    users.setdefault(value, []).append(Use(node.id, -1))
        for value in self.block.returns:
            users.setdefault(value, []).append(Use(0, -1))
        return {value: tuple(uses) for value, uses in users.items()}


def iter_block(block: Block) -> Iterator[Node]:
    """All nodes of a block in printed order, nested ones included, without recursion limits."""
    stack = [iter(block.nodes)]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        yield node
        if node.blocks:
            stack.extend(iter(inner.nodes) for inner in reversed(node.blocks))


@dataclass(slots=True)
class _Rewriting:
    """A block that is being rewritten: what is done, what is to do, and the node between."""

    block: Block
    todo: Iterator[Node]
    done: list[Node] = field(default_factory=list[Node])
    owner: Node | None = None
    inner: list[Block] = field(default_factory=list[Block])


def rewrite_block(block: Block, change: Callable[[Node], Node]) -> Block:
    """`block` with `change(node)` for every node, inner nodes first, without recursion limits.

    What does not change stays the same object, nested blocks included.
    """
    stack = [_Rewriting(block, iter(block.nodes))]
    while True:
        top = stack[-1]
        if top.owner is not None:
            if len(top.inner) < len(top.owner.blocks):
                block = top.owner.blocks[len(top.inner)]
                stack.append(_Rewriting(block, iter(block.nodes)))
                continue
            same = all(map(is_, top.inner, top.owner.blocks))
            owner = top.owner if same else replace(top.owner, blocks=tuple(top.inner))
            top.done.append(change(owner))
            top.owner, top.inner = None, []
        for node in top.todo:
            if node.blocks:
                top.owner = node
                break
            top.done.append(change(node))
        else:
            stack.pop()
            same = all(map(is_, top.done, top.block.nodes))
            block = top.block if same else replace(top.block, nodes=tuple(top.done))
            if not stack:
                return block
            stack[-1].inner.append(block)


# ── a block as a flat list ──────────────────────────────────────────────────────────────────────

_Shape = tuple[tuple[int, ...], int, tuple[int, ...]]
"""A block's parameters, the number of nodes directly in it, and its returns."""
_Rows = list[tuple[Node, tuple[_Shape, ...]]]


def _flatten(block: Block) -> tuple[_Shape, _Rows]:
    """The block's shape and its nodes in printed order, each without its blocks."""
    rows = [
        (replace(node, blocks=()), tuple(map(_shape, node.blocks))) if node.blocks else (node, ())
        for node in iter_block(block)
    ]
    return _shape(block), rows


def _shape(block: Block) -> _Shape:
    return block.params, len(block.nodes), block.returns


def _graph_of_parts(
    name: str, dialect: str, flat: tuple[_Shape, _Rows], *tables: Mapping[int, Any]
) -> Graph:
    shape, rows = flat
    done: list[Node] = []  # from the last row on, so that a node's own nodes lie on top
    for node, shapes in reversed(rows):
        blocks = tuple(_block_of(inner, done) for inner in shapes)
        done.append(replace(node, blocks=blocks) if blocks else node)
    return Graph(name, dialect, _block_of(shape, done), *tables)


def _block_of(shape: _Shape, done: list[Node]) -> Block:
    params, count, returns = shape
    return Block(params, tuple(done.pop() for _ in range(count)), returns)
