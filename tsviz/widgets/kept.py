"""An explorer that a notebook keeps: its page, deflated, in a script beside the picture.

The script opens the page in a frame of its own, in the place of the picture. Where scripts do not
run, or are taken out of the output, the picture stays: nothing is there twice, and no frame is ever
empty.
"""

import base64
import zlib
from collections.abc import Mapping
from html import escape

from tsviz.errors import Diagnostic, UsageError
from tsviz.protocol import Document
from tsviz.widgets.assets import read_text_asset
from tsviz.widgets.html import RAW_DEFLATE, render_html

LIMIT = 2_000_000
"""Bytes that an explorer may add to a notebook."""

_LEVEL = 9


def kept_script(document: Document, title: str) -> str:
    """What opens a document (build it with `shared=True`) in the place of the element before it."""
    packer = zlib.compressobj(_LEVEL, wbits=RAW_DEFLATE)
    packed = packer.compress(render_html(document).text.encode()) + packer.flush()
    page = base64.b64encode(packed).decode("ascii")
    script = read_text_asset("kept.js")
    return f'<script data-title="{escape(title)}" data-page="{page}">{script}</script>'


def check_size(bundle: Mapping[str, str]) -> None:
    """Refuses what would swell a notebook.

    Raises:
        UsageError: `TSV-U42` the bundle is larger than `LIMIT`.
    """
    size = sum(len(content.encode()) for content in bundle.values())
    if size > LIMIT:
        message = (
            f"expected an explorer of at most {LIMIT / 1e6:.0f} MB to keep in the notebook, "
            f"got one of {size / 1e6:.1f} MB"
        )
        help = 'show it without `keep`, and write a file beside: tsviz.save(…, "model.html")'
        raise UsageError(Diagnostic("TSV-U42", message, help=help))
