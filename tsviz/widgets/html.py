"""One HTML file with the whole explorer: opens from disk, offline, on any machine.

The page allows itself nothing but its own scripts (by hash), WebAssembly and a worker from a blob;
no name from a model becomes markup, style or address. Its data lie in one element, deflated (a
browser reads long pages slowly) and in letters that cannot end it.
"""

import base64
import json
import re
import zlib
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from tsviz.protocol import Document, encode
from tsviz.widgets.assets import read_text_asset

_LEVEL = 3  # higher ones take three times as long to save a tenth
RAW_DEFLATE = -15


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
    data = _pack(*encode(document))
    plots = read_text_asset("plotly.js") if document.profile is not None else ""
    allowed = " ".join(map(_hash, filter(None, (script, plots))))
    policy = "; ".join(
        (
            "default-src 'none'",
            "connect-src 'none'",
            f"script-src {allowed} 'wasm-unsafe-eval'",
            f"style-src {_hash(style)}",
            "worker-src blob:",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    title = escape(f"{document.title} · {document.variant} · tsviz")
    text = _PAGE.format(
        policy=policy,
        title=title,
        still=_STILL.format(title=title, summary=escape(_facts(document))),
        style=style,
        worker=worker,
        script=script,
        data=data,
        plots=_PLOTS.format(plots=plots) if plots else "",
    )
    return HtmlPage(text, _filename(document), _summary(document, len(text.encode())))


_PAGE_STYLE = (
    "html,body{margin:0;height:100%}#tsviz{height:100vh}"
    "#tsviz>:is(h1,p){margin:1em;font-family:system-ui,sans-serif}"
)
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
<div id="tsviz">{still}</div>
<script>{script}</script>
<script type="text/plain" id="tsviz-data">{data}</script>
{plots}</body>
</html>
"""
_STILL = """\
<h1>{title}</h1>
<p>{summary}</p>
<p>This page draws itself by a script that stands in it, and the script was not run: scripts are
switched off, or whoever serves the page forbids those inside pages (a content security policy
without the hash of this one). Download the file and open it from disk.</p>
"""
"""What stands there until the script takes it away."""
_PLOTS = """\
<script type="text/plain" id="tsviz-plots">{plots}</script>
"""


def _pack(payload: object, blob: bytes) -> str:
    """The lengths of JSON and blob as four bytes each, then both, deflated: in base64."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    data = text.encode("utf-8", "backslashreplace")
    data += b" " * (-len(data) % 8)  # columns start where numbers of eight bytes may
    packer = zlib.compressobj(_LEVEL, wbits=RAW_DEFLATE)
    lengths = len(data).to_bytes(4, "little") + len(blob).to_bytes(4, "little")
    packed = lengths + packer.compress(data) + packer.compress(blob) + packer.flush()
    return base64.b64encode(packed).decode("ascii")


def _hash(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _filename(document: Document) -> str:
    name = re.sub(r"[^\w.-]+", "-", f"{document.title}-{document.variant}").strip("-.")
    return f"{name or 'program'}.html"


def _summary(document: Document, size: int) -> str:
    return f"{size / 1e6:.1f} MB: {_facts(document)}; no weights, no outputs, no environment"


def _facts(document: Document) -> str:
    nodes = document.coverage.nodes
    sources = sum(1 for file in document.files if file.text.rows)
    weights = sum(1 for line in document.weights if json.loads(line)["stats"])
    passes = document.passes
    made = ((one.coverage, one.variant) for one in document.variants)
    besides = [f"{coverage.nodes} as {name}" for coverage, name in made if coverage]
    beside = f"beside them {', '.join(besides)}, " if besides else ""
    profile = document.profile
    runs = f"a profile of {len(profile.profiled)} runs, " if profile else ""
    steps = f"{len(passes.records)} steps of the pipeline {passes.pipeline}, " if passes else ""
    return (
        f"{nodes} nodes, {beside}{steps}{runs}"
        f"{sources} source files with their text, "
        f"statistics of {weights} weights"
    )
