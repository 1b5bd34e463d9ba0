"""What a notebook shows of `tsviz.compare(model, (x,))`: the page of the terminal, as HTML.

Colours are JupyterLab's own, light and dark; without them, as in a stored notebook, those of the
text around. All that is not tsviz's own text is escaped.
"""

from collections.abc import Iterator
from html import escape

from tsviz.comparison import Comparison, Finding, Status
from tsviz.frontends import read_source
from tsviz.html_parts import PRE, edged, folded, highlighted, page, placed, table, tag, ticked
from tsviz.terminal import diagnostic_text
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
_MOST_OPEN = 20
"""Places of control flow that are shown without a click."""


def comparison_mimebundle(found: Comparison) -> dict[str, str]:
    """The page as HTML, and as text for who has none."""
    return {"text/plain": str(found), "text/html": comparison_html(found)}


def comparison_html(found: Comparison) -> str:
    """The domain, the variants, the findings, and control flow."""
    parts = [*_head(found), *_findings(found), *_flow(tuple(iter_flow(found)))]
    return f"<div>{''.join(parts)}</div>"


def comparison_file(found: Comparison) -> str:
    """The same as one page that opens without anything else, light or dark as the system is."""
    return page(found.title, comparison_html(found))


def _head(found: Comparison) -> Iterator[str]:
    title = f"{tag('strong', escape(found.title))}, held against its Python code"
    yield tag("p", title)
    domain = tag("code", escape(str(found.domain)))
    yield tag("p", f"inputs that count ({ticked(INPUTS_WORDS)}): {domain}")
    if found.noise is None:
        yield tag("p", escape(NO_NOISE_WORDS), f"color:{_COLOURS[Status.POSSIBLE]}")
    rows = [(escape(one.variant), escape(variant_words(one))) for one in found.variants]
    yield table((), rows)
    for one in found.variants:
        for diagnostic in doubts_of(one):
            yield tag("pre", escape(diagnostic_text(diagnostic).plain), PRE)


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
        yield folded(f"{len(harmless)} harmless", "".join(harmless))


def _finding(number: int, finding: Finding) -> str:
    colour = _COLOURS[finding.status]
    status = tag("strong", finding.status, f"color:{colour}")
    parts = [f"{number} {status} · {escape(finding.variant)}", *_source(finding)]
    parts.append(tag("div", ticked(finding.sentence), "font-weight:600"))
    for label, words in details_of(finding):
        parts.append(tag("div", f"{tag('span', label, 'opacity:0.7')} {ticked(words)}"))
    if finding.status is Status.PROVEN:
        how = f'comparison.write(comparison.proven[{number - 1}], "fault.py")'
        words = f"this script shows it; {tag('code', escape(how))} writes it"
        parts.append(folded(words, tag("pre", highlighted(script_of(finding)), PRE)))
    return edged(parts, colour)


def _source(finding: Finding) -> Iterator[str]:
    place = finding.place
    if place is not None:
        yield from placed(place, read_source(place.file))


# ── control flow ────────────────────────────────────────────────────────────────────────────────


def _flow(rows: tuple[Flow, ...]) -> Iterator[str]:
    if not rows:
        return
    has_trace = any(row.held for row in rows)
    titles = ["line", "kind", "condition", "your input"]
    titles += ["the trace holds"] if has_trace else []
    cells = [list(_cells(row, has_trace=has_trace)) for row in rows]
    words = "where Python can go more than one way"
    rows_shown = table([*titles, "finding"], cells)
    if len(rows) <= _MOST_OPEN:
        yield tag("p", tag("strong", words)) + rows_shown
    else:
        yield folded(f"{words}: {len(rows):,} places", rows_shown)


def _cells(row: Flow, *, has_trace: bool) -> Iterator[str]:
    yield tag("code", escape(place_words(row.site.place)))
    yield escape(row.site.kind)
    yield tag("code", escape(row.site.condition))
    yield ticked(row.went)
    if has_trace:
        yield escape(row.held)
    yield ", ".join(map(str, row.findings))
