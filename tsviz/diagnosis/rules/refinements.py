"""`if m is not None:` makes `m` more than optional, but only the name that the test itself asks.

Through another name, an attribute or a function, TorchScript does not follow. An assertion tells it
where Python would fail anyhow; an attribute goes into a local name first.

    has_mask = mask is not None             has_mask = mask is not None
    if has_mask:                            if has_mask:
        x = x + mask                            assert mask is not None
                                                x = x + mask
"""

import ast
import re

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.judging import Refusal
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import before
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "refinement"
_COMPLAINT = re.compile(r"instead found type 'Optional\[|'Optional\[.*\]' object (has no|is not)")


def explain(
    function: Function, world: World, statement: ast.stmt, place: FileRange, refusal: Refusal
) -> Finding | None:
    """What may be None for all that the compiler knows; `None` where that is not the complaint."""
    if not _COMPLAINT.search(refusal.text):
        return None
    for node in function.expressions(statement):
        if not isinstance(node, (ast.Name, ast.Attribute)) or not _tests(function, node):
            continue
        text = ast.unparse(node)
        here = function.place(node)
        if isinstance(node, ast.Attribute):
            cause = f"`{text}` may be None to TorchScript, which refines local names only"
            advice = f"take it into a local name first: `{node.attr} = {text}`, and test that"
            return Finding(NAME, function, here, cause, advice)
        cause = f"`{text}` may be None to TorchScript: it was not tested right around this line"
        advice = f"write `assert {text} is not None` before"
        return Finding(NAME, function, here, cause, advice, _asserted(function, statement, text))
    return None


def _tests(function: Function, node: ast.expr) -> bool:
    """Whether the function asks anywhere if this is None."""
    text = ast.unparse(node)
    return any(
        isinstance(part, ast.Compare)
        and ast.unparse(part.left) == text
        and isinstance(part.ops[0], (ast.Is, ast.IsNot))
        for part in function.nodes()
    )


def _asserted(function: Function, statement: ast.stmt, name: str) -> tuple[Change, ...]:
    place = function.place(statement)
    if function.text.lines[place.line - 1][: place.col].strip():
        return ()
    lines = f"assert {name} is not None\n" + " " * place.col
    return (Change(before(place), lines),)
