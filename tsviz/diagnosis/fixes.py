"""What is to be edited: a patch of the files, and what to put into cells.

Only the notebook can change a cell, so for cells there is text to copy: each function and class of
the cell that has edits, whole, and what has to stand beside them, such as an import.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tsviz.display import renderer
from tsviz.location import Origin, SourceFile


@dataclass(frozen=True, slots=True)
class Replacement:
    """A piece of a cell with all edits made.

    Attributes:
        cell: the cell, as Python knows it.
        name: of the function or class that it takes the place of; "" of what is new.
        line: where that begins in the cell, 0 of what is new.
        text: what to put there.
    """

    cell: str
    name: str
    line: int
    text: str


@dataclass(frozen=True)
class Fixes:
    """All safe edits of a diagnosis.

    Attributes:
        title: of the model.
        diff: those in files, as one unified diff that `patch -p0` takes; "" where there are none.
        replacements: those in cells.
        left: how many obstacles have no safe edit.
        written: the files in which they were made already.
    """

    title: str
    diff: str
    replacements: tuple[Replacement, ...]
    left: int
    written: tuple[str, ...] = ()

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": renderer("fixes_html")(self)}

    def __str__(self) -> str:
        return renderer("fixes_text")(self)

    def __repr__(self) -> str:
        return f"<Fixes of {self.title}>"


def replacements_of(
    sources: Mapping[str, SourceFile], patched: Mapping[str, str]
) -> tuple[Replacement, ...]:
    """What to put into the cells among the patched texts."""
    return tuple(
        found
        for path, text in patched.items()
        if sources[path].origin is Origin.CELL
        for found in _iter_changed(path, sources[path].text, text)
    )


def _iter_changed(cell: str, before: str, after: str) -> Iterator[Replacement]:
    """The statements of a cell that are not as they were."""
    old = dict(_iter_statements(before))
    places = {node.name: _first_line(node) for node in old if isinstance(node, _NAMED)}
    known = set(old.values())
    for node, text in _iter_statements(after):
        if text not in known:
            name = node.name if isinstance(node, _NAMED) else ""
            yield Replacement(cell, name, places.get(name, 0), text)


_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _iter_statements(text: str) -> Iterator[tuple[ast.stmt, str]]:
    """The outermost statements, with their decorators."""
    lines = text.split("\n")
    for node in ast.parse(text).body:
        yield node, "\n".join(lines[_first_line(node) - 1 : node.end_lineno])


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])
