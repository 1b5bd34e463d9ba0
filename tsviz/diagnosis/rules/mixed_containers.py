"""A list or dict of unlike things: TorchScript makes it, but its elements can only be asked for.

Its elements are a `Union`, which nothing can be computed with before an `isinstance`:

    table = {"rate": 0.5, "name": "a"}
    x * table["rate"]                       # float or str?

    class Settings(NamedTuple):             # a field has a type of its own
        rate: float
        name: str
"""

import ast

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "mixed-container"


def explain(function: Function, world: World, statement: ast.stmt) -> Finding | None:
    """The use of an element, in a statement that the compiler has refused; `None` if there is none.

    Only the compiler tells which use it cannot do with.
    """
    for node in function.expressions(statement):
        if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
            continue
        kind = world.seen(function, node.value.id)
        if kind is not None and kind.is_mixed:
            name = node.value.id
            cause = f"`{name}` is {kind}: TorchScript cannot tell which of these an element is"
            advice = "use a NamedTuple or single variables, or `assert isinstance(…)` first"
            return Finding(NAME, function, function.place(node), cause, advice)
    return None
