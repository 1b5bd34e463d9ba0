"""Where a function's Python can go more than one way, read from its source.

A trace keeps the way that was taken and nothing else, so these are the places where it can go
wrong. What was taken is read from the instructions that ran: each belongs to a range of the source,
and a site knows which ranges are its test, its branches, its loop's target.
"""

import ast
import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import CodeType

from tsviz.location import FileRange

Span = tuple[int, int, int, int]
"""First line, first column, last line, last column: columns in UTF-8 bytes, as Python counts."""


class SiteKind(StrEnum):
    """What can go more than one way."""

    IF = "if"
    CONDITIONAL = "conditional expression"
    WHILE = "while"
    FOR = "for"
    COMPREHENSION = "comprehension"
    ASSERT = "assert"
    TRY = "try"
    SHORT_CIRCUIT = "short circuit"
    MATCH = "match"


class Part(StrEnum):
    """A range of a site's source, and what it means that it ran."""

    TEST = "test"
    THEN = "then"
    ELSE = "else"
    TARGET = "target"
    BODY = "body"
    OTHER = "other"
    """An operand after the first, an `except`, a `case`: told apart by their number."""


DECIDED = frozenset({SiteKind.IF, SiteKind.CONDITIONAL, SiteKind.WHILE, SiteKind.ASSERT})
"""Whoever leaves the test of one of these has decided on true or false."""
LOOPS = frozenset({SiteKind.WHILE, SiteKind.FOR, SiteKind.COMPREHENSION})


@dataclass(frozen=True, slots=True)
class Site:
    """One place.

    Attributes:
        place: its test, what it loops over, or the line it begins at.
        condition: the source text of that.
        span: all of it.
        parts: its ranges, the number within a part told by their order.
    """

    kind: SiteKind
    place: FileRange
    condition: str
    span: Span
    parts: tuple[tuple[Part, Span], ...]


def sites_of(code: CodeType) -> tuple[Site, ...]:
    """The sites in a function's own code, in the order of the source; none without a source."""
    owner = function_of(code)
    if owner is None:
        return ()
    lines = tuple(linecache.getlines(code.co_filename))
    made = _Reader(code.co_filename, code.co_name, lines)
    return tuple(site for node in _iter_own(owner) for site in made.read(node))


def function_of(code: CodeType) -> ast.AST | None:
    """The syntax tree of what was compiled to `code`; `None` without a source."""
    tree = _parsed(code.co_filename, "".join(linecache.getlines(code.co_filename)))
    return None if tree is None else _owner(tree, code)


@lru_cache(maxsize=256)
def _parsed(file: str, text: str) -> ast.Module | None:
    try:
        return ast.parse(text) if text else None
    except SyntaxError:  # a cell with magics, or a file that was edited meanwhile
        return None


_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def _owner(tree: ast.Module, code: CodeType) -> ast.AST | None:
    """What in the source was compiled to `code`."""
    first = min((place[0] for place in code.co_positions() if place[0]), default=0)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            head = min([node.lineno, *(known.lineno for known in node.decorator_list)])
            if node.name == code.co_name and head == code.co_firstlineno:
                return node
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>":
            if node.lineno <= code.co_firstlineno <= (node.end_lineno or 0):
                return node
        elif isinstance(node, _Comprehension) and is_comprehension(code):
            begins = node.lineno == code.co_firstlineno
            if begins and first >= node.lineno:
                return node
    return None


def is_comprehension(code: CodeType) -> bool:
    """Whether code is that of a comprehension, which before Python 3.12 is a function."""
    return code.co_name.endswith(("comp>", "expr>"))


def _iter_own(owner: ast.AST) -> Iterator[ast.AST]:
    """What lies in a function, but not in functions inside it."""
    stack = [owner]
    while stack:
        node = stack.pop(0)
        if node is not owner and isinstance(node, (*_Function.__args__, ast.ClassDef)):
            continue
        yield node
        stack[:0] = ast.iter_child_nodes(node)


class _Reader:
    """Reads sites from the syntax tree of one file."""

    def __init__(self, file: str, function: str, lines: tuple[str, ...]) -> None:
        self._file, self._function, self._lines = file, function, lines

    def read(self, node: ast.AST) -> Iterator[Site]:
        match node:
            case ast.If():
                yield self._decided(SiteKind.IF, node, node.test, node.body, node.orelse)
            case ast.IfExp():
                kind = SiteKind.CONDITIONAL
                yield self._decided(kind, node, node.test, [node.body], [node.orelse])
            case ast.While():
                yield self._decided(SiteKind.WHILE, node, node.test, node.body, node.orelse)
            case ast.Assert():
                said = [node.msg] if node.msg else []
                yield self._decided(SiteKind.ASSERT, node, node.test, [], said)
            case ast.For() | ast.AsyncFor():
                yield self._loop(SiteKind.FOR, node, node.iter, node.target)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                for inner in node.generators:
                    yield self._loop(SiteKind.COMPREHENSION, node, inner.iter, inner.target)
            case ast.BoolOp():
                rest = [(Part.OTHER, span_of(value)) for value in node.values[1:]]
                yield self._site(SiteKind.SHORT_CIRCUIT, node, node, rest)
            case ast.Try() | ast.TryStar():
                rest = [(Part.OTHER, span_of(handler)) for handler in node.handlers]
                yield self._site(SiteKind.TRY, node, node.body[0], rest)
            case ast.Match():
                rest = [(Part.OTHER, _around(case.body)) for case in node.cases]
                yield self._site(SiteKind.MATCH, node, node.subject, rest)
            case _:
                return

    def _decided(
        self,
        kind: SiteKind,
        node: ast.AST,
        test: ast.AST,
        then: Sequence[ast.AST],
        other: Sequence[ast.AST],
    ) -> Site:
        parts = [(Part.TEST, span_of(test))]
        parts += [(Part.THEN, _around(then))] if then else []
        parts += [(Part.ELSE, _around(other))] if other else []
        return self._site(kind, node, test, parts)

    def _loop(self, kind: SiteKind, node: ast.AST, over: ast.AST, target: ast.AST) -> Site:
        return self._site(kind, node, over, [(Part.TARGET, span_of(target))])

    def _site(
        self, kind: SiteKind, node: ast.AST, told: ast.AST, parts: list[tuple[Part, Span]]
    ) -> Site:
        place = file_range(self._file, span_of(told), self._lines, self._function)
        return Site(kind, place, ast.unparse(told), span_of(node), tuple(parts))


def span_of(node: ast.AST) -> Span:
    """The range of a node that has one."""
    assert isinstance(node, (ast.expr, ast.stmt, ast.excepthandler, ast.pattern))
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    return node.lineno, node.col_offset, *end


def _around(nodes: Sequence[ast.AST]) -> Span:
    return *span_of(nodes[0])[:2], *span_of(nodes[-1])[2:]


def file_range(file: str, span: Span, lines: Sequence[str], function: str) -> FileRange:
    """A span with columns in characters."""
    line, col, end_line, end_col = span
    return FileRange(
        file,
        line,
        _characters(lines, line, col),
        end_line,
        _characters(lines, end_line, end_col),
        function,
    )


def _characters(lines: Sequence[str], line: int, column: int) -> int:
    text = lines[line - 1] if line <= len(lines) else ""
    return len(text.encode()[:column].decode(errors="ignore"))
