"""The Python that TorchScript would compile: functions with their syntax trees and true places.

PyTorch cuts a function out of its file and parses it by itself. Here the whole file is parsed, so
that every node stands at its own line and column, in files and in notebook cells alike.
"""

import ast
import builtins
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any, Protocol, cast

import torch

from tsviz.diagnosis.owners import Owner
from tsviz.diagnosis.seen import Seen, render
from tsviz.frontends import is_library, is_torch, read_source
from tsviz.jit import reachable
from tsviz.location import FileRange, SourceFile

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_STANDARD = sysconfig.get_path("stdlib")

MISSING = object()
"""What a name stands for that is not known before the function runs."""


class SourceText:
    """One file: its text and its tree."""

    def __init__(self, path: str) -> None:
        self.source: SourceFile = read_source(path)
        self.lines = self.source.text.split("\n")

    @cached_property
    def tree(self) -> ast.Module | None:
        """`None` where the text is missing or is not Python."""
        try:
            return ast.parse(self.source.text) if self.source.text else None
        except (SyntaxError, ValueError):
            return None

    @cached_property
    def paths(self) -> dict[Definition, tuple[str, ...]]:
        """Definition → the names that lead to it."""
        return definition_paths(self.tree) if self.tree is not None else {}

    @cached_property
    def class_lines(self) -> dict[str, dict[str, ast.stmt]]:
        """Class → the declarations in its body, by their text."""
        return class_lines(self.tree) if self.tree is not None else {}

    @cached_property
    def imports(self) -> dict[str, ast.stmt]:
        """The imports of the module itself, by their text."""
        return imports_of(self.tree) if self.tree is not None else {}

    def place(self, node: ast.AST, function: str = "") -> FileRange:
        """The range of a node, in characters."""
        line, end = int(getattr(node, "lineno", 1)), int(getattr(node, "end_lineno", 1))
        col = self.column(line, int(getattr(node, "col_offset", 0)))
        end_col = self.column(end, int(getattr(node, "end_col_offset", 0)))
        return FileRange(self.source.path, line, col, end, end_col, function)

    def column(self, line: int, offset: int) -> int:
        """Characters before an offset of Python's, which counts bytes."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return len(text.encode()[:offset].decode(errors="ignore"))

    def find(self, function: FunctionType) -> tuple[Definition | None, str]:
        """The definition of a function, and the class around it."""
        code = function.__code__
        return self._definitions.get((code.co_firstlineno, code.co_name), (None, ""))

    @cached_property
    def _definitions(self) -> dict[tuple[int, str], tuple[Definition, str]]:
        found: dict[tuple[int, str], tuple[Definition, str]] = {}
        for node, owner in _iter_definitions(self.tree, ""):
            name = getattr(node, "name", "<lambda>")
            found.setdefault((_first_line(node), name), (node, owner))
        return found


def definition_paths(tree: ast.Module) -> dict[Definition, tuple[str, ...]]:
    """Definition → the names of the definitions around it and its own, numbered where they recur.

    A change inside of functions leaves these as they are, while lines and columns move.
    """
    found: dict[Definition, tuple[str, ...]] = {}
    stack: list[tuple[ast.AST, tuple[str, ...], dict[str, int]]] = [(tree, (), {})]
    while stack:
        node, path, seen = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                number = seen[child.name] = seen.get(child.name, 0) + 1
                inner = (*path, f"{child.name} {number}")
                if not isinstance(child, ast.ClassDef):
                    found[child] = inner
                stack.append((child, inner, {}))
            else:
                stack.append((child, path, seen))
    return found


def class_lines(tree: ast.Module) -> dict[str, dict[str, ast.stmt]]:
    """Class → the declarations in its body, by their text."""
    return {
        node.name: {
            ast.unparse(line): line
            for line in node.body
            if isinstance(line, (ast.AnnAssign, ast.Assign))
        }
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }


def imports_of(tree: ast.Module) -> dict[str, ast.stmt]:
    """The imports of a module itself, by their text."""
    return {
        ast.unparse(node): node
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }


def _first_line(node: Definition) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(item.lineno for item in decorators)])


def _iter_definitions(tree: ast.AST | None, owner: str) -> Iterator[tuple[Definition, str]]:
    for node in ast.iter_child_nodes(tree) if tree is not None else ():
        if isinstance(node, Definition):
            yield node, owner
        yield from _iter_definitions(node, node.name if isinstance(node, ast.ClassDef) else owner)


class Python(Protocol):
    """A plain function; as `FunctionType`, a field would pass for a method."""

    __name__: str
    __qualname__: str
    __module__: str
    __annotations__: dict[str, Any]
    __defaults__: tuple[object, ...] | None
    __kwdefaults__: dict[str, object] | None

    @property
    def __code__(self) -> CodeType: ...
    @property
    def __globals__(self) -> dict[str, Any]: ...
    @property
    def __closure__(self) -> tuple[CellType, ...] | None: ...


@dataclass(eq=False)
class Function:
    """A function that TorchScript would compile.

    Attributes:
        python: the function itself.
        name: such as `Net.forward`.
        text: its file.
        tree: its definition; `None` where there is no source.
        class_name: the class around it, "" where there is none.
        owner: whose code it is.
        modules: the instances it is a method of, with their paths.
        wrapper: the decorated function that led to it, or `None`.
        is_method: whether its first argument is the module.
        is_hook: whether a module calls it around `forward`, with itself as the first argument.
    """

    python: Python
    name: str
    text: SourceText
    tree: Definition | None
    class_name: str
    owner: Owner
    is_method: bool = False
    is_hook: bool = False
    wrapper: Python | None = None
    modules: list[tuple[str, torch.nn.Module]] = field(
        default_factory=list[tuple[str, torch.nn.Module]]
    )

    @property
    def file(self) -> str:
        """Its file, as Python knows it."""
        return self.text.source.path

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements; () of a lambda."""
        return (
            [] if self.tree is None or isinstance(self.tree, ast.Lambda) else list(self.tree.body)
        )

    def place(self, node: ast.AST) -> FileRange:
        """The range of a node of its tree."""
        return self.text.place(node, self.name)

    def head(self) -> FileRange:
        """`def name(…) -> …:` as far as its first line goes."""
        if self.tree is None:
            return FileRange(self.file, self.python.__code__.co_firstlineno, function=self.name)
        place = self.place(self.tree)
        return FileRange(
            self.file,
            place.line,
            place.col,
            place.line,
            len(self.text.lines[place.line - 1].rstrip()),
            self.name,
        )

    def keyword(self, node: ast.AST, word: str) -> FileRange:
        """The word that a statement begins with."""
        place = self.place(node)
        line = self.text.lines[place.line - 1]
        at = line.find(word, place.col)
        col = at if at >= 0 else place.col
        return FileRange(self.file, place.line, col, place.line, col + len(word), self.name)

    def nodes(self) -> Iterator[ast.AST]:
        """All nodes of its body, without what is inside functions defined in it."""
        return iter_nodes(self.tree) if self.tree is not None else iter(())

    def statements(self) -> Iterator[ast.stmt]:
        """All statements, the nested ones after the one they are in."""
        return iter_statements(self.body)

    def expressions(self, statement: ast.stmt) -> Iterator[ast.expr]:
        """The expressions of a statement itself, without those of statements in it."""
        stack: list[ast.AST] = [
            node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)
        ]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.expr):
                yield node
            if not isinstance(node, ast.Lambda):
                stack += list(ast.iter_child_nodes(node))

    def holds(self, place: FileRange) -> bool:
        """Whether a place is in it, decorators included."""
        first = self.python.__code__.co_firstlineno
        end = self.place(self.tree).end_line if self.tree is not None else first
        return self.file == place.file and first <= place.line <= end

    def segment(self, node: ast.AST) -> str:
        """The source text of a node."""
        return self.text.source.slice(self.place(node))

    def arguments(self) -> list[ast.arg]:
        """What it takes by name, without the module."""
        if self.tree is None:
            return []
        given = self.tree.args
        first = int(self.is_method or self.is_hook)
        return [*given.posonlyargs, *given.args, *given.kwonlyargs][first:]

    def defaults(self) -> dict[str, ast.expr]:
        """Name of an argument → its default."""
        if self.tree is None:
            return {}
        given = self.tree.args
        names = [arg.arg for arg in (*given.posonlyargs, *given.args)]
        found = dict(zip(names[len(names) - len(given.defaults) :], given.defaults, strict=True))
        for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
            if default is not None:
                found[arg.arg] = default
        return found

    @cached_property
    def names(self) -> dict[str, object]:
        """What free names stand for: closure, then globals."""
        cells = zip(self.python.__code__.co_freevars, self.python.__closure__ or (), strict=True)
        return {**self.python.__globals__, **{name: cell.cell_contents for name, cell in cells}}

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names that are its own: arguments and what it assigns."""
        code = self.python.__code__
        return frozenset((*code.co_varnames, *code.co_cellvars))

    def resolve(self, node: ast.AST) -> object:
        """What an expression of names and dots stands for before the function runs.

        `MISSING` where that is not known. Properties are not run.
        """
        if isinstance(node, ast.Name):
            if node.id in self.own_names:
                return self._self(node.id)
            return self.names.get(node.id, getattr(builtins, node.id, MISSING))
        if isinstance(node, ast.Attribute):
            return _attribute(self.resolve(node.value), node.attr)
        return MISSING

    def _self(self, name: str) -> object:
        is_self = self.is_method and self.python.__code__.co_varnames[:1] == (name,)
        return self.modules[0][1] if is_self and self.modules else MISSING

    def annotation(self, kind: Seen) -> str | None:
        """How a type is written where this function stands; `None` where it cannot be."""
        return render(kind, self._name_of) if kind.is_expressible and not kind.is_open else None

    def _name_of(self, kind: Seen) -> str | None:
        if kind.name == "Tensor":
            return self.name_of_tensor()
        return next(
            (name for name, value in self.names.items() if value is kind.kind and kind.kind), None
        )

    def name_of_tensor(self) -> str | None:
        """How `torch.Tensor` is called here."""
        for name, value in self.names.items():
            if value is torch.Tensor:
                return name
            if value is torch:
                return f"{name}.Tensor"
        return None


def _attribute(value: object, name: str) -> object:
    if isinstance(value, torch.nn.Module):
        return find_attribute(value, name)
    if isinstance(value, (ModuleType, type)):
        return getattr(value, name, MISSING)
    return MISSING


def find_attribute(module: torch.nn.Module, name: str) -> object:
    """An attribute of a module without running a property; a method comes as a plain function."""
    held = reachable.held_attributes(module)
    if name in held:
        return held[name]
    for kind in type(module).__mro__:
        if name in vars(kind):
            return plain_member(vars(kind)[name])
    return MISSING


def plain_member(value: object) -> object:
    """What a static method or a class method wraps; anything else is itself."""
    if isinstance(value, (staticmethod, classmethod)):
        return cast("Any", value).__func__
    return value


def owner_of(file: str) -> Owner:
    """Whose code a file holds."""
    if is_torch(file):
        return Owner.TORCH
    return Owner.PACKAGE if is_library(file) else Owner.USER


def is_standard(file: str) -> bool:
    """Whether a file belongs to Python's standard library."""
    return file.startswith((_STANDARD, "<frozen")) and "-packages" not in file


def find_class(kind: type) -> tuple[str, str]:
    """The file and the name of a class, "" where no function of its own tells the file."""
    for value in vars(kind).values():
        found = plain_member(value)
        if isinstance(found, FunctionType) and found.__qualname__.startswith(kind.__qualname__):
            return found.__code__.co_filename, kind.__name__
    return "", kind.__name__


def iter_nodes(tree: Definition) -> Iterator[ast.AST]:
    """The nodes of a function's body, what is defined inside it left out."""
    stack: list[ast.AST] = [tree.body] if isinstance(tree, ast.Lambda) else [*reversed(tree.body)]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, (*_INNER, ast.ClassDef)):
            stack += reversed(list(ast.iter_child_nodes(node)))


_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def iter_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, the nested ones after the one they are in."""
    for statement in body:
        yield statement
        if isinstance(statement, (*_INNER, ast.ClassDef)):
            continue
        for name in ("body", "orelse", "finalbody"):
            yield from iter_statements(cast("list[ast.stmt]", getattr(statement, name, [])))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from iter_statements(part.body)
