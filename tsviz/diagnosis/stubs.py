"""What takes the place of a construct that PyTorch refuses, so that it goes on to what is behind.

A statement is replaced by calls of Python functions that return what eager showed it to make. They
are never run: only the compiler sees them.
"""

import ast
from collections.abc import Iterator
from types import FunctionType
from typing import get_args

import torch

from tsviz.diagnosis.code import Function, iter_statements
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.seen import Seen, is_named_tuple
from tsviz.diagnosis.values import default_type
from tsviz.jit import reachable
from tsviz.location import FileRange

STUB = "_tsviz_stub_"
"""What the names of stubs begin with."""


class Stubs:
    """Makes stubs and keeps the functions that they name.

    Attributes:
        functions: name → function, for the globals of the copy.
        guessed: names of locals whose type was not seen, so that later complaints about them
            may be the stub's fault.
        emptied: functions without body and annotations, so that complaints of callers may be, too.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.functions: dict[str, FunctionType] = {}
        self.guessed: set[tuple[Function, str]] = set()
        self.emptied: set[Function] = set()

    def statement(self, function: Function, statement: ast.stmt) -> Change:
        """Replaces a statement by what it assigns and returns."""
        place = function.place(statement)
        self.guessed |= {(function, name) for name in _defined(statement)}
        lines = [
            f"{name} = {self._call(function, self._world.seen(function, name), name)}"
            for name in sorted(_assigned(statement))
        ]
        returns = [part for part in iter_statements([statement]) if isinstance(part, ast.Return)]
        if returns:
            result = self._result(function)
            always = isinstance(statement, ast.Return) or _always_returns(statement)
            test = "" if always else f"if {self._stub('bool')}():"
            indent = "\n" + " " * place.col
            if test:
                lines += [f"{test}{indent}    return {result}"]
            else:
                lines += [f"return {result}"]
        indent = "\n" + " " * place.col
        return Change(place, indent.join(lines) or "pass")

    def around(
        self, function: Function, statement: ast.stmt, place: FileRange
    ) -> tuple[Change, ...]:
        """Replaces the part of a statement that a place is in: its head, or all of it."""
        if isinstance(statement, (ast.If, ast.While)) and _holds(function, statement.test, place):
            return (Change(function.place(statement.test), f"{self._stub('bool')}()"),)
        if isinstance(statement, ast.For) and _holds(function, statement.iter, place):
            made = self._iterable(function, statement.target)
            if made is not None:
                return (Change(function.place(statement.iter), made),)
        return (self.statement(function, statement),)

    def _result(self, function: Function) -> str:
        """What a function says or was seen to return."""
        returns = getattr(function.tree, "returns", None)
        if isinstance(returns, ast.expr):
            text = returns.value if isinstance(returns, ast.Constant) else function.segment(returns)
            try:
                kind = eval(str(text), dict(function.names))  # noqa: S307 (an annotation)
                if _is_plain(kind):
                    return f"{self._stub(str(text), function)}()"
            except (NameError, SyntaxError, TypeError, AttributeError):
                pass  # it names what is only there for type checkers
        return self._call(function, self._world.returned(function), "")

    def expression(self, function: Function, place: FileRange, kind: Seen) -> Change | None:
        """Replaces an expression of a known type, `None` where TorchScript has no such type."""
        text = function.annotation(kind)
        return Change(place, f"{self._stub(text, function)}()") if text is not None else None

    def _iterable(self, function: Function, target: ast.expr) -> str | None:
        """A list of what a loop's variable was seen to be."""
        if not isinstance(target, ast.Name):
            return None
        kind = self._world.seen(function, target.id) or Seen("Tensor")
        text = function.annotation(kind)
        return f"{self._stub(f'list[{text}]', function)}()" if text is not None else None

    def whole(self, function: Function) -> tuple[Change, ...]:
        """Replaces a function's body by what it returns, and takes its annotations away."""
        assert function.tree is not None
        body = function.body
        first, last = function.place(body[0]), function.place(body[-1])
        result = self._call(function, self._world.returned(function), "")
        place = FileRange(function.file, first.line, first.col, last.end_line, last.end_col)
        changes, defaults = [Change(place, f"return {result}")], function.defaults()
        for argument in function.arguments():
            if argument.annotation is not None:
                kind = default_type(defaults.get(argument.arg)) or Seen("Tensor")
                kind = Seen("Tensor") if kind.name == "None" else kind
                text = function.annotation(kind) or function.name_of_tensor() or "object"
                changes.append(Change(function.place(argument.annotation), text))
        returns = getattr(function.tree, "returns", None)
        if isinstance(returns, ast.expr):
            kind = self._world.returned(function) or Seen("Tensor")
            text = function.annotation(kind) or function.name_of_tensor() or "object"
            changes.append(Change(function.place(returns), text))
        self.emptied.add(function)
        return tuple(changes)

    def _call(self, function: Function, kind: Seen | None, name: str) -> str:
        text = function.annotation(kind) if kind is not None else None
        if text is None and name:
            self.guessed.add((function, name))
        if text == "None":
            return "None"
        return f"{self._stub(text or 'Tensor', function)}()"

    def _stub(self, annotation: str, function: Function | None = None) -> str:
        names = {"Tensor": torch.Tensor, "torch": torch}
        known: dict[str, object] = {**names, **(function.names if function is not None else {})}
        kind = eval(annotation, dict(known))  # noqa: S307 (written by us, from types)
        name = f"{STUB}{len(self.functions)}"

        def stub() -> object:
            raise AttributeError("a stub is compiled, never run")  # PyTorch runs properties

        stub.__name__ = stub.__qualname__ = name
        stub.__annotations__ = {"return": kind}
        self.functions[name] = reachable.ignore_with_types(stub)
        return name


def _is_plain(kind: object) -> bool:
    """Whether TorchScript has a type without compiling a class for it."""
    inner = get_args(kind)
    if inner:
        return all(_is_plain(part) for part in inner)
    if not isinstance(kind, type):
        return kind is None
    simple = kind.__module__.partition(".")[0] in ("builtins", "torch")
    return (simple or is_named_tuple(kind)) and kind not in (list, dict, tuple, set, object)


def _holds(function: Function, node: ast.expr, place: FileRange) -> bool:
    here = function.place(node)
    start, end = (here.line, here.col), (here.end_line, here.end_col)
    return start <= (place.line, place.col) and (place.end_line, place.end_col) <= end


def _assigned(statement: ast.stmt) -> set[str]:
    return {
        node.id
        for node in _walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _defined(statement: ast.stmt) -> set[str]:
    """Names of functions, classes and imports, for which nothing can stand in."""
    names = {
        node.name
        for node in ast.walk(statement)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    for node in ast.walk(statement):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """All below a node but what has names of its own."""
    yield node
    if isinstance(node, _SCOPES):
        return
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


_SCOPES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp),
    *(ast.DictComp, ast.GeneratorExp),
)


def _always_returns(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Return, ast.Raise)):
        return True
    if isinstance(statement, ast.If):
        return _ends(statement.body) and _ends(statement.orelse)
    if isinstance(statement, (ast.With, ast.Try)):
        handlers = statement.handlers if isinstance(statement, ast.Try) else []
        return _ends(statement.body) and all(_ends(handler.body) for handler in handlers)
    return False


def _ends(body: list[ast.stmt]) -> bool:
    return bool(body) and _always_returns(body[-1])
