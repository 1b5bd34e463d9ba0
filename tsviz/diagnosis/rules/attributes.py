"""An attribute of a module has one type that TorchScript can tell from its value in `__init__`.

From an empty list, `None`, or a list of unlike things it cannot; sets, arrays and objects it does
not have. A line in the class says what the value does not:

    class Net(nn.Module):
        lengths: list[int]                  # self.lengths = [] says nothing of its elements
        last: torch.Tensor | None           # self.last = None would stay None for ever
"""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import torch

from tsviz.diagnosis.code import MISSING, Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import declared_in_class
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen, see
from tsviz.jit import reachable

NAME = "attribute"
_FITTING = (torch.nn.Module, torch.Tensor, torch.dtype, torch.device, torch.nn.Parameter)


def find(function: Function, world: World) -> Iterator[Finding]:
    """Attributes that a method uses, of types that TorchScript cannot tell or does not have."""
    if not function.is_method or not function.modules:
        return
    module = function.modules[0][1]
    uses: dict[str, list[ast.Attribute]] = {}
    for node in function.nodes():
        if isinstance(node, ast.Attribute) and function.resolve(node.value) is module:
            uses.setdefault(node.attr, []).append(node)
    for node, *others in uses.values():
        value = world.held(module, node.attr)
        if value is MISSING:
            yield from _missing(function, node)
            continue
        kind = world.attribute(function, node.attr)
        if kind is None or callable(value) or isinstance(value, _FITTING):
            continue
        finding = _judge(function, node, value, kind)
        if finding is not None:
            yield replace(finding, others=tuple(map(function.place, others)))


def _missing(function: Function, node: ast.Attribute) -> Iterator[Finding]:
    """What is neither held by the module nor known to its class."""
    value = function.resolve(node)
    name = node.attr
    if value is MISSING and isinstance(node.ctx, ast.Store):
        cause = f"`self.{name}` is set here for the first time, which only `__init__` may do"
        advice = f"set `self.{name}` in `__init__`, with an annotation in the class"
        yield Finding(NAME, function, function.place(node), cause, advice)
    is_data = type(value) in (int, float, bool, str, list, tuple, dict)
    if is_data and isinstance(node.ctx, ast.Load):
        cause = f"`{name}` is an attribute of the class, which TorchScript does not look into"
        edit = declared_in_class(function, f'__constants__ = ["{name}"]')
        advice = f"name it in `__constants__`, or set `self.{name}` in `__init__`"
        known = hasattr(function.modules[0][1], "__constants__")
        yield Finding(NAME, function, function.place(node), cause, advice, () if known else edit)


def _judge(function: Function, node: ast.Attribute, value: object, kind: Seen) -> Finding | None:
    name = node.attr
    now = see(value)
    place = function.place(node)
    if kind.is_expressible and not kind.is_open and not kind.is_mixed:
        if now == kind:
            return None
        text = function.annotation(kind)
        cause = f"`self.{name}` is {now} at first, and {kind} later"
        edit = declared_in_class(function, f"{name}: {text}") if text else ()
        advice = f"declare `{name}: {text}` in the class"
        return Finding(NAME, function, place, cause, advice, edit)
    if kind.is_expressible and kind.is_open:
        cause = f"`self.{name}` is empty, so TorchScript cannot tell the type of its elements"
        advice = f"declare it in the class, such as `{name}: list[int]`"
        return Finding(NAME, function, place, cause, advice)
    if kind.is_expressible:
        cause = f"`self.{name}` is {kind}: its elements differ in type"
        advice = "use a tuple or a NamedTuple, or one attribute for each type"
        return Finding(NAME, function, place, cause, advice)
    return Finding(NAME, function, place, _cause(name, kind), _advice(value))


def _cause(name: str, kind: Seen) -> str:
    return f"`self.{name}` is {kind}, a type that TorchScript does not have"


def _advice(value: object) -> str:
    items: list[object] = []
    kind = type(value)
    if kind is dict:
        items = [*cast("dict[object, object]", value).values()]
    elif kind in (list, tuple):
        items = [*cast("list[object]", value)]
    if items and all(isinstance(item, torch.nn.Module) for item in items):
        return "use nn.ModuleDict" if kind is dict else "use nn.ModuleList"
    if kind.__module__ == "numpy":
        return "make a tensor of it in `__init__`, and register it as a buffer"
    if isinstance(value, (set, frozenset)):
        return "use a list"
    return "keep what the compiled code needs of it in attributes of its own"


def iter_objects(world: World) -> Iterator[Finding]:
    """The objects that modules hold, of classes that TorchScript may try to compile."""
    done = set[tuple[type, str]]()
    for path, module in world.parts:
        for name, value in vars(module).items():
            key = (type(module), name)
            if key in done or reachable.is_hidden_attribute(name) or callable(value):
                continue
            if isinstance(value, _FITTING) or see(value).is_expressible:
                continue
            done.add(key)
            function, place = world.made_at(path, module, name)
            if function is not None:
                yield Finding(
                    NAME, function, place, _cause(name, see(value)), _advice(value), attribute=key
                )
