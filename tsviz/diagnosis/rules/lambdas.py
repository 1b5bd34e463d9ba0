"""A `lambda` is a function value, and TorchScript has none: it compiles `def`s that have a name.

double = lambda a: a * 2                def double(a):        # outside, in the module
return double(x)                            return a * 2
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "lambda"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`lambda` expressions, and functions that are one."""
    advice = "write it as a `def` in the module, outside of the function"
    cause = "TorchScript compiles no `lambda`"
    if isinstance(function.tree, ast.Lambda):
        yield Finding(NAME, function, function.place(function.tree), cause, advice)
    for node in function.nodes():
        if isinstance(node, ast.Lambda):
            yield Finding(NAME, function, function.place(node), cause, advice)
