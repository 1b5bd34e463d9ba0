"""A value from outside the function is not part of a compiled program: it has its own data only.

Functions and modules are found by their names; numbers, lists and tensors are not taken along.
Write the value itself, take it as an argument, or keep it in the module:

    SCALE = 0.5                             def __init__(self):
    def forward(self, x):                       self.scale = 0.5
        return x * SCALE                    def forward(self, x):
                                                return x * self.scale
"""

import ast
import math
from collections.abc import Iterator

import torch

from tsviz.diagnosis.code import MISSING, Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen, see
from tsviz.location import FileRange

NAME = "outer-value"
_VALUES = (int, float, bool, str, complex, list, tuple, dict, set, torch.Tensor, torch.dtype,
           torch.device, type(None))  # fmt: skip


def find(function: Function, world: World) -> Iterator[Finding]:
    """Names of the closure or the globals that stand for data."""
    uses: dict[str, list[FileRange]] = {}
    for node in function.nodes():
        if not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            continue
        if node.id in function.own_names or node.id not in function.names:
            continue
        value = function.names[node.id]
        if value is not MISSING and type(value) in _VALUES:
            uses.setdefault(node.id, []).append(function.place(node))
    for name, places in uses.items():
        value = function.names[name]
        where = "closure" if name in function.python.__code__.co_freevars else "module"
        kind = see(value)
        cause = f"`{name}` is a value of the {where} ({_words(kind)}), not of the function"
        literal = _literal(value)
        edit = tuple(Change(place, literal) for place in places) if literal else ()
        keep = f"self.{name.lower()} = {name}"
        advice = f"keep it in the module: `{keep}` in `__init__`, or take it as an argument"
        if literal:
            advice = f"write the value itself, or {advice}"
        standins = tuple((place, kind) for place in places)
        yield Finding(NAME, function, places[0], cause, advice, edit, standins=standins)


def _words(kind: Seen) -> str:
    return str(kind)


def _literal(value: object) -> str:
    if type(value) in (bool, type(None), str):
        return repr(value)
    if isinstance(value, (int, float)):
        number = float(value)
        text = repr(value) if math.isfinite(number) else f'float("{value}")'
        return f"({text})" if text.startswith("-") else text
    return ""
