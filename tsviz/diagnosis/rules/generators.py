"""A function with `yield` is a generator, which stops and goes on; compiled code cannot stop.

Collect the values in a list and return it:

    for row in x:                           rows: list[torch.Tensor] = []
        yield row * 2                       for row in x:
                                                rows.append(row * 2)
                                            return rows
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "generator"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`yield` and `await`."""
    for node in function.nodes():
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            cause = f"`{function.name}` is a generator, and TorchScript has no `yield`"
            advice = "append to a list and return that"
            place = function.place(node)
            yield Finding(NAME, function, place, cause, advice, names=(function.name,))
