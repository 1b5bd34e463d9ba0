"""What the compiler refuses and no rule has explained, at its own place.

Cause and advice are those of the table of messages; where it has none, PyTorch's own words.
"""

import ast

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.judging import Refusal
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules import mixed_containers, refinements
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "compiler"


def explain(
    world: World,
    function: Function,
    place: FileRange,
    refusal: Refusal,
    statement: ast.stmt | None,
) -> Finding:
    """The finding that stands for a complaint of the compiler's."""
    if statement is None:  # PyTorch marks the whole function where it knows no better place
        return Finding(NAME, function, function.head(), refusal.cause, refusal.help)
    mixed = mixed_containers.explain(function, world, statement)
    if mixed is not None:
        return mixed
    refined = refinements.explain(function, world, statement, place, refusal)
    if refined is not None:
        return refined
    return Finding(NAME, function, place, refusal.cause, refusal.help)
