"""Of a decorated function TorchScript reads the source inside, with the names of the decorator.

`functools.wraps` leads it from the wrapper to the function that was written, so the decorator's own
work is left out without a word. But names are looked up where the wrapper was made: what the
function's own module has under a name, the decorator's module may not have.

    @logged                                 def forward(self, x):
    def forward(self, x):                       return scale(x)
        return scale(x)     # not found
                                            run = logged(torch.jit.script(model))
"""

import ast
import builtins
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "decorator"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Decorated functions whose names the decorator's module does not have."""
    if function.wrapper is None or function.tree is None:
        return
    known = {*function.wrapper.__globals__, *function.wrapper.__code__.co_freevars, *vars(builtins)}
    missing = {
        node.id: node
        for node in function.nodes()
        if isinstance(node, ast.Name)
        and node.id not in function.own_names
        and node.id in function.names
        and node.id not in known
    }
    for name, node in missing.items():
        where = function.wrapper.__globals__.get("__name__", "")
        cause = (
            f"`{name}` is looked up in `{where}`, the module of the decorator of "
            f"`{function.name}`, which has no such name"
        )
        advice = "call the decorator outside, around the compiled model"
        yield Finding(NAME, function, function.place(node), cause, advice, is_certain=True)
