"""What the compiler refuses and no rule has explained: PyTorch's own words, at its own place.

For the complaints that are known, what to write is added.
"""

import ast
import re

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.judging import Refusal
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules import mixed_containers, refinements
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "compiler"

_ADVICE: tuple[tuple[str, str], ...] = (
    (
        r"Previous return statement returned",
        "return the same type everywhere, or annotate the function with `-> A | B`",
    ),
    (r"previously had type", "use another name for the other type, or annotate it as `A | B`"),
    (
        r"Could not match type \w+ to t in argument",
        "annotate the container where it is made: `name: list[int] = []`",
    ),
    (
        r"Inferred \S+ to be of type 'Tensor' because it was not annotated",
        "annotate the argument with what is passed",
    ),
    (r"found Tensor \(inferred\)", "annotate the argument that this comes from, such as `n: int`"),
    (r"Could not cast value of type Optional", "write `is not None` instead of its truth value"),
    (
        r"'Optional\[.*\]' object has no attribute|value of type 'Optional",
        "test `is not None` before, so that TorchScript knows that it is there",
    ),
    (r"Tried to set nonexistent attribute", "set it in `__init__`, with its type"),
    (
        r"has no attribute '\w+' \(This attribute exists on the Python module",
        "declare its type in the class, or keep it in another form",
    ),
    (
        r"Python builtin .* is currently not supported",
        "do it outside, or in a function marked @torch.jit.ignore",
    ),
    (r"hasattr's first argument", "leave it out: every value has its type written down"),
    (r"undefined value", "it is neither a name of the function nor one that TorchScript can find"),
)


def explain(
    world: World,
    function: Function,
    place: FileRange,
    refusal: Refusal,
    statement: ast.stmt | None,
) -> Finding:
    """The finding that stands for a complaint of the compiler's."""
    if statement is None:  # PyTorch marks the whole function where it knows no better place
        return Finding(NAME, function, function.head(), refusal.words, _advice(refusal))
    mixed = mixed_containers.explain(function, world, statement)
    if mixed is not None:
        return mixed
    refined = refinements.explain(function, world, statement, place, refusal)
    if refined is not None:
        return refined
    return Finding(NAME, function, place, refusal.words, _advice(refusal))


def _advice(refusal: Refusal) -> str:
    return next((advice for words, advice in _ADVICE if re.search(words, refusal.text)), "")
