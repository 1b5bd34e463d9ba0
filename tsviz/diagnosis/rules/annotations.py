"""Annotations that Python lets pass and TorchScript cannot use: bare `list`, `Sequence` and so on.

TorchScript compiles for one type, so every element has to have one, and a tuple a length:

    def forward(self, sizes: list):         def forward(self, sizes: list[int]):
"""

import ast
import enum
from collections.abc import Iterator

import torch

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen, is_named_tuple

NAME = "annotation"
_CONTAINERS = frozenset({"list", "List", "dict", "Dict", "tuple", "Tuple", "set", "Set"})
_NAMES = frozenset(
    {"Sequence", "Iterable", "Mapping", "Callable", "Collection", "Iterator", "Literal", "object",
     "bytes", "ndarray", "Size", "set", "Set", "frozenset", "FrozenSet", "DataFrame"}
)  # fmt: skip


def find(function: Function, world: World) -> Iterator[Finding]:
    """Annotations of arguments, results and locals that TorchScript has no type for."""
    for argument in function.arguments():
        if argument.annotation is not None:
            seen = world.given(function, argument.arg)
            yield from _check(function, argument.annotation, argument.arg, seen)
    for node in function.statements():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            seen = world.seen(function, node.target.id)
            yield from _check(function, node.annotation, node.target.id, seen)
    returns = getattr(function.tree, "returns", None)
    if isinstance(returns, ast.expr):
        yield from _check(function, returns, "the result", world.returned(function))


def _check(function: Function, node: ast.expr, name: str, seen: Seen | None) -> Iterator[Finding]:
    wrong = _wrong(function, node)
    if wrong is None:
        return
    shown = f"`{name}`" if name.isidentifier() else name
    cause = f"{shown} is annotated `{function.segment(node)}`, which TorchScript cannot use"
    text = function.annotation(seen) if seen is not None else None
    if text is not None:
        advice = f"annotate what eager passes: `{text}`"
        edit = (Change(function.place(node), text),)
        yield Finding(NAME, function, function.place(node), cause, advice, edit)
        return
    advice = "name the type of the elements, such as `list[int]`"
    if wrong not in _CONTAINERS:
        advice = "use Tensor, int, float, bool, str, or list, dict and tuple of these"
    tensor = function.name_of_tensor() or "Tensor"
    detour = (Change(function.place(node), tensor),)
    names = (name,) if name.isidentifier() else ()
    yield Finding(NAME, function, function.place(node), cause, advice, detour=detour, names=names)


def _wrong(function: Function, node: ast.expr) -> str | None:
    """The name in an annotation that TorchScript has no type for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _wrong(function, ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(node, ast.Subscript):
        name = _last(node.value)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name in _NAMES:
            return name
        if any(isinstance(part, ast.Constant) and part.value is Ellipsis for part in inner):
            return name
        return next(
            (wrong for part in inner if (wrong := _wrong(function, part)) is not None), None
        )
    if isinstance(node, ast.BinOp):
        return _wrong(function, node.left) or _wrong(function, node.right)
    name = _last(node)
    if name in _CONTAINERS | _NAMES:
        return name
    kind = function.resolve(node)
    return name if isinstance(kind, type) and not _has_type(kind) else None


def _has_type(kind: type) -> bool:
    """Whether TorchScript has the type without compiling a class for it, or may have."""
    simple = kind.__module__.partition(".")[0] in ("builtins", "torch", "typing")
    return (
        simple
        or is_named_tuple(kind)
        or issubclass(kind, (enum.Enum, torch.Tensor, torch.nn.Module))
    )


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
