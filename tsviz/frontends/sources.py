"""The text of the files that nodes point at, kept as it is at capture."""

import linecache
import re
from collections.abc import Iterable, Mapping

from tsviz.location import Link, Origin, SourceFile, iter_frames

_CELL = re.compile(r"(?:^|[/\\])ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-")


def collect_sources(
    links: Iterable[Link], known: Mapping[str, SourceFile] | None = None
) -> dict[str, SourceFile]:
    """Reads every file that some link's call stack passes through.

    Args:
        known: texts that take precedence, such as those stored in an archive.
    """
    files = {frame.file for link in set(links) for frame in iter_frames(link.location)}
    known = known or {}
    return {file: known.get(file) or read_source(file) for file in sorted(files)}


def read_source(path: str) -> SourceFile:
    """The current text of `path`, from disk or from Python's line cache (cells, `exec`)."""
    text = "".join(linecache.getlines(path))
    if not text:
        return SourceFile(path, "", Origin.MISSING)
    return SourceFile(path, text, Origin.CELL if _CELL.search(path) else Origin.DISK)
