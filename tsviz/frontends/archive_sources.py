"""The Python text behind an archive: what it stores, and what this machine has.

An archive holds the text of each compiled function, not of whole files, and none for what was
traced. A file on this machine is better where it says the same. But its name comes from a
stranger, so only cells of this session and plain Python files are looked at, never a device, a
pipe, a key file or another machine's share.
"""

import linecache
from collections.abc import Mapping
from pathlib import Path

from tsviz.frontends.sources import read_source
from tsviz.location import Origin, SourceFile

_MOST_BYTES = 16 * 2**20
_REMOTE = ("\\\\", "//")


def reconcile(stored: Mapping[str, str]) -> dict[str, SourceFile]:
    """The stored texts by path, each as the whole file if this machine has the same one.

    Args:
        stored: path → text, blank where the archive does not know a line.
    """
    return {path: _reconciled(path, text) for path, text in stored.items()}


def read_foreign_source(path: str) -> SourceFile:
    """The current text of a file that a stranger has named, if it is a cell or a Python file."""
    linecache.checkcache(path)
    if path in linecache.cache or _is_python_file(path):
        return read_source(path)
    return SourceFile(path, "", Origin.MISSING)


def _reconciled(path: str, text: str) -> SourceFile:
    here = read_foreign_source(path)
    theirs, ours = text.rstrip("\n").split("\n"), here.text.split("\n")
    same = (line in ("", now) for line, now in zip(theirs, ours, strict=False))
    if here.text and len(theirs) <= len(ours) and all(same):
        return here
    return SourceFile(path, text, Origin.ARCHIVE)


def _is_python_file(path: str) -> bool:
    if path.startswith(_REMOTE) or not path.endswith(".py"):
        return False
    file = Path(path)
    return file.is_file() and file.stat().st_size <= _MOST_BYTES
