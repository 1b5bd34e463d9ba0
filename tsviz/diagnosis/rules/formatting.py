"""TorchScript's strings print values plainly: no width, no number of digits, no `!r`.

f-strings with a format are refused, and `str.format` and `%` ignore it without a word. So text is
formatted by whoever gets it:

    return f"loss {loss:.2f}"               return loss     # and format it outside
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "f-string"


def find(function: Function, world: World) -> Iterator[Finding]:
    """f-strings with a format or a conversion."""
    for node in function.nodes():
        if not isinstance(node, ast.JoinedStr):
            continue
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        converts = any(part.conversion != -1 for part in parts)
        if converts or any(part.format_spec is not None for part in parts):
            cause = f"TorchScript's f-strings have no {'conversion' if converts else 'format'}"
            advice = "return the value, and format it outside: `str.format` would ignore it here"
            yield Finding(NAME, function, function.place(node), cause, advice)
