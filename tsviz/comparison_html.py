"""What a notebook shows of `tsviz.compare(model, (x,))`: the page of the terminal, as HTML.

Colours are JupyterLab's own, light and dark; without them, as in a stored notebook, those of the
text around. All that is not tsviz's own text is escaped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape

from pygments import lex
from pygments.lexers.python import PythonLexer

from tsviz.comparison import Comparison, Finding, Status
from tsviz.errors import render_snippet
from tsviz.frontends import read_source
from tsviz.location import FileRange
from tsviz.terminal import diagnostic_text, place_name
from tsviz.views.comparison_words import (
    INPUTS_WORDS,
    NO_NOISE_WORDS,
    Flow,
    details_of,
    doubts_of,
    iter_flow,
    place_words,
    script_of,
    variant_words,
)

_COLOURS = {
    Status.PROVEN: "var(--jp-error-color1, #d32f2f)",
    Status.POSSIBLE: "var(--jp-warn-color1, #f57c00)",
    Status.HARMLESS: "var(--jp-border-color1, #bdbdbd)",
}
_TOKENS = {
    "Token.Comment": "comment",
    "Token.Keyword": "keyword",
    "Token.Name.Builtin": "builtin",
    "Token.Literal.Number": "number",
    "Token.Literal.String": "string",
    "Token.Operator": "operator",
}
"""The names that Pygments has for words of Python, and those of JupyterLab's colours."""
_LEFT = "text-align:left;vertical-align:top;padding:1px 14px 1px 0"
_PRE = "margin:4px 0;padding:0;line-height:1.35;overflow-x:auto;background:none;color:inherit"
_MOST_OPEN = 20
"""Places of control flow that are shown without a click."""


def comparison_mimebundle(found: Comparison) -> dict[str, str]:
    """The page as HTML, and as text for who has none."""
    return {"text/plain": str(found), "text/html": comparison_html(found)}


def comparison_html(found: Comparison) -> str:
    """The domain, the variants, the findings, and control flow."""
    parts = [*_head(found), *_findings(found), *_flow(tuple(iter_flow(found)))]
    return f"<div>{''.join(parts)}</div>"


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


def comparison_file(found: Comparison) -> str:
    """The same as one page that opens without anything else, light or dark as the system is."""
    return _PAGE.format(title=escape(found.title), body=comparison_html(found))


def _tag(name: str, inner: str, style: str = "") -> str:
    return f'<{name} style="{style}">{inner}</{name}>' if style else f"<{name}>{inner}</{name}>"


def _head(found: Comparison) -> Iterator[str]:
    title = f"{_tag('strong', escape(found.title))}, held against its Python code"
    yield _tag("p", title)
    domain = _tag("code", escape(str(found.domain)))
    yield _tag("p", f"inputs that count ({_ticked(INPUTS_WORDS)}): {domain}")
    if found.noise is None:
        yield _tag("p", escape(NO_NOISE_WORDS), f"color:{_COLOURS[Status.POSSIBLE]}")
    rows = [(escape(one.variant), escape(variant_words(one))) for one in found.variants]
    yield _table((), rows)
    for one in found.variants:
        for diagnostic in doubts_of(one):
            yield _tag("pre", escape(diagnostic_text(diagnostic).plain), _PRE)


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(_tag("th", title, _LEFT) for title in titles)
    body = (_tag("tr", "".join(_tag("td", cell, _LEFT) for cell in row)) for row in rows)
    above = _tag("thead", _tag("tr", head)) if head else ""
    return _tag("table", above + _tag("tbody", "".join(body)))


def _ticked(text: str) -> str:
    """Text in which backticks mark code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # a backtick of the user's own
        return escape(text)
    return "".join(_tag("code", part) if at % 2 else part for at, part in enumerate(parts))


# ── findings ────────────────────────────────────────────────────────────────────────────────────


def _findings(found: Comparison) -> Iterator[str]:
    harmless: list[str] = []
    for number, finding in enumerate(found.findings, 1):
        block = _finding(number, finding)
        if finding.status is Status.HARMLESS:
            harmless.append(block)
        else:
            yield block
    if harmless:
        yield _folded(f"{len(harmless)} harmless", "".join(harmless))


def _finding(number: int, finding: Finding) -> str:
    colour = _COLOURS[finding.status]
    status = _tag("strong", finding.status, f"color:{colour}")
    parts = [f"{number} {status} · {escape(finding.variant)}", *_source(finding.place)]
    parts.append(_tag("div", _ticked(finding.sentence), "font-weight:600"))
    for label, words in details_of(finding):
        parts.append(_tag("div", f"{_tag('span', label, 'opacity:0.7')} {_ticked(words)}"))
    if finding.status is Status.PROVEN:
        how = f'comparison.write(comparison.proven[{number - 1}], "fault.py")'
        words = f"this script shows it; {_tag('code', escape(how))} writes it"
        parts.append(_folded(words, _tag("pre", _highlighted(script_of(finding)), _PRE)))
    edge = f"border-left:3px solid {colour};padding-left:10px;margin:14px 0"
    return _tag("div", "".join(parts), edge)


def _folded(words: str, inner: str) -> str:
    return f'<details><summary style="cursor:pointer">{words}</summary>{inner}</details>'


def _source(place: FileRange | None) -> Iterator[str]:
    if place is None:
        return
    named = replace(place, file=place_name(place.file))
    yield f" · {_tag('code', escape(str(named)))}"
    rows = render_snippet(read_source(place.file), place)
    if rows:
        yield _tag("pre", escape("\n".join(rows)), _PRE)


def _highlighted(code: str) -> str:
    return "".join(_token(kind, text) for kind, text in lex(code, PythonLexer()))


def _token(kind: object, text: str) -> str:
    name = next((name for group, name in _TOKENS.items() if str(kind).startswith(group)), "")
    colour = f"color:var(--jp-mirror-editor-{name}-color, inherit)"
    return _tag("span", escape(text), colour) if name else escape(text)


# ── control flow ────────────────────────────────────────────────────────────────────────────────


def _flow(rows: tuple[Flow, ...]) -> Iterator[str]:
    if not rows:
        return
    has_trace = any(row.held for row in rows)
    titles = ["line", "kind", "condition", "your input"]
    titles += ["the trace holds"] if has_trace else []
    cells = [list(_cells(row, has_trace=has_trace)) for row in rows]
    words = "where Python can go more than one way"
    table = _table([*titles, "finding"], cells)
    if len(rows) <= _MOST_OPEN:
        yield _tag("p", _tag("strong", words)) + table
    else:
        yield _folded(f"{words}: {len(rows):,} places", table)


def _cells(row: Flow, *, has_trace: bool) -> Iterator[str]:
    yield _tag("code", escape(place_words(row.site.place)))
    yield escape(row.site.kind)
    yield _tag("code", escape(row.site.condition))
    yield _ticked(row.went)
    if has_trace:
        yield escape(row.held)
    yield ", ".join(map(str, row.findings))
