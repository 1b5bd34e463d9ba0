"""Gives every local variable and argument of a file another name, and changes nothing else."""

import ast
import itertools
from typing import TypeVar

Function = TypeVar("Function", ast.FunctionDef, ast.Lambda)


class Renamer(ast.NodeTransformer):
    """Renames in place; `self` and what belongs to modules, classes and objects keep their names.

    No name is given twice in a file, so lines that were different stay different. Calls must not
    give arguments to functions of the same file by name.
    """

    def __init__(self) -> None:
        self._scopes: list[dict[str, str]] = []
        self._numbers = itertools.count(1)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self._renamed(node, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return self._renamed(node, [])

    def _renamed(self, node: Function, body: list[ast.stmt]) -> Function:
        names = [argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)]
        for statement in body:
            names += _names_set(statement)
        scope = {name: f"name{next(self._numbers)}" for name in dict.fromkeys(names)}
        scope.pop("self", None)
        self._scopes.append(scope)
        self.generic_visit(node)
        self._scopes.pop()
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self._name(node.arg)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._name(node.id)
        return node

    def _name(self, name: str) -> str:
        return next((scope[name] for scope in reversed(self._scopes) if name in scope), name)


def _names_set(statement: ast.stmt) -> list[str]:
    """The names that a statement sets, those inside comprehensions included."""
    return [
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
