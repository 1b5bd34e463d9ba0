"""`None` has a type of its own; what is `None` now and something else later is `Optional`.

Python lets `y: int = None` pass, and a name take any value. TorchScript holds both to their word:

    def forward(self, x, n: int = None):    def forward(self, x, n: int | None = None):

    best = None                             best: torch.Tensor | None = None
    for row in x:                           for row in x:
        best = row                              best = row
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rewriting import after
from tsviz.diagnosis.rules.finding import Finding

NAME = "none-without-optional"


def find(function: Function, world: World) -> Iterator[Finding]:
    """Arguments with `None` as default of another type, and names that begin as `None`."""
    yield from _arguments(function)
    yield from _locals(function, world)


def _arguments(function: Function) -> Iterator[Finding]:
    defaults = function.defaults()
    for argument in function.arguments():
        note, default = argument.annotation, defaults.get(argument.arg)
        if note is None or not _is_none(default) or _allows_none(note):
            continue
        text = function.segment(note)
        is_text = isinstance(note, ast.Constant)
        better = f'"{note.value} | None"' if isinstance(note, ast.Constant) else f"{text} | None"
        cause = f"`{argument.arg}` is annotated `{text}`, but its default is None"
        edit = (Change(function.place(note), better),)
        if is_text and not isinstance(note.value, str):
            edit = ()
        yield Finding(NAME, function, function.place(argument), cause, f"annotate `{better}`", edit)


def _locals(function: Function, world: World) -> Iterator[Finding]:
    done = set[str]()
    for node in function.statements():
        if not isinstance(node, ast.Assign) or not _is_none(node.value):
            continue
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name) or target.id in done:
            continue
        if target.id not in function.own_names:
            continue
        done.add(target.id)
        seen = world.seen(function, target.id)
        text = function.annotation(seen) if seen is not None else None
        if seen is not None and seen.name != "Union":
            continue
        cause = f"`{target.id}` begins as None, and None is all that TorchScript lets it be"
        advice = f"annotate `{target.id}: {text}`" if text else "annotate it as `T | None`"
        edit = (Change(after(function.place(target)), f": {text}"),) if text else ()
        yield Finding(NAME, function, function.place(target), cause, advice, edit)


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _allows_none(node: ast.expr) -> bool:
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
    text = text if text is not None else ast.unparse(node)
    is_tensor = text in ("Tensor", "torch.Tensor")  # PyTorch makes these optional itself
    return is_tensor or any(word in text for word in ("Optional", "None", "Any"))
