"""Changes of source text that several rules make: unwrapping a block, declaring in a class."""

import ast
from dataclasses import replace

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.location import FileRange


def between(start: FileRange, end: FileRange) -> FileRange:
    """From the beginning of one place to the beginning of another."""
    return replace(start, end_line=end.line, end_col=end.col)


def after(place: FileRange) -> FileRange:
    """The empty place at the end of one."""
    return replace(place, line=place.end_line, col=place.end_col)


def before(place: FileRange) -> FileRange:
    """The empty place at the beginning of one."""
    return replace(place, end_line=place.line, end_col=place.col)


def replaced(function: Function, node: ast.AST, text: str) -> tuple[Change, ...]:
    """Replaces a node."""
    return (Change(function.place(node), text),)


def unwrapped(function: Function, statement: ast.stmt, body: list[ast.stmt]) -> tuple[Change, ...]:
    """Puts the body of a block in the block's place; () where a text over lines is in the way."""
    if any(_is_long_text(node) for part in body for node in ast.walk(part)):
        return ()
    whole, first, last = (function.place(node) for node in (statement, body[0], body[-1]))
    changes = [Change(between(whole, first), "")]
    if first.line > whole.line:
        changes += _dedented(function, first, last, first.col - whole.col)
    end = replace(after(last), end_line=whole.end_line, end_col=whole.end_col)
    if (end.line, end.col) != (end.end_line, end.end_col):
        changes.append(Change(end, ""))
    return tuple(changes)


def _dedented(function: Function, first: FileRange, last: FileRange, by: int) -> list[Change]:
    return [
        Change(FileRange(function.file, line, 0, line, by), "")
        for line in range(first.line + 1, last.end_line + 1)
        if function.text.lines[line - 1][:by].isspace()
    ]


def _is_long_text(node: ast.AST) -> bool:
    is_text = isinstance(node, (ast.Constant, ast.JoinedStr))
    return is_text and getattr(node, "end_lineno", 0) != getattr(node, "lineno", 0)


def removed_line(function: Function, statement: ast.stmt) -> tuple[Change, ...]:
    """Takes a statement away with its line, or leaves `pass` where it shares its block or line."""
    place = function.place(statement)
    lines = function.text.lines
    alone = not lines[place.line - 1][: place.col].strip()
    alone = alone and not lines[place.end_line - 1][place.end_col :].strip()
    if not alone or _is_only_one(function, statement) or place.end_line >= len(lines):
        return (Change(place, "pass"),)
    return (Change(FileRange(function.file, place.line, 0, place.end_line + 1, 0), ""),)


def named_lambdas(tree: ast.Module | None) -> dict[ast.Lambda, str]:
    """What stands in the module itself as `name = lambda …:`."""
    found: dict[ast.Lambda, str] = {}
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            target = node.targets[0]
            if len(node.targets) == 1 and isinstance(target, ast.Name):
                found[node.value] = target.id
    return found


def end_of_head(function: Function) -> FileRange | None:
    """The empty place before the colon that ends `def name(…)`, where it is on one line."""
    assert function.tree is not None
    place = function.place(function.tree)
    depth = 0
    for col, char in enumerate(function.text.lines[place.line - 1]):
        depth += (char in "([{") - (char in ")]}")
        if char == ":" and depth == 0 and col > place.col:
            return replace(place, col=col, end_line=place.line, end_col=col)
    return None


def _is_only_one(function: Function, statement: ast.stmt) -> bool:
    assert function.tree is not None
    bodies: list[object] = [
        getattr(node, name, None)
        for node in ast.walk(function.tree)
        for name in ("body", "orelse", "finalbody")
    ]
    return [statement] in bodies


def find_class_of(function: Function) -> ast.ClassDef | None:
    """The class that a method stands in."""
    tree = function.text.tree
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and function.tree in node.body:
            return node
    return None


def declared_in_class(function: Function, line: str) -> tuple[Change, ...]:
    """Adds a line to the class of a method, behind its docstring."""
    owner = find_class_of(function)
    if owner is None:
        return ()
    first = owner.body[0]
    place = function.place(first)
    if ast.get_docstring(owner, clean=False) is not None:
        return (Change(after(place), "\n\n" + " " * place.col + line),)
    decorators: list[ast.expr] = getattr(first, "decorator_list", [])
    number = min([place.line, *(node.lineno for node in decorators)])
    lead = function.text.lines[number - 1][: place.col]
    if lead.strip():
        return ()
    return (Change(FileRange(function.file, number, 0, number, 0), f"{lead}{line}\n"),)
