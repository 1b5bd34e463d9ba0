"""TorchScript's f-strings print values plainly: no `:.2f`, no `!r`. `str.format` knows the former.

f"loss {loss:.2f}"                      "loss {:.2f}".format(loss)
"""

import ast
from collections.abc import Iterator

from tsviz.diagnosis.code import Function
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rules.finding import Finding

NAME = "f-string"


def find(function: Function, world: World) -> Iterator[Finding]:
    """f-strings with a format or a conversion."""
    for node in function.nodes():
        if not isinstance(node, ast.JoinedStr):
            continue
        parts = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        if not any(part.format_spec is not None or part.conversion != -1 for part in parts):
            continue
        converts = any(part.conversion != -1 for part in parts)
        cause = f"TorchScript's f-strings have no {'conversion' if converts else 'format'}"
        edit = _format(function, node)
        advice = "use `str.format`" if edit else "format outside of the compiled code"
        yield Finding(NAME, function, function.place(node), cause, advice, edit)


def _format(function: Function, node: ast.JoinedStr) -> tuple[Change, ...]:
    """The same by `str.format`, where each format is plain text."""
    text, values = "", list[str]()
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value).replace("{", "{{").replace("}", "}}")
            continue
        assert isinstance(part, ast.FormattedValue)
        plain = _plain(part.format_spec)
        if plain is None or part.conversion != -1:
            return ()
        text += f"{{:{plain}}}" if plain else "{}"
        values.append(ast.unparse(part.value))
    return (Change(function.place(node), f"{_quoted(text)}.format({', '.join(values)})"),)


def _plain(spec: ast.expr | None) -> str | None:
    if spec is None:
        return ""
    assert isinstance(spec, ast.JoinedStr)
    parts = [part.value for part in spec.values if isinstance(part, ast.Constant)]
    return "".join(map(str, parts)) if len(parts) == len(spec.values) else None


def _quoted(text: str) -> str:
    quoted = repr(text)
    return f'"{quoted[1:-1]}"' if quoted[0] == "'" and '"' not in text else quoted
