"""`global` and `nonlocal` write to a variable outside; compiled code has only its own.

Return the value, or keep it as an attribute of the module, declared in `__init__`:

    global steps                            self.steps += 1
    steps += 1
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "global-nonlocal"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`global` and `nonlocal`."""
    for node in function.statements():
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            word = "global" if isinstance(node, ast.Global) else "nonlocal"
            cause = f"`{word} {', '.join(node.names)}` writes outside of the function"
            advice = "return the value, or keep it in an attribute of the module"
            yield Finding(NAME, function, function.place(node), cause, advice)
