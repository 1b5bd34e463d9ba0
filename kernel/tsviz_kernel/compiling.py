"""Keeps the source of what `%%time` runs.

IPython compiles the body of such a cell under the name `<timed exec>`, which no source is known
for, so nothing defined in it could be scripted. Here it goes by the name of its cell, line for
line.
"""

import ast
from collections.abc import Callable
from typing import Any

from ipykernel.compiler import XCachingCompiler

_TIMED = ("<timed exec>", "<timed eval>")


class CellCompiler(XCachingCompiler):
    """IPython's compiler for cells.

    Attributes:
        body_name: gives the file name of the running cell's body and how many of the cell's lines
            stand above it; `None` where the cell has no `%%time`.
    """

    body_name: Callable[[], tuple[str, int] | None] | None = None

    def __call__(self, source: Any, filename: str, *rest: Any, **named: Any) -> Any:
        """Compiles; what is timed goes by the name of its cell."""
        found = self.body_name() if filename in _TIMED and self.body_name is not None else None
        if found is not None and isinstance(source, ast.AST):
            filename, above = found
            source = ast.increment_lineno(source, above)
        return super().__call__(source, filename, *rest, **named)
