"""What a notebook shows of a variant matrix: the page of the terminal, as HTML.

All that is not tsviz's own text is escaped. Colours are JupyterLab's own, light and dark; without
them, as in a stored notebook, those of the text around.
"""

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from tsviz.comparison.matrix import VariantMatrix, VariantRow
from tsviz.terminal import diagnostic_text, place_name
from tsviz.views.matrix_words import (
    LATENCY_WORDS,
    TITLES,
    cells_of,
    head_of,
    iter_remarks,
    lost_places,
)

_CELL = "text-align:right;vertical-align:top;padding:1px 14px 1px 0"
_PRE = "margin:4px 0;padding:0;line-height:1.35;overflow-x:auto;background:none;color:inherit"
_FAILED = "color:var(--jp-error-color1, #d32f2f)"
_DIM = "color:var(--jp-ui-font-color2, gray)"


def matrix_mimebundle(found: VariantMatrix) -> dict[str, str]:
    """The page as HTML, and as text for who has none."""
    return {"text/plain": str(found), "text/html": matrix_html(found)}


def matrix_html(found: VariantMatrix) -> str:
    """The table, then why a variant does not work, what others lose, and what was measured."""
    title, conditions = head_of(found)
    parts = [f"<p><strong>{escape(title)}</strong><br>{escape(conditions)}</p>", _table(found)]
    for row in found.rows:
        parts += _remarks(row)
    parts.append(f'<p style="{_DIM}">{escape(LATENCY_WORDS)}</p>')
    return f"<div>{''.join(parts)}</div>"


def _table(found: VariantMatrix) -> str:
    head = _row("th", TITLES)
    body = (_row("td", cells_of(row), "" if row.works else _FAILED) for row in found.rows)
    return f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"


def _row(kind: str, cells: Iterable[str], style: str = "") -> str:
    inner = "".join(f'<{kind} style="{_CELL}">{escape(cell)}</{kind}>' for cell in cells)
    return f'<tr style="{style}">{inner}</tr>'


def _remarks(row: VariantRow) -> Iterator[str]:
    name = f"<strong>{escape(row.variant)}</strong>"
    if row.failure is not None:
        text = diagnostic_text(row.failure, row.sources).plain
        yield f'<p>{name} does not work:</p><pre style="{_PRE}">{escape(text)}</pre>'
    for remark in iter_remarks(row):
        yield f"<p>{name}: {escape(remark)}</p>"
    lost = lost_places(row)
    if lost:
        items = "".join(
            f"<li>{escape(Path(place_name(place.file)).name)}:{place.line} "
            f"<code>{escape(what)}</code></li>"
            for place, what in lost
        )
        summary = f"{name}: {len(lost)} decisions lost"
        yield f"<details><summary>{summary}</summary><ul>{items}</ul></details>"
