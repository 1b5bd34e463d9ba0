"""`async def` needs an event loop, which a compiled program has not.

Its parallelism is `torch.jit.fork(function, …)` and `torch.jit.wait(future)`.
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "async"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Functions that are `async`."""
    if isinstance(function.tree, ast.AsyncFunctionDef):
        cause = f"`{function.name}` is `async`, and TorchScript has no event loop"
        advice = "write a plain `def`; torch.jit.fork and torch.jit.wait run things in parallel"
        place = function.keyword(function.tree, "async")
        detour = (Change(replace(place, end_col=place.end_col + 1), ""),)
        yield Finding(NAME, function, place, cause, advice, detour=detour)
