"""What the user typed, and pointing at parts of it.

The grammar reads one text by character offsets; its errors show the line with a caret, be it a
`%tsdebug` line or the last expression of a `%%tsdebug` cell.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tsviz.errors import Diagnostic, UsageError
from tsviz.location import FileRange, Origin, SourceFile

LINE = "%tsdebug"


@dataclass(frozen=True, slots=True)
class Typed:
    """A text of which the part from `start` on is still to be read.

    Attributes:
        source: everything that was typed, for the line in error messages.
        start: offset in characters.
        file: `%tsdebug` for a line, the cell's path for a cell.
    """

    source: str
    start: int = 0
    file: str = LINE

    @property
    def rest(self) -> str:
        """What is still to be read."""
        return self.source[self.start :]

    def skip(self, count: int) -> "Typed":
        """The same text, `count` characters further on."""
        return replace(self, start=self.start + count)

    def segment(self, node: ast.expr) -> str:
        """The text under a node of the tree parsed from `rest`."""
        return ast.get_source_segment(self.rest, node) or ast.unparse(node)

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The characters of `rest` under a node of its tree, which counts UTF-8 bytes."""
        lines = self.rest.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        return (
            starts[first] + _characters(lines[first], node.col_offset),
            starts[last] + _characters(lines[last], node.end_col_offset or 0),
        )

    def correct(self, target: str) -> str:
        """The line with another target; for a cell, what its last line should be."""
        if self.file == LINE:
            return self.source[: self.start] + target
        return f"end the cell with `{target}`"

    def error(
        self,
        code: str,
        message: str,
        *,
        at: tuple[int, int] | None = None,
        notes: Sequence[str] = (),
        help: str = "",
    ) -> UsageError:
        """An error that points at the characters `at` of `rest` (by default all of them)."""
        first, end = at or (0, len(self.rest.rstrip()))
        place = self._place(self.start + first, self.start + max(end, first + 1))
        source = SourceFile(self.file, self.source, Origin.CELL)
        return UsageError(Diagnostic(code, message, place, tuple(notes), help), (source,))

    def _place(self, first: int, end: int) -> FileRange:
        line, col = self._line_and_column(first)
        end_line, end_col = self._line_and_column(end)
        return FileRange(self.file, line, col, end_line, end_col)

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        before = self.source[:offset]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)


def _characters(line: str, count: int) -> int:
    return len(line.encode()[:count].decode())
