"""`:=` assigns inside an expression; TorchScript assigns in statements only.

if (n := x.size(0)) > 1:                n = x.size(0)
                                        if n > 1:
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import before
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "walrus"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Assignments inside expressions."""
    for statement in function.statements():
        for node in function.expressions(statement):
            if isinstance(node, ast.NamedExpr):
                place = function.place(node)
                cause = "TorchScript has no assignment inside an expression"
                advice = "assign in a statement of its own before"
                edit = _moved(function, statement, node)
                yield Finding(NAME, function, place, cause, advice, edit)


def _moved(function: Function, statement: ast.stmt, node: ast.NamedExpr) -> tuple[Change, ...]:
    """The assignment before the statement, where it is the first thing that is evaluated anyhow."""
    value = statement.test if isinstance(statement, ast.If) else getattr(statement, "value", None)
    here = function.place(statement)
    line = function.text.lines[here.line - 1]
    own_line = not line[: here.col].strip() and not line[here.col :].startswith("elif")
    if not own_line or not isinstance(value, ast.expr) or not _is_first(value, node):
        return ()
    name, text = node.target.id, function.segment(node.value)
    lines = f"{name} = {text}\n" + " " * here.col
    place = function.place(node)
    return (Change(before(here), lines), Change(_with_parentheses(function, place), name))


def _is_first(value: ast.expr, node: ast.NamedExpr) -> bool:
    """Whether nothing runs before it, and nothing can keep it from running."""
    while value is not node:
        if isinstance(value, (ast.Compare, ast.BinOp)):
            value = value.left
        elif isinstance(value, ast.BoolOp):
            value = value.values[0]
        elif isinstance(value, ast.UnaryOp):
            value = value.operand
        else:
            return False
    return True


def _with_parentheses(function: Function, place: FileRange) -> FileRange:
    line = function.text.lines[place.line - 1]
    around = line[place.col - 1 : place.col] + line[place.end_col : place.end_col + 1]
    if place.line == place.end_line and around == "()":
        return replace(place, col=place.col - 1, end_col=place.end_col + 1)
    return place
