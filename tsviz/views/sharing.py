"""What leaves this machine names neither its folders nor its users."""

import re
from pathlib import Path

_PACKAGES = ("/site-packages/", "/dist-packages/")
_ABSOLUTE = re.compile(
    r"(?<![\w:/.~-])(?:[A-Za-z]:[\\/]|/)(?:[^\s\"'`:;,()<>|\\/]+[\\/])+[^\s\"'`:;,()<>|\\/]*"
)


def share_path(path: str) -> str:
    """A path without the machine: relative to the working folder, to `site-packages`, or bare."""
    text = path.replace("\\", "/")
    for mark in _PACKAGES:
        if mark in text:
            return text.rpartition(mark)[2]
    here = Path.cwd().as_posix().rstrip("/") + "/"
    if text.startswith(here):
        return text[len(here) :]
    return text.rpartition("/")[2] if text.startswith("/") or ":" in text[:3] else text


def share_text(text: str) -> str:
    """A sentence with its absolute paths written as `share_path` writes them."""
    return _ABSOLUTE.sub(lambda match: share_path(match[0]), text)
