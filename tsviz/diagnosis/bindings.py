"""Where a function's variables get a type: what is taken, assigned, looped over and tested."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.rewriting import after, before
from tsviz.diagnosis.variables import Came
from tsviz.location import FileRange

_SHORT = 60
_NOWHERE = FileRange("", 0)
"""Until it is placed."""


@dataclass(frozen=True, eq=False)
class Binding:
    """One of these places.

    Attributes:
        function: where it is.
        name: of the variable.
        place: of the argument or the statement.
        came: where the type comes from, as far as the source tells.
        source: the text that it comes from.
        at: where a call can stand that the variable is handed to.
        lead, tail: what has to stand before and after such a call.
    """

    function: Function
    name: str
    place: FileRange
    came: Came
    source: str
    at: FileRange
    lead: str = ""
    tail: str = ""

    def call(self, function: str, number: int) -> Change:
        """The change that makes the call."""
        return Change(self.at, f"{self.lead}{function}({number}, {self.name}){self.tail}")


def iter_bindings(function: Function) -> Iterator[Binding]:
    """All of a function, arguments first."""
    if function.tree is None or not function.body:
        return
    yield from _arguments(function)
    for statement in function.statements():
        match statement:
            case ast.AnnAssign(target=target, value=value) if value is not None:
                source = function.segment(statement.annotation)
                yield from _behind(function, statement, [target], Came.ANNOTATED, source)
            case ast.Assign(targets=targets, value=value):
                yield from _behind(
                    function, statement, targets, Came.INFERRED, function.segment(value)
                )
            case ast.AugAssign(target=target):
                source = function.segment(statement)
                yield from _behind(function, statement, [target], Came.INFERRED, source)
            case ast.For():
                source = _head(function, statement)
                yield from _inside(
                    function, statement, statement.body, _names([statement.target]), source
                )
            case ast.With():
                targets = [item.optional_vars for item in statement.items if item.optional_vars]
                source = _head(function, statement)
                yield from _inside(function, statement, statement.body, _names(targets), source)
            case ast.If(test=test) | ast.While(test=test):
                yield from _tested(function, statement, test)
            case ast.Assert(test=test):
                for name in _refined(test):
                    yield _refining(function, test, name, _end(function, statement), "; ", "")
            case _:
                pass


# ── arguments ───────────────────────────────────────────────────────────────────────────────────


def _arguments(function: Function) -> Iterator[Binding]:
    defaults = function.defaults()
    for argument in function.arguments():
        default = defaults.get(argument.arg)
        came, source = Came.ASSUMED, ""
        if argument.annotation is not None:
            came, source = Came.ANNOTATED, function.segment(argument.annotation)
        elif _has_type_comment(function):
            came, source = Came.ANNOTATED, "# type:"
        elif isinstance(default, ast.Constant) and default.value is None:
            came, source = Came.DEFAULT, "None"
        first = function.body[0]
        made = Binding(function, argument.arg, function.place(argument), came, source, _NOWHERE)
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):  # a docstring
            yield replace(made, at=_end(function, first), lead="; ")
        else:
            yield _placed_before(made, function, first)


def _has_type_comment(function: Function) -> bool:
    first = function.place(function.body[0]).line
    lines = function.text.lines[function.head().line - 1 : first - 1]
    return any("# type:" in line for line in lines)


# ── statements ──────────────────────────────────────────────────────────────────────────────────


def _behind(
    function: Function,
    statement: ast.stmt,
    targets: Sequence[ast.expr],
    came: Came,
    source: str,
) -> Iterator[Binding]:
    end = _end(function, statement)
    for name in _names(targets):
        place = function.place(statement)
        yield Binding(function, name, place, came, _shortened(source), end, "; ")


def _inside(
    function: Function,
    statement: ast.stmt,
    body: list[ast.stmt],
    names: Sequence[str],
    source: str,
) -> Iterator[Binding]:
    for name in names:
        place = function.place(statement)
        made = Binding(function, name, place, Came.INFERRED, source, _NOWHERE)
        yield _placed_before(made, function, body[0])


def _tested(function: Function, statement: ast.If | ast.While, test: ast.expr) -> Iterator[Binding]:
    for name in _refined(test):
        made = _refining(function, test, name, _NOWHERE, "", "")
        yield _placed_before(made, function, statement.body[0])
        other = statement.orelse[0] if isinstance(statement, ast.If) and statement.orelse else None
        if other is not None and not _is_elif(function, other):
            made = replace(made, source=f"not ({made.source})")
            yield _placed_before(made, function, other)


def _refining(
    function: Function, test: ast.expr, name: str, at: FileRange, lead: str, tail: str
) -> Binding:
    source = _shortened(function.segment(test))
    return Binding(function, name, function.place(test), Came.REFINED, source, at, lead, tail)


def _refined(test: ast.expr) -> list[str]:
    """The variables that a condition asks the type of."""
    found: dict[str, None] = {}
    for node in ast.walk(test):
        match node:
            case ast.Compare(left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot()]):
                found[name] = None
            case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), _]):
                found[name] = None
            case _:
                pass
    return list(found)


def _names(targets: Sequence[ast.expr]) -> list[str]:
    """The variables that targets assign."""
    found = (node for target in targets for node in ast.walk(target))
    return [
        node.id for node in found if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]


def _placed_before(made: Binding, function: Function, statement: ast.stmt) -> Binding:
    """Before a statement: on a line of its own, or on the statement's where others stand there."""
    place = function.place(statement)
    indent = function.text.lines[place.line - 1][: place.col]
    if indent.strip() or place.line == 1:
        return replace(made, at=before(place), tail="; ")
    line = place.line - 1
    end = len(function.text.lines[line - 1])
    at = FileRange(place.file, line, end, line, end)
    return replace(made, at=at, lead=f"\n{indent}")


def _is_elif(function: Function, statement: ast.stmt) -> bool:
    place = function.place(statement)
    return function.text.lines[place.line - 1][place.col :].startswith("elif")


def _end(function: Function, statement: ast.stmt) -> FileRange:
    return after(function.place(statement))


def _head(function: Function, statement: ast.stmt) -> str:
    """`for i in range(n)`."""
    return _shortened(function.segment(statement).partition(":\n")[0].rstrip(":"))


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"
