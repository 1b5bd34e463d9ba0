"""A domain as text: what a user types, without running any of it."""

import ast
from collections.abc import Mapping
from typing import Any, cast

from tsviz.errors import Diagnostic, UsageError

EXAMPLE = '{"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}'


def read_domain(text: str) -> Mapping[str, Mapping[str, Any]] | None:
    """The domain that a text declares, as `compare(…, inputs=…)` takes it; `None` for no text.

    Args:
        text: a literal of Python, in which `float("nan")` and `float("inf")` may stand.

    Raises:
        UsageError: `TSV-V21` it is no literal, `TSV-V22` it is no dictionary of dictionaries.
    """
    if not text.strip():
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
        value: object = ast.literal_eval(_Numbers().visit(tree))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise UsageError(_unreadable(text, error)) from error
    known = cast("Mapping[object, object]", value) if isinstance(value, Mapping) else {"": None}
    if all(isinstance(name, str) and isinstance(said, Mapping) for name, said in known.items()):
        return cast("Mapping[str, Mapping[str, Any]]", value)
    message = f"expected a dictionary of dictionaries by argument, got `{_short(text)}`"
    raise UsageError(Diagnostic("TSV-V22", message, help=f"write {EXAMPLE}"))


class _Numbers(ast.NodeTransformer):
    """Makes constants of the calls that stand for numbers without a literal."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name("float"), args=[ast.Constant(str(text))], keywords=[]):
                return ast.Constant(float(text))
            case _:
                return node


def _unreadable(text: str, error: Exception) -> Diagnostic:
    message = f"expected the inputs that count as a literal of Python, got `{_short(text)}`"
    if isinstance(error, SyntaxError):
        place = f"line {error.lineno}, column {error.offset}"
        note = f"Python says: {error.msg} at {place}"
    else:
        note = "names, calls and operators are not run; `float('nan')` and `float('inf')` may stand"
    return Diagnostic("TSV-V21", message, notes=(note,), help=f"write {EXAMPLE}")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:59]}…"
