"""`try` does not exist in TorchScript: code that raises ends the run, and nothing catches it.

The compiled program has no stack of handlers. What can go wrong has to be asked before:

    try:                                    if key in table:
        y = table[key]                          y = table[key]
    except KeyError:                        else:
        y = x                                   y = x
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import unwrapped
from tsviz.diagnosis.rules.finding import Finding

NAME = "try-except"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`try` blocks."""
    for node in function.statements():
        if isinstance(node, (ast.Try, ast.TryStar)):
            place = function.keyword(node, "try")
            kinds = [ast.unparse(part.type) for part in node.handlers if part.type is not None]
            caught = f" for {', '.join(kinds)}" if kinds else ""
            cause = "TorchScript has no `try`: nothing can be caught in compiled code"
            advice = f"test{caught} before, instead of catching it after"
            plain = not (node.orelse or node.finalbody)
            detour = unwrapped(function, node, node.body) if plain else ()
            yield Finding(NAME, function, place, cause, advice, detour=detour)
