"""An HTML page around a hand-made document, as the browser tests of the explorer need it."""

from pathlib import Path

STATIC = Path(__file__).parents[2] / "tsviz" / "widgets" / "static"

_POLICY = (
    "default-src 'none'; connect-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:"
)


def render_page(data: str) -> str:
    """The page that shows `data`, the JSON text of a document and its blob."""
    css, engine, script = (
        (STATIC / name).read_text(encoding="utf-8")
        for name in ("widget.css", "graphviz.js", "standalone.js")
    )
    escaped = data.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>tsviz</title><style>body{{margin:0}}\n{css}</style></head><body>"
        f'<script type="text/plain" id="tsviz-worker">{engine}</script>'
        f'<div id="tsviz"></div><script>{script}</script>'
        f'<script type="application/json" id="tsviz-data">{escaped}</script></body></html>'
    )
