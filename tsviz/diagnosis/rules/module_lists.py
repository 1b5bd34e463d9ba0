"""`ModuleList` and `ModuleDict` are unrolled while compiling, so an index must be a literal.

Each submodule has a type of its own; which one a variable picks would be known too late:

    for i in range(len(self.layers)):       for layer in self.layers:
        x = self.layers[i](x)                   x = layer(x)
"""

import ast
from collections.abc import Iterator

import torch

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "module-index"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Submodules that are picked by a variable."""
    for node in function.nodes():
        if not isinstance(node, ast.Subscript) or _is_literal(node.slice):
            continue
        held = function.resolve(node.value)
        if isinstance(held, (torch.nn.ModuleList, torch.nn.Sequential, torch.nn.ModuleDict)):
            name = function.segment(node.value)
            cause = f"`{name}` is indexed by a variable, but is unrolled while compiling"
            edit = _enumerated(function, node)
            advice = "loop over the modules themselves"
            if isinstance(held, torch.nn.ModuleDict):
                advice = "loop over `.items()`, and compare the key with `if`"
            yield Finding(NAME, function, function.place(node), cause, advice, edit)


def _is_literal(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, (ast.Constant, ast.Slice))


def _enumerated(function: Function, node: ast.Subscript) -> tuple[Change, ...]:
    """`for i, layer in enumerate(self.layers)` around it, where the loop counts just these."""
    if not isinstance(node.slice, ast.Name):
        return ()
    name, held = node.slice.id, ast.unparse(node.value)
    for loop in function.statements():
        counts = isinstance(loop, ast.For) and ast.unparse(loop.iter) == f"range(len({held}))"
        if not counts or not isinstance(loop, ast.For) or ast.unparse(loop.target) != name:
            continue
        inside = [part for line in loop.body for part in ast.walk(line)]
        if not any(part is node for part in inside):
            continue
        item = "layer" if "layer" not in function.own_names else f"layer_{name}"
        uses = [part for part in inside if ast.unparse(part) == ast.unparse(node)]
        head = [
            Change(function.place(loop.target), f"{name}, {item}"),
            Change(function.place(loop.iter), f"enumerate({held})"),
        ]
        return (*head, *(Change(function.place(part), item) for part in uses))
    return ()
