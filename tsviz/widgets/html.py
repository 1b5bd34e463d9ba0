"""One HTML file with the whole explorer: opens from disk, offline, on any machine.

The page allows itself nothing but its own scripts (by hash), WebAssembly and a worker from a blob;
no name from a model becomes markup, style or address. Its data lie in one JSON element in which
every character that could end the element is escaped.
"""

import base64
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from tsviz.protocol import Document, encode
from tsviz.widgets.assets import read_text_asset

_ESCAPES = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}
_UNSAFE = re.compile("[" + "".join(_ESCAPES) + "]")


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """A rendered page.

    Attributes:
        filename: a name to offer.
        summary: what is inside and how large it is, for people.
    """

    text: str
    filename: str
    summary: str


def render_html(document: Document) -> HtmlPage:
    """The standalone page of a document (build it with `shared=True`)."""
    worker = read_text_asset("graphviz.js")
    script = read_text_asset("standalone.js")
    style = read_text_asset("widget.css") + _PAGE_STYLE
    payload, blob = encode(document)
    data = _safe_json({"document": payload, "blob": base64.b64encode(blob).decode("ascii")})
    policy = "; ".join(
        (
            "default-src 'none'",
            "connect-src 'none'",
            f"script-src {_hash(script)} 'wasm-unsafe-eval'",
            f"style-src {_hash(style)}",
            "worker-src blob:",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    title = escape(f"{document.title} · {document.variant} · tsviz")
    text = _PAGE.format(
        policy=policy, title=title, style=style, worker=worker, script=script, data=data
    )
    return HtmlPage(text, _filename(document), _summary(document, len(text.encode())))


_PAGE_STYLE = "html,body{margin:0;height:100%}#tsviz{height:100vh}"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<script type="text/plain" id="tsviz-worker">{worker}</script>
<div id="tsviz"></div>
<script>{script}</script>
<script type="application/json" id="tsviz-data">{data}</script>
</body>
</html>
"""


def _safe_json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = _UNSAFE.sub(lambda match: _ESCAPES[match[0]], text)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _filename(document: Document) -> str:
    name = re.sub(r"[^\w.-]+", "-", f"{document.title}-{document.variant}").strip("-.")
    return f"{name or 'program'}.html"


def _summary(document: Document, size: int) -> str:
    nodes = document.coverage.nodes
    sources = sum(1 for file in document.files if file.text)
    weights = sum(1 for line in document.stats if line)
    return (
        f"{size / 1e6:.1f} MB: {nodes} nodes, {sources} source files with their text, "
        f"statistics of {weights} weights; no weights, no outputs, no environment"
    )
