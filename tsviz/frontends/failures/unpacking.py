"""The line that unpacks a value into names, which no node has a range of."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tsviz.frontends import read_source
from tsviz.location import FileRange

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_unpacking(near: FileRange, names: Sequence[str]) -> FileRange | None:
    """The only statement that assigns to these names, in the function around `near`."""
    try:
        tree = ast.parse(read_source(near.file).text)
    except SyntaxError:
        return None
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _Function) and node.lineno <= near.line <= (node.end_lineno or 0)
    ]
    function = max(around, key=lambda node: node.lineno, default=None)
    if function is None:
        return None
    found = [at for at in ast.walk(function) if list(names) in list(_unpacked(at))]
    if len(found) != 1 or not isinstance(found[0], (ast.Assign, ast.For)):
        return None
    line = found[0].lineno
    return replace(near, line=line, col=0, end_line=line, end_col=0)


def _unpacked(node: ast.AST) -> Iterator[list[str]]:
    """The names of each tuple or list that a statement assigns to."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    targets = [node.target] if isinstance(node, ast.For) else targets
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield [item.id if isinstance(item, ast.Name) else "" for item in target.elts]
