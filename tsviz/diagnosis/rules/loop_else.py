"""`else` of a loop does not exist in TorchScript. Without a `break`, it simply runs after the loop.

for row in x:                           for row in x:
    total += row                            total += row
else:                                   total += 1
    total += 1
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import after
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "loop-else"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`for` and `while` with `else`."""
    for node in function.statements():
        if isinstance(node, (ast.For, ast.While)) and node.orelse:
            cause = "TorchScript's loops have no `else`"
            edit = () if _breaks(node.body) else _behind(function, node)
            advice = "write it after the loop" if edit else "remember in a bool whether it broke"
            place = function.keyword(node, "for" if isinstance(node, ast.For) else "while")
            yield Finding(NAME, function, place, cause, advice, edit)


def _breaks(body: list[ast.stmt]) -> bool:
    """Whether a loop's body breaks out of it."""
    for node in body:
        if isinstance(node, ast.Break):
            return True
        inner = [] if isinstance(node, (ast.For, ast.While)) else getattr(node, "body", [])
        if _breaks([*inner, *getattr(node, "orelse", [])]):
            return True
    return False


def _behind(function: Function, node: ast.For | ast.While) -> tuple[Change, ...]:
    last, first, end = map(function.place, (node.body[-1], node.orelse[0], node.orelse[-1]))
    here = function.place(node)
    start = after(last)
    head = FileRange(start.file, start.line, start.col, first.line, first.col)
    changes = [Change(head, "\n" + " " * here.col)]
    by = first.col - here.col
    for line in range(first.line + 1, end.end_line + 1):
        if function.text.lines[line - 1][:by].isspace():
            changes.append(Change(FileRange(function.file, line, 0, line, by), ""))
    return tuple(changes)
