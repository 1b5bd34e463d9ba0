"""PyTorch's internals for making graphs: nodes, blocks, constants and types."""

from collections.abc import Callable, Iterator
from typing import Protocol, cast

import torch

from tsviz.jit.internals import JitType, find_nodes, insert_clone, internals

# ruff: noqa: D102, N802 (the methods below are PyTorch's own)


class LiveNode(Protocol):
    """What is set on a node that is being made."""

    def i_(self, name: str, value: int) -> object: ...
    def f_(self, name: str, value: float) -> object: ...
    def s_(self, name: str, value: str) -> object: ...
    def is_(self, name: str, value: list[int]) -> object: ...
    def fs_(self, name: str, value: list[float]) -> object: ...
    def ss_(self, name: str, value: list[str]) -> object: ...
    def g_(self, name: str, value: torch._C.Graph) -> object: ...
    def ty_(self, name: str, value: "JitType") -> object: ...
    def ival_(self, name: str, value: object) -> object: ...
    def tys_(self, name: str, value: list["JitType"]) -> object: ...
    def addBlock(self) -> "LiveBlock": ...
    def outputs(self) -> Iterator[torch._C.Value]: ...


class LiveBlock(Protocol):
    """A block that is being made."""

    def addInputToBlock(self) -> torch._C.Value: ...
    def registerOutput(self, value: torch._C.Value) -> int: ...


class TypeConstructors(Protocol):
    """What types are made of other types by."""

    ListType: Callable[[JitType], JitType]
    OptionalType: Callable[[JitType], JitType]
    TupleType: Callable[[list[JitType]], JitType]
    DictType: Callable[[JitType, JitType], JitType]


class _Value(Protocol):
    def setType(self, kind: JitType) -> object: ...


class _Making(Protocol):
    def insertConstant(self, value: object) -> torch._C.Value: ...
    def create(self, kind: str, args: list[torch._C.Value], outputs: int) -> torch._C.Node: ...


type_constructors = cast("TypeConstructors", torch._C)


def insert_value(graph: torch._C.Graph, value: object) -> torch._C.Value:
    """A new constant at the insertion point of `graph`."""
    return cast("_Making", graph).insertConstant(value)


def insert_read(graph: torch._C.Graph, kind: str, text: str) -> torch._C.Value:
    """A new constant, read by PyTorch from its text.

    Args:
        kind: the text of its type.
        text: as PyTorch prints its value.
    """
    read = internals.parse_ir(
        f"graph():\n  %0 : {kind} = prim::Constant[value={text}]()\n  return (%0)\n"
    )
    (node,) = find_nodes(read, "prim::Constant")
    return insert_clone(graph, node, lambda value: value).output()


def make_node(
    graph: torch._C.Graph, op: str, inputs: list[torch._C.Value], outputs: int
) -> LiveNode:
    """A new node at the insertion point of `graph`."""
    made = cast("_Making", graph).create(op, inputs, outputs)
    return cast("LiveNode", graph.insertNode(made))


def make_graph() -> torch._C.Graph:
    """An empty graph."""
    return torch._C.Graph()


def set_type(value: torch._C.Value, kind: JitType) -> None:
    """Gives a value another type."""
    cast("_Value", value).setType(kind)
