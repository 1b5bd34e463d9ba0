"""An argument without annotation is a Tensor to TorchScript, whatever eager passes.

Python finds types out while it runs; TorchScript has to know them before. Where nothing is
written it assumes `Tensor`, and complains not at the argument but where it is used as what it
really is, or at its default. So what a run of eager passes is written down:

    def forward(self, x, steps):            # steps is taken for a Tensor
    def forward(self, x, steps: int):       # write this
"""

import ast
from collections.abc import Iterator
from dataclasses import replace

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import after
from tsviz.diagnosis.rules.class_methods import is_class
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.rules.module_arguments import is_module
from tsviz.diagnosis.seen import Seen, merge
from tsviz.diagnosis.values import default_type
from tsviz.location import FileRange

NAME = "untyped-argument"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Arguments without annotation that are something else than a tensor."""
    if isinstance(function.tree, ast.Lambda):
        return  # nothing can be annotated there
    defaults = function.defaults()
    for argument in function.arguments():
        if argument.annotation is not None:
            continue
        given = world.given(function, argument.arg)
        default = default_type(defaults.get(argument.arg))
        kind = _both(given, default)
        if kind is not None and (is_module(kind) or is_class(kind)):
            continue  # rules of their own
        if kind is None or kind.name in ("Tensor", "None") or _is_optional_tensor(kind, default):
            continue
        place = function.place(argument)
        text = function.annotation(kind)
        source = f"eager passes {kind}" if given is not None else f"its default is {kind}"
        cause = (
            f"`{argument.arg}` has no annotation, so TorchScript takes it for a Tensor, but "
            f"{source}"
        )
        if text is None:
            yield Finding(NAME, function, place, cause, _advice(kind))
            continue
        advice = f"annotate `{argument.arg}: {text}`"
        yield Finding(NAME, function, place, cause, advice, _annotated(function, place, text))


def _both(given: Seen | None, default: Seen | None) -> Seen | None:
    if given is None or default is None:
        return None if given is None and default == Seen("None") else given or default
    return merge(given, default)


def _is_optional_tensor(kind: Seen, default: Seen | None) -> bool:
    """Whether PyTorch tells it itself: a default of None stands for `Tensor | None`."""
    names = {kind.name} if kind.name != "Union" else {part.name for part in kind.parts}
    return default == Seen("None") and names <= {"None", "Tensor"}


def _annotated(function: Function, place: FileRange, text: str) -> tuple[Change, ...]:
    end = after(place)
    following = function.text.lines[end.line - 1][end.col :]
    if following[:1] != "=":
        return (Change(end, f": {text}"),)
    return (Change(replace(end, end_col=end.col + 1), f": {text} = "),)


def _advice(kind: Seen) -> str:
    if kind.is_open:
        return "annotate it with the type of its elements, such as `list[int]`"
    return f"TorchScript has no type {kind}: pass tensors, numbers, strings, or lists of these"
