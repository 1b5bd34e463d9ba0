"""What changed in a node or in a tensor, in words."""

from collections.abc import Iterator
from typing import cast

from tsviz.comparison.differences import WeightDiff
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


def describe_weight(diff: WeightDiff) -> str:
    """What differs in a tensor, as one line."""
    return "; ".join(_weight_words(diff))


def _weight_words(diff: WeightDiff) -> Iterator[str]:
    dtypes, shapes = (diff.dtype_before, diff.dtype_after), (diff.shape_before, diff.shape_after)
    if diff.differing is None or diff.share is None:
        yield from_to(*dtypes)
        yield from_to(*map(shape_text, shapes))
        return
    one = diff.differing == 1
    elements, verb = ("element", "differs") if one else ("elements", "differ")
    yield f"{diff.differing:,} {elements} ({diff.share:.3%}) {verb}"
    if diff.absolute is not None and diff.relative is not None:
        yield f"by {diff.absolute:.3g} at most, relatively by {diff.relative:.3g}"
    if diff.ulp is not None:
        yield f"{diff.ulp:,} ulp at most"


def shape_text(shape: tuple[int, ...] | None) -> str | None:
    """A shape as PyTorch writes it."""
    return None if shape is None else str(list(shape))


def from_to(was: str | None, now: str | None) -> str:
    """`f32 → f16`; one of them where they are the same, or the other is not there."""
    return " → ".join(dict.fromkeys(text for text in (was, now) if text is not None))
