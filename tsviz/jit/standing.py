"""Nodes for which what they gave in an earlier run may stand: the run asks, and else runs them."""

from collections.abc import Iterator
from typing import Protocol, cast

import torch

from tsviz.jit.internals import insert_clone, type_of
from tsviz.jit.making import LiveBlock, LiveNode, insert_value, make_node, set_type
from tsviz.jit.types_shown import is_plain, scalar_type


class _Node(Protocol):
    def blocks(self) -> Iterator[object]: ...
    def outputs(self) -> Iterator[torch._C.Value]: ...


class _Value(Protocol):
    def replaceAllUsesWith(self, other: torch._C.Value) -> object: ...  # noqa: N802 (PyTorch's)


def can_stand(live: torch._C.Node) -> bool:
    """Whether a node only yields tensors and numbers."""
    node = cast("_Node", live)
    kinds = [type_of(value) for value in node.outputs()]
    is_whole = bool(kinds) and not list(node.blocks())
    return is_whole and all(is_plain(kind) and kind.kind() != "ClassType" for kind in kinds)


def stand_in(native: torch._C.Graph, live: torch._C.Node, channel: torch._C.Value) -> torch._C.Node:
    """Puts an If in the place of a node, at the insertion point, which is after it."""

    def make(op: str, inputs: list[torch._C.Value], outputs: int) -> torch._C.Node:
        made = cast("torch._C.Node", make_node(native, op, inputs, outputs))
        made.copyMetadata(live)
        return made

    values = list(cast("_Node", live).outputs())
    asked = make("tsviz_tap::is_known", [channel], 1).output()
    set_type(asked, scalar_type("BoolType"))
    choice = make("prim::If", [asked], len(values))
    then, other = (_block(choice) for _ in range(2))
    with native.insert_point_guard(cast("torch._C.Block", then)):
        for at, value in enumerate(values):
            given = make("tsviz_tap::known", [channel, insert_value(native, at)], 1).output()
            set_type(given, scalar_type("AnyType"))
            fitting = make("prim::unchecked_cast", [given], 1).output()
            set_type(fitting, type_of(value))
            then.registerOutput(fitting)
    with native.insert_point_guard(cast("torch._C.Block", other)):
        clone = insert_clone(native, live, lambda value: value)
        for value in cast("_Node", clone).outputs():
            other.registerOutput(value)
    for value, chosen in zip(values, cast("_Node", choice).outputs(), strict=True):
        set_type(chosen, type_of(value))
        cast("_Value", value).replaceAllUsesWith(chosen)
    live.destroy()
    return choice


def _block(node: torch._C.Node) -> LiveBlock:
    return cast("LiveNode", node).addBlock()
