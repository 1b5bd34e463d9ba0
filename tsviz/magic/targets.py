"""The target of `%tsdebug`: a call, an assignment of one, a name, or a file."""

import ast
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from tsviz.magic.typed import LINE, Typed
from tsviz.reading_ahead import MODEL_SUFFIXES

_PATH_START = re.compile(r"(\.{0,2}/|~|[A-Za-z]:[\\/]|\.{1,2}\\)")

IsModel = Callable[[ast.expr], bool | None]


def unknown(_: ast.expr) -> bool | None:
    """Says of every expression that it is not known what it stands for."""
    return None


@dataclass(frozen=True, slots=True)
class Call:
    """`model(x)`: the callee is captured, the arguments are its example inputs.

    Attributes:
        text: as typed.
        callee, arguments: their texts.
        binds: what the result is assigned to (`y`, `a, b`), "" where it is not.
        tree: the parsed call.
        names: the parsed left sides of the assignment.
    """

    text: str
    callee: str
    arguments: tuple[str, ...]
    binds: str
    tree: ast.Call = field(compare=False, repr=False)
    names: tuple[ast.expr, ...] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """`model`, `net.layer1`, `models["a"]`: whatever it stands for."""

    text: str
    tree: ast.expr = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """A path.

    Attributes:
        tree: the same text as a name where it is one (`model.pt`): should there be no such file,
            it may mean the attribute `pt`.
    """

    path: str
    tree: ast.expr | None = field(compare=False, repr=False, default=None)


Target = Call | Reference | File


def shift_lines(target: Target, count: int) -> None:
    """Moves a target's trees down by `count` lines, to where they stand in their file."""
    names = target.names if isinstance(target, Call) else ()
    for tree in (target.tree, *names):
        if tree is not None:
            ast.increment_lineno(tree, count)


def parse_target(typed: Typed, is_model: IsModel = unknown) -> Target:
    """Parses a target.

    Raises:
        UsageError: `TSV-M11` to `TSV-M15`.
    """
    text = typed.rest.strip()
    typed = typed.skip(len(typed.rest) - len(typed.rest.lstrip()))
    if _PATH_START.match(text):
        return File(text)
    statement = _parse_statement(typed, text)
    if statement is None:
        return File(text)
    _refuse_await(typed, statement)
    if isinstance(statement, ast.Assign):
        return _parse_assignment(typed, statement, is_model)
    if not isinstance(statement, ast.Expr):
        message = "expected a call, an assignment, a name or a path, got another statement"
        inner = next(_iter_inner_calls(statement), None)
        help = typed.correct(typed.segment(inner)) if inner is not None else ""
        raise typed.error("TSV-M12", message, help=help)
    if _names_a_file(text):
        return File(text, statement.value if is_reference(statement.value) else None)
    return _parse_expression(typed, statement.value, is_model)


def _parse_statement(typed: Typed, text: str) -> ast.stmt | None:
    """The only statement of the target; `None` where it can only be a path."""
    try:
        statements = ast.parse(text).body
    except SyntaxError as error:
        if _names_a_file(text):
            return None
        _refuse_syntax(typed, error)
    if len(statements) == 1:
        return statements[0]
    if not statements:
        raise typed.error("TSV-M11", "expected a target, got only a comment")
    help = "put the statements into a cell that starts with %%tsdebug"
    message = f"expected one target, got {len(statements)} statements"
    raise typed.error("TSV-M12", message, help=help if typed.file == LINE else "")


def _names_a_file(text: str) -> bool:
    return text.lower().endswith(MODEL_SUFFIXES)


def _parse_assignment(typed: Typed, statement: ast.Assign, is_model: IsModel) -> Call:
    value = statement.value
    if not isinstance(value, ast.Call):
        _offer_inner_call(typed, value, is_model)
        message = f"expected a call to assign from, got `{typed.segment(value)}`"
        raise typed.error("TSV-M15", message, at=typed.span(value))
    binds = " = ".join(typed.segment(name) for name in statement.targets)
    return _parse_call(typed, value, is_model, binds, tuple(statement.targets))


def _parse_expression(typed: Typed, value: ast.expr, is_model: IsModel) -> Target:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return File(value.value)
    if isinstance(value, ast.Call):
        return _parse_call(typed, value, is_model)
    if isinstance(value, ast.JoinedStr) or is_reference(value):
        return Reference(typed.segment(value), value)
    _offer_inner_call(typed, value, is_model)
    message = f"expected a call, an assignment, a name or a path, got `{typed.segment(value)}`"
    raise typed.error("TSV-M14", message)


def _parse_call(
    typed: Typed,
    call: ast.Call,
    is_model: IsModel,
    binds: str = "",
    names: tuple[ast.expr, ...] = (),
) -> Call:
    if not is_model(call.func):
        inner = _find_model_call(call, is_model)
        if inner is not None:
            _refuse_outer(typed, call, inner)
    arguments = [typed.segment(argument) for argument in call.args]
    arguments += [
        f"{keyword.arg}={typed.segment(keyword.value)}"
        if keyword.arg
        else f"**{typed.segment(keyword.value)}"
        for keyword in call.keywords
    ]
    callee = typed.segment(call.func)
    return Call(typed.segment(call), callee, tuple(arguments), binds, call, names)


def is_reference(value: ast.expr) -> bool:
    """Whether an expression is a name, or attributes and items of one: nothing is called."""
    while isinstance(value, (ast.Attribute, ast.Subscript)):
        value = value.value
    return isinstance(value, ast.Name)


# ── calls inside the target ─────────────────────────────────────────────────────────────────────


def _find_model_call(outer: ast.expr, is_model: IsModel) -> ast.Call | None:
    """The outermost call of a model strictly inside `outer`."""
    return next((call for call in _iter_inner_calls(outer) if is_model(call.func)), None)


def _iter_inner_calls(outer: ast.AST) -> Iterator[ast.Call]:
    """The calls inside an expression, breadth first: outer ones before inner ones."""
    queue = deque(ast.iter_child_nodes(outer))
    while queue:
        node = queue.popleft()
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        queue.extend(ast.iter_child_nodes(node))


def _offer_inner_call(typed: Typed, value: ast.expr, is_model: IsModel) -> None:
    """Refuses an expression around a call by offering the call; returns where there is none."""
    inner = _find_model_call(value, is_model) or next(_iter_inner_calls(value), None)
    if inner is not None:
        _refuse_outer(typed, value, inner)


def _refuse_outer(typed: Typed, outer: ast.expr, inner: ast.Call) -> NoReturn:
    message = (
        f"expected the call of a model, got `{typed.segment(outer)}` around "
        f"`{typed.segment(inner)}`"
    )
    help = typed.correct(typed.segment(inner))
    raise typed.error("TSV-M14", message, at=typed.span(inner), help=help)


def _refuse_await(typed: Typed, statement: ast.stmt) -> None:
    for node in ast.walk(statement):
        if isinstance(node, ast.Await):
            message = "a target cannot be awaited: TorchScript has no coroutines"
            first, end = typed.span(node)
            inner = typed.rest[:first] + typed.segment(node.value) + typed.rest[end:]
            raise typed.error("TSV-M13", message, at=(first, end), help=typed.correct(inner))


def _refuse_syntax(typed: Typed, error: SyntaxError) -> NoReturn:
    lines = typed.rest.strip().split("\n")
    before = sum(len(line) + 1 for line in lines[: (error.lineno or 1) - 1])
    first = before + max(0, (error.offset or 1) - 1)
    plain = not re.search(r"[()\[\]{}'\"=]", typed.rest)
    help = typed.correct(f"'{typed.rest.strip()}'") if plain and "." in typed.rest else ""
    message = f"the target is no Python expression: {error.msg}"
    notes = ["a path with spaces needs quotes"] if help else []
    raise typed.error("TSV-M11", message, at=(first, first + 1), notes=notes, help=help)
