"""Objects of the user's classes: only simple classes compile, and autograd functions do not.

A class whose objects are made in compiled code is compiled with all its methods, and must have no
base class. `NamedTuple`s and enums need nothing. A `torch.autograd.Function` is Python that the
autograd engine calls: it can be traced, or called through `@torch.jit.ignore`.
"""

import ast
import enum
from collections.abc import Iterator

import torch

from tsviz.diagnosis.code import MISSING, Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import is_named_tuple

NAME = "class"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Calls of classes, and of autograd functions."""
    managers = {
        id(item.context_expr)
        for node in function.statements()
        if isinstance(node, ast.With)
        for item in node.items
    }
    for node in function.nodes():
        if not isinstance(node, ast.Call) or id(node) in managers:
            continue
        place, called = function.place(node.func), function.resolve(node.func)
        name = function.segment(node.func)
        if called is MISSING or not isinstance(called, type) or _compiles(called):
            continue
        cause = f"`{name}` makes an object of a class that TorchScript does not compile"
        bases = [base.__name__ for base in called.__bases__ if base is not object]
        advice = f"it must have no base class, but has {', '.join(bases)}" if bases else (
            "use a NamedTuple, or annotate all arguments of its methods"
        )  # fmt: skip
        yield Finding(NAME, function, place, cause, advice)


def _compiles(kind: type) -> bool:
    simple = kind.__module__.partition(".")[0] in ("builtins", "torch")
    return (
        simple
        or is_named_tuple(kind)
        or issubclass(kind, (enum.Enum, BaseException, torch.nn.Module))
    )
