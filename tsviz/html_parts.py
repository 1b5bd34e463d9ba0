"""Parts of the pages that a notebook shows as HTML.

Colours are JupyterLab's own, light and dark; without them, as in a stored notebook, those of the
text around. Texts come escaped, or are escaped here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

from pygments import lex
from pygments.lexers.python import PythonLexer

from tsviz.errors import render_snippet
from tsviz.location import FileRange, SourceFile
from tsviz.terminal import place_name

PRE = "margin:4px 0;padding:0;line-height:1.35;overflow-x:auto;background:none;color:inherit"
_LEFT = "text-align:left;vertical-align:top;padding:1px 14px 1px 0"
_TOKENS = {
    "Token.Comment": "comment",
    "Token.Keyword": "keyword",
    "Token.Name.Builtin": "builtin",
    "Token.Literal.Number": "number",
    "Token.Literal.String": "string",
    "Token.Operator": "operator",
}
"""The names that Pygments has for words of Python, and those of JupyterLab's colours."""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; connect-src 'none'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 66rem }}
body {{ margin: 2rem auto; padding: 0 1rem }}
</style>
<body>{body}</body>
</html>
"""


def page(title: str, body: str) -> str:
    """A page that opens without anything else, light or dark as the system is."""
    return _PAGE.format(title=escape(title), body=body)


def tag(name: str, inner: str, style: str = "") -> str:
    """An element; what is inside is HTML."""
    return f'<{name} style="{style}">{inner}</{name}>' if style else f"<{name}>{inner}</{name}>"


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are HTML."""
    head = "".join(tag("th", title, _LEFT) for title in titles)
    body = (tag("tr", "".join(tag("td", cell, _LEFT) for cell in row)) for row in rows)
    above = tag("thead", tag("tr", head)) if head else ""
    return tag("table", above + tag("tbody", "".join(body)))


def edged(parts: Iterable[str], colour: str) -> str:
    """Parts behind an edge of a colour."""
    edge = f"border-left:3px solid {colour};padding-left:10px;margin:14px 0"
    return tag("div", "".join(parts), edge)


def folded(words: str, inner: str) -> str:
    """What opens at a click on the words, which are HTML."""
    return f'<details><summary style="cursor:pointer">{words}</summary>{inner}</details>'


def ticked(text: str) -> str:
    """Text in which backticks mark code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # a backtick of the user's own
        return escape(text)
    return "".join(tag("code", part) if at % 2 else part for at, part in enumerate(parts))


def placed(place: FileRange, source: SourceFile) -> Iterator[str]:
    """The name of a place, and its source line with a caret."""
    named = replace(place, file=place_name(place.file), function="")
    yield f" · {tag('code', escape(str(named)))}"
    rows = render_snippet(source, place)
    if rows:
        yield tag("pre", escape("\n".join(rows)), PRE)


def highlighted(code: str) -> str:
    """Python in colours."""
    return "".join(_token(kind, text) for kind, text in lex(code, PythonLexer()))


def _token(kind: object, text: str) -> str:
    name = next((name for group, name in _TOKENS.items() if str(kind).startswith(group)), "")
    colour = f"color:var(--jp-mirror-editor-{name}-color, inherit)"
    return tag("span", escape(text), colour) if name else escape(text)
