"""TorchScript lacks `//=` and `@=`. The long form does the same for numbers and strings.

    n //= 2                                 n = n // 2

For a tensor `a //= b` writes into it, `a = a // b` makes a new one: only where nobody else holds
it is that the same.
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "augmented-assignment"
_SIGNS: dict[type, str] = {ast.FloorDiv: "//", ast.MatMult: "@"}


def find(function: Function, world: World) -> Iterator[Finding]:
    """Augmented assignments that TorchScript lacks."""
    for node in function.statements():
        if not isinstance(node, ast.AugAssign) or type(node.op) not in _SIGNS:
            continue
        sign = _SIGNS[type(node.op)]
        cause = f"TorchScript has no `{sign}=`"
        target, value = function.segment(node.target), function.segment(node.value)
        kind = world.seen(function, target) if isinstance(node.target, ast.Name) else None
        is_number = kind is not None and kind.name in ("int", "float")
        simple = isinstance(node.value, (ast.Name, ast.Constant, ast.Call, ast.Attribute))
        right = value if simple else f"({value})"
        text = f"{target} = {target} {sign} {right}"
        edit = (Change(function.place(node), text),) if is_number else ()
        yield Finding(NAME, function, function.place(node), cause, f"write `{text}`", edit)
