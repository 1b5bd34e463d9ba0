"""A `lambda` is a function value, and TorchScript has none: it compiles `def`s that have a name.

double = lambda a: a * 2                def double(a):        # outside, in the module
return double(x)                            return a * 2
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace
from types import FunctionType

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import named_lambdas
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen
from tsviz.location import FileRange

NAME = "lambda"
WORDS = "Expected a single top-level function"
"""What PyTorch says to one that is the entry point."""
_CAUSE = "TorchScript compiles no `lambda`"
_ADVICE = "write it as a `def` in the module, outside of the function"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`lambda` expressions, calls of functions that are one, and an entry point that is one."""
    if isinstance(function.tree, ast.Lambda) and world.owner is function.python:
        yield Finding(NAME, function, function.place(function.tree), _CAUSE, _ADVICE)
    for node in function.nodes():
        if isinstance(node, ast.Lambda):
            yield Finding(NAME, function, function.place(node), _CAUSE, _ADVICE)
    if isinstance(function.tree, ast.Lambda):
        return
    calls: dict[int, list[tuple[FileRange, Seen]]] = {}
    for node in function.nodes():
        called = function.resolve(node.func) if isinstance(node, ast.Call) else None
        known = world.functions.get(id(called)) if isinstance(called, FunctionType) else None
        if known is not None and isinstance(known.tree, ast.Lambda):
            kind = world.returned(known) or Seen("Tensor")
            calls.setdefault(id(called), []).append((function.place(node), kind))
    for identity, standins in calls.items():
        known = world.functions[identity]
        assert known.tree is not None
        place, edit = known.place(known.tree), _defined(known, world)
        yield Finding(NAME, function, place, _CAUSE, _ADVICE, edit, standins=tuple(standins))


def _defined(known: Function, world: World) -> tuple[Change, ...]:
    """`def name(…):` with the types that eager passes, for `name = lambda …:` in the module."""
    made = known.tree
    name = named_lambdas(known.text.tree).get(made) if isinstance(made, ast.Lambda) else None
    if name is None or not isinstance(made, ast.Lambda):
        return ()
    whole, start = known.place(made), known.text.lines[made.lineno - 1]
    if not start.startswith(name):  # over several lines
        return ()
    arguments = copy.deepcopy(made.args)
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        kind = world.given(known, argument.arg)
        note = known.annotation(kind) if kind is not None and kind.name != "Tensor" else None
        argument.annotation = ast.parse(note, mode="eval").body if note is not None else None
    text = f"def {name}({ast.unparse(arguments)}):\n    return {known.segment(made.body)}"
    return (Change(replace(whole, col=0), text),)
