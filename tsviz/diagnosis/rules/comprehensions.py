"""TorchScript's comprehensions have one loop and no condition.

A loop says the rest:

kept = [a for a in items if a > 1]      kept: list[int] = []
                                        for a in items:
                                            if a > 1:
                                                kept.append(a)
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "comprehension"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Comprehensions with a condition, with several loops, or `async`."""
    for statement in function.statements():
        for node in function.expressions(statement):
            if not isinstance(node, (ast.ListComp, ast.DictComp, ast.GeneratorExp)):
                continue
            loops = node.generators
            if len(loops) == 1 and not loops[0].ifs and not loops[0].is_async:
                continue
            what = "with `if`" if len(loops) == 1 else "with several loops"
            cause = f"TorchScript has no comprehension {what}"
            edit = _loop(function, world, statement, node)
            advice = "write it as a loop"
            yield Finding(NAME, function, function.place(node), cause, advice, edit)


def _loop(
    function: Function, world: World, statement: ast.stmt, node: ast.expr
) -> tuple[Change, ...]:
    """A loop instead of `name = [… for … if …]`."""
    if not (isinstance(statement, ast.Assign) and statement.value is node):
        return ()
    target = statement.targets[0]
    if len(statement.targets) > 1 or not isinstance(target, ast.Name):
        return ()
    if not isinstance(node, ast.ListComp) or _names(node) & {target.id}:
        return ()
    loops = {name.id for loop in node.generators for name in ast.walk(loop.target)
             if isinstance(name, ast.Name)}  # fmt: skip
    if loops & function.own_names:  # a loop's variable lives on, a comprehension's does not
        return ()
    kind = world.seen(function, target.id)
    text = function.annotation(kind) if kind is not None else None
    if text is None:
        return ()
    place = function.place(statement)
    lines = [f"{target.id}: {text} = []"]
    depth = 0
    for loop in node.generators:
        head = f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}:"
        lines.append("    " * depth + head)
        depth += 1
        for test in loop.ifs:
            lines.append("    " * depth + f"if {ast.unparse(test)}:")
            depth += 1
    lines.append("    " * depth + f"{target.id}.append({ast.unparse(node.elt)})")
    return (Change(place, ("\n" + " " * place.col).join(lines)),)


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
