"""Every compiled function has a fixed list of arguments: no `*args`, no `**kwargs`.

What comes in has to be named, and each name typed. Nor are there arguments by position only, or by
name only with a default: without the `*` and the `/`, callers go on as they do.

    def forward(self, x, *, scale: float = 1.0):
    def forward(self, x, scale: float = 1.0):
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding
from tsviz.location import FileRange

NAME = "signature"


def find(function: Function, world: World) -> Iterator[Finding]:
    """`*args`, `**kwargs`, and arguments by name or by position only."""
    if function.tree is None or isinstance(function.tree, ast.Lambda):
        return
    given = function.tree.args
    for argument, stars in ((given.vararg, "*"), (given.kwarg, "**")):
        if argument is None:
            continue
        place = _starred(function, argument, stars)
        cause = f"TorchScript has no `{stars}{argument.arg}`: a function's arguments are fixed"
        seen = world.given(function, argument.arg)
        used = any(
            isinstance(node, ast.Name) and node.id == argument.arg for node in function.nodes()
        )
        nothing = seen is not None and not seen.parts
        removal = _removed(function, place)
        edit = removal if not used and nothing else ()
        advice = "leave it out: nothing is passed, and it is not used" if edit else (
            f"name what is passed{f': eager passes {seen}' if seen is not None else ''}"
        )  # fmt: skip
        if function.class_name == "" and function.python.__closure__:
            advice += "; of a decorated function, this is the wrapper: call the function itself"
        yield Finding(NAME, function, place, cause, advice, edit, removal, names=(argument.arg,))
    yield from _marks(function, given)


def _marks(function: Function, given: ast.arguments) -> Iterator[Finding]:
    by_name = any(default is not None for default in given.kw_defaults)
    if given.kwonlyargs and given.vararg is None and by_name:
        place = _mark(function, given.kwonlyargs[0], "*")
        if place is not None:
            cause = "TorchScript has no arguments by name only that have a default"
            yield Finding(NAME, function, place, cause, "leave the `*` out",
                          _removed(function, place))  # fmt: skip
    if given.posonlyargs:
        last = given.posonlyargs[-1]
        place = _slash(function, function.place(last))
        if place is not None:
            cause = "TorchScript has no arguments by position only"
            yield Finding(NAME, function, place, cause, "leave the `/` out",
                          _removed(function, place))  # fmt: skip


def _starred(function: Function, argument: ast.arg, stars: str) -> FileRange:
    place = function.place(argument)
    return FileRange(
        place.file,
        place.line,
        place.col - len(stars),
        place.end_line,
        place.end_col,
        place.function,
    )


def _mark(function: Function, first: ast.arg, sign: str) -> FileRange | None:
    """The `*` before the first argument by name only, if it is on the same line."""
    place = function.place(first)
    col = function.text.lines[place.line - 1].rfind(sign, 0, place.col)
    if col < 0:
        return None
    return FileRange(place.file, place.line, col, place.line, col + 1, place.function)


def _slash(function: Function, place: FileRange) -> FileRange | None:
    col = function.text.lines[place.end_line - 1].find("/", place.end_col)
    if col < 0:
        return None
    return FileRange(place.file, place.end_line, col, place.end_line, col + 1, place.function)


def _removed(function: Function, place: FileRange) -> tuple[Change, ...]:
    """Takes it away with the comma before it, or else the one after it."""
    line = function.text.lines[place.end_line - 1]
    before, behind = line[: place.col], line[place.end_col :]
    if place.line != place.end_line:
        return ()
    stripped = before.rstrip()
    if stripped.endswith(","):
        start, end = len(stripped) - 1, place.end_col
    else:
        rest = behind.lstrip()
        skip = len(behind) - len(rest[1:].lstrip()) if rest.startswith(",") else 0
        start, end = place.col, place.end_col + skip
    return (Change(FileRange(place.file, place.line, start, place.line, end), ""),)
