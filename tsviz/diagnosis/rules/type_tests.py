"""`isinstance` is decided while compiling, against types that TorchScript knows.

A class that it does not know cannot be asked for. Since every value has its type written down, the
question is needed for `Optional` and `Union` only:

    if isinstance(x, np.ndarray): …         # ask outside of the compiled code
    assert isinstance(x, torch.Tensor)      # narrows `Tensor | None` to `Tensor`
"""

import ast
from collections.abc import Iterator

import torch

from tsviz.diagnosis.code import MISSING, Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "isinstance"
_KNOWN: tuple[object, ...] = (
    int,
    float,
    bool,
    str,
    complex,
    list,
    dict,
    tuple,
    torch.Tensor,
    torch.device,
)


def find(function: Function, world: World) -> Iterator[Finding]:
    """`isinstance` with a class that TorchScript does not know, and classes asked for as values."""
    for node in function.nodes():
        yield from _class_of(function, node)
        if not (isinstance(node, ast.Call) and function.resolve(node.func) is isinstance):
            continue
        if len(node.args) != 2 or node.keywords:
            continue
        classes = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
        for item in classes:
            kind = function.resolve(item)
            if kind is MISSING or kind in _KNOWN or _is_module(kind):
                continue
            place = function.place(item)
            cause = f"TorchScript does not know the class `{function.segment(item)}`"
            advice = "ask outside of the compiled code, or annotate the argument"
            detour = (Change(function.place(node), "False"),)
            yield Finding(NAME, function, place, cause, advice, detour=detour)


def _class_of(function: Function, node: ast.AST) -> Iterator[Finding]:
    """`type(x)` and `x.__class__`."""
    is_call = isinstance(node, ast.Call) and function.resolve(node.func) is type
    if is_call or (isinstance(node, ast.Attribute) and node.attr == "__class__"):
        place = function.place(node)
        cause = f"`{function.segment(node)}` is a class, and TorchScript has no classes as values"
        advice = "ask with `isinstance`, or outside of the compiled code"
        yield Finding(NAME, function, place, cause, advice)


def _is_module(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, torch.nn.Module)
