"""TorchScript has no `match`; a chain of `if` and `elif` says the same.

match x.dim():                          if x.dim() == 1:
    case 1: …                               …
    case _: …                           else:
                                            …
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "match"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`match` statements."""
    for node in function.statements():
        if isinstance(node, ast.Match):
            place = function.keyword(node, "match")
            advice = "write `if` and `elif`"
            yield Finding(NAME, function, place, "TorchScript has no `match`", advice)
