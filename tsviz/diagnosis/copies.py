"""Changed copies of source files, kept while one model is examined.

The same changes of a file recur in most of the attempts, so each copy is parsed and compiled once.
Python finds the text of a copy in its line cache, as it finds that of a notebook's cell.
"""

import ast
import linecache
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count
from types import CodeType
from typing import Any, cast

from tsviz.diagnosis.code import (
    Definition,
    Function,
    SourceText,
    class_lines,
    definition_paths,
    imports_of,
)
from tsviz.diagnosis.patches import Change, patch
from tsviz.diagnosis.rewriting import named_lambdas

_numbers = count(1)


class Copy:
    """One file with changes.

    Attributes:
        name: what Python knows it by.
        file: the path of the original.
        patched: its text, and the way back to the original.

    Raises:
        SyntaxError: it is no Python.
    """

    def __init__(self, text: SourceText, changes: Sequence[Change]) -> None:
        self.file = text.source.path
        self.name = f"tsviz copy {next(_numbers)} of {self.file}"
        self.patched = patch(text.source.text, changes)
        self._before = text
        self._tree = ast.parse(self.patched.text, self.name)
        self._codes: dict[Function, tuple[CodeType, Definition] | None] = {}
        lines = self.patched.text.splitlines(keepends=True)
        linecache.cache[self.name] = (len(self.patched.text), None, lines, self.name)

    def forget(self) -> None:
        """Takes it out of Python's line cache."""
        linecache.cache.pop(self.name, None)

    @cached_property
    def _definitions(self) -> dict[tuple[str, ...], Definition]:
        return {path: node for node, path in definition_paths(self._tree).items()}

    @cached_property
    def new_lines(self) -> dict[str, list[ast.stmt]]:
        """Class → the declarations that a change has put into its body."""
        known = self._before.class_lines
        return {
            name: [line for text, line in lines.items() if text not in known.get(name, {})]
            for name, lines in class_lines(self._tree).items()
        }

    @cached_property
    def new_imports(self) -> list[ast.stmt]:
        """The imports that a change has put at the top."""
        known = self._before.imports
        return [node for text, node in imports_of(self._tree).items() if text not in known]

    def _path(self, function: Function) -> tuple[str, ...]:
        """The names that lead to a function; of `name = lambda …:`, to the `def` made of it."""
        if isinstance(function.tree, ast.Lambda):
            name = named_lambdas(self._before.tree).get(function.tree)
            return (f"{name} 1",) if name is not None else ()
        known = self._before.paths
        return known.get(function.tree, ()) if function.tree is not None else ()

    def compile(self, function: Function) -> tuple[CodeType, Definition] | None:
        """The code and the tree of a function as changed, `None` where it is gone."""
        if function not in self._codes:
            tree = self._definitions.get(self._path(function))
            found = (_compile(tree, function, self.name), tree) if tree is not None else None
            self._codes[function] = found
        return self._codes[function]


class Copies:
    """The copies made for one model."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[Change, ...]], Copy] = {}

    def get(self, text: SourceText, changes: Sequence[Change]) -> Copy:
        """A file with changes; the same one for the same changes.

        Raises:
            SyntaxError: it is no Python.
        """
        key = (text.source.path, tuple(changes))
        if key not in self._known:
            self._known[key] = Copy(text, changes)
        return self._known[key]

    def forget(self) -> None:
        """Takes all out of Python's line cache."""
        for copy in self._known.values():
            copy.forget()
        self._known.clear()


def _compile(tree: Definition, function: Function, name: str) -> CodeType:
    """The code of a definition at its own lines, its free names those of the original."""
    plain = cast("Any", tree)
    plain.decorator_list = []
    plain.args.defaults = [ast.Constant(None) for _ in plain.args.defaults]
    free = function.python.__code__.co_freevars
    arguments = ast.arguments([], [ast.arg(name) for name in free], None, [], [], None, [])
    outer = ast.FunctionDef("_outer", arguments, [plain], [])
    body: list[ast.stmt] = [outer]
    if function.class_name:  # names that begin with two underscores are mangled by its name
        body = [ast.ClassDef(function.class_name, [], [], [outer], [])]
    module = ast.fix_missing_locations(ast.Module(body, []))
    return next(
        code for code in _iter_codes(compile(module, name, "exec")) if code.co_name == plain.name
    )


def _iter_codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _iter_codes(constant)
