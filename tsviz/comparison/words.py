"""What changed in a node, in words."""

from typing import cast

from tsviz.ir import Attribute, Edit, Graph, TensorRef, Type
from tsviz.ir.literals import render_literal

_LONGEST = 60


def describe_edits(edits: tuple[Edit, ...], before: Graph, after: Graph) -> str:
    """The edits of one node as one line.

    Args:
        before, after: the graphs, in which the same id is the same node or value.
    """
    return "; ".join(_describe(edit, before, after) for edit in edits)


def _describe(edit: Edit, before: Graph, after: Graph) -> str:
    was, now = edit.before, edit.after
    if edit.what in ("input", "output", "parameter", "return"):
        value = _value(before, was), _value(after, now)
        return f"{_place(edit)} {_from_to(*value)}"
    if edit.what == "type":
        name = after.values[cast("int", edit.at)].name
        return f"type of %{name} {_from_to(str(was), str(now))}"
    if edit.what == "block":
        sizes = [f"{size:,} nodes" if isinstance(size, int) else "" for size in (was, now)]
        return f"block {edit.at} {_from_to(*sizes)}"
    if edit.what == "attribute":
        return f"{edit.at} {_attributes(was, now)}"
    return f"{edit.what} {_from_to(str(was), str(now))}"


def _place(edit: Edit) -> str:
    if isinstance(edit.at, tuple):
        block, index = edit.at
        return f"{edit.what} {index} of block {block}"
    return f"{edit.what} {edit.at}"


def _value(graph: Graph, value: object) -> str:
    """A value by its name and by what makes it."""
    if not isinstance(value, int):
        return ""
    maker = graph.producers.get(value)
    return f"%{graph.values[value].name}" + (f" of {maker.op}" if maker is not None else "")


def _from_to(was: str, now: str) -> str:
    if not was:
        return f"is new: {now}"
    if not now:
        return f"is gone: {was}"
    return f"was {was}, is {now}"


def _attributes(was: Attribute | Type | None, now: Attribute | Type | None) -> str:
    if isinstance(was, TensorRef) and isinstance(now, TensorRef):
        shapes = _tensor(was), _tensor(now)
        return "has other numbers" if len(set(shapes)) == 1 else _from_to(*shapes)
    return _from_to(_literal(was), _literal(now))


def _tensor(tensor: TensorRef) -> str:
    shape = "" if tensor.shape is None else f"[{', '.join(map(str, tensor.shape))}]"
    return f"{tensor.dtype or 'Tensor'}{shape}"


def _literal(value: Attribute | Type | None) -> str:
    text = "" if value is None or isinstance(value, Type) else render_literal(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
