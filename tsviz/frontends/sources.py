"""The text of the files that nodes point at, kept as it is at capture."""

import linecache
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from tsviz.location import CallSite, FileRange, Link, Location, Origin, SourceFile

_CELL = re.compile(r"(?:^|[/\\])ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-")


ReadSource = Callable[[str], SourceFile]
"""Path → the text of that file; of origin `missing` where there is none."""


def read_source(path: str) -> SourceFile:
    """The current text of `path`, from disk or from Python's line cache (cells, `exec`)."""
    text = "".join(linecache.getlines(path))
    if not text:
        return SourceFile(path, "", Origin.MISSING)
    return SourceFile(path, text, Origin.CELL if _CELL.search(path) else Origin.DISK)


def collect_sources(
    links: Iterable[Link], known: Mapping[str, SourceFile], read: ReadSource = read_source
) -> dict[str, SourceFile]:
    """The text of every file that some link's call stack passes through.

    Args:
        links: of all nodes.
        known: texts that take precedence, such as those stored in an archive.
        read: finds the others.
    """
    files = {frame.file for frame in _iter_distinct(link.location for link in links)}
    return {file: known.get(file) or read(file) for file in sorted(files)}


def _iter_distinct(locations: Iterable[Location]) -> Iterator[FileRange]:
    """The frames of all locations; what they share is looked at once."""
    seen: set[int] = set()
    for start in locations:
        location: Location = start
        while id(location) not in seen:
            seen.add(id(location))
            place = location.callee if isinstance(location, CallSite) else location
            if isinstance(place, FileRange):
                yield place
            if isinstance(location, CallSite):
                location = location.caller
