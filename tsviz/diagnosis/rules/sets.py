"""TorchScript has no sets. For `in`, a tuple does the same; for distinct values, a dict's keys do.

if mode in {1, 2}:                      if mode in (1, 2):
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "set"
_KINDS: tuple[object, ...] = (set, frozenset)


def find(function: Function, world: World) -> Iterator[Finding]:
    """Set literals and comprehensions, and calls of `set` and `frozenset`."""
    tested = {
        id(node.comparators[0])
        for node in function.nodes()
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn))
    }
    for node in function.nodes():
        is_call = isinstance(node, ast.Call) and function.resolve(node.func) in _KINDS
        if not (isinstance(node, (ast.Set, ast.SetComp)) or is_call):
            continue
        edit = _tuple(function, node) if isinstance(node, ast.Set) and id(node) in tested else ()
        advice = "write a tuple" if edit else "use a list, or the keys of a dict"
        place = function.place(node)
        yield Finding(NAME, function, place, "TorchScript has no sets", advice, edit)


def _tuple(function: Function, node: ast.Set) -> tuple[Change, ...]:
    """The same elements as a tuple, of the same kinds so that they can be compared."""
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return ()
    items = ", ".join(function.segment(item) for item in node.elts)
    comma = "," if len(node.elts) == 1 else ""
    return (Change(function.place(node), f"({items}{comma})"),)
