"""What the compiler refuses and no rule has explained: PyTorch's own words, at its own place."""

import ast

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.judging import Refusal
from tsviz.diagnosis.reach import World
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
        place = function.head()
    return Finding(NAME, function, place, refusal.words)
