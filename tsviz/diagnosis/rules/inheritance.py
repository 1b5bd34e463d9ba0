"""`super()` and `Base.forward(self, x)` do not work: a compiled module has methods, no bases.

Only the method that the instance has under a name is compiled. Give the inherited one a name of its
own in the base class, and call that:

    class Base(nn.Module):
        def body(self, x): …
        def forward(self, x): return self.body(x)

    class Net(Base):
        def forward(self, x): return self.body(x) + 1
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "super"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Calls of `super()`, and of a method through a class."""
    for node in function.nodes():
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        is_super = isinstance(owner, ast.Call) and function.resolve(owner.func) is super
        first = node.args[0] if node.args else None
        through_class = (
            isinstance(function.resolve(owner), type)
            and isinstance(first, ast.Name)
            and bool(function.modules)
            and function.resolve(first) is function.modules[0][1]
        )
        if is_super or through_class:
            cause = f"`{function.segment(node.func)}`: compiled modules have no base classes"
            advice = "give the inherited method a name of its own, and call `self.name(…)`"
            yield Finding(NAME, function, function.place(node.func), cause, advice)
