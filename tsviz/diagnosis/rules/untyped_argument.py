"""An argument without annotation is a Tensor to TorchScript, whatever eager passes.

Python finds types out while it runs; TorchScript has to know them before. Where nothing is
written it assumes `Tensor`, and complains not at the argument but where it is used as what it
really is, or at its default. So what a run of eager passes is written down:

    def forward(self, x, steps):            # steps is taken for a Tensor
    def forward(self, x, steps: int):       # write this
"""

from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.diagnosis.seen import Seen, merge
from tsviz.diagnosis.values import default_type

NAME = "untyped-argument"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Arguments without annotation that are something else than a tensor."""
    defaults = function.defaults()
    for argument in function.arguments():
        if argument.annotation is not None:
            continue
        given = world.given(function, argument.arg)
        default = default_type(defaults.get(argument.arg))
        kind = _both(given, default)
        if kind is None or kind.name == "Tensor" or _is_optional_tensor(kind):
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


def _is_optional_tensor(kind: Seen) -> bool:
    return kind.name == "None" or kind == Seen("Union", (Seen("Tensor"), Seen("None")))


def _annotated(function: Function, place: object, text: str) -> tuple[Change, ...]:
    from dataclasses import replace

    from tsviz.location import FileRange

    assert isinstance(place, FileRange)
    end = replace(place, line=place.end_line, col=place.end_col)
    name = function.text.source.slice(place)
    following = function.text.lines[place.end_line - 1][place.end_col :]
    is_tight = following[:1] == "="
    return (Change(end, f": {text} " if is_tight else f": {text}"),) if name else ()


def _advice(kind: Seen) -> str:
    if kind.is_open:
        return "annotate it with the type of its elements, such as `list[int]`"
    return f"TorchScript has no type {kind}: pass tensors, numbers, strings, or lists of these"
