"""An annotation without a value declares nothing in TorchScript: names begin when assigned.

count: int                              count: int = 0
count = 0
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import removed_line
from tsviz.diagnosis.rules.finding import Finding

NAME = "bare-annotation"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Annotated names without a value."""
    for node in function.statements():
        if isinstance(node, ast.AnnAssign) and node.value is None:
            name = ast.unparse(node.target)
            cause = f"`{name}` is annotated, but gets no value here"
            advice = "annotate where it gets its first value"
            place = function.place(node)
            edit = removed_line(function, node)
            yield Finding(NAME, function, place, cause, advice, edit)
