"""Which function a line lies in, told from the source text alone."""

import linecache
import re
from collections.abc import Mapping

from tsviz.location import FileRange, SourceFile

_DEF = re.compile(r"^(\s*)(?:async\s+)?def\s")
_NAME = re.compile(r"\s*(?:async\s+)?def\s+(\w+)")
_HEADS = ("def ", "async def ", "class ", "@")


class Definitions:
    """Answers about lines of files on disk, in cells, or stored in an archive."""

    def __init__(self, sources: Mapping[str, SourceFile]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}
        self._found: dict[tuple[str, int], int] = {}

    def find(self, place: FileRange) -> int:
        """The line of the innermost `def` around `place`, 0 where there is none."""
        key = (place.file, place.line)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._scan(place)
        return found

    def name(self, path: str, line: int) -> str:
        """The name in the `def` on `line` of `path`, "" where there is none."""
        text = self._text(path)[line - 1 : line]
        match = _NAME.match(text[0]) if line and text else None
        return match[1] if match else ""

    def text(self, place: FileRange) -> str:
        """What is written from the beginning of a range to the end of its line, or of the range."""
        lines = self._text(place.file)[place.line - 1 : place.line]
        end = place.end_col if place.end_line == place.line else None
        return lines[0][place.col : end] if lines and not place.is_whole_line else ""

    def is_whole(self, place: FileRange) -> bool:
        """Whether a range is a whole definition: the compiler's stand-in for "no better place"."""
        if place.is_whole_line or place.end_line == place.line:
            return False
        lines = self._text(place.file)[place.line - 1 : place.line]
        return bool(lines) and lines[0].lstrip().startswith(_HEADS)

    def _scan(self, place: FileRange) -> int:
        lines = self._text(place.file)
        if place.line > len(lines):
            return 0
        limit = _indent(lines[place.line - 1])
        for number in range(place.line, 0, -1):
            line = lines[number - 1]
            match = _DEF.match(line)
            if match and (len(match[1]) < limit or number == place.line):
                return number
            if line.strip() and not line.lstrip().startswith((")", "#")):
                limit = min(limit, _indent(line))
        return 0

    def _text(self, path: str) -> list[str]:
        lines = self._lines.get(path)
        if lines is None:
            stored = self._sources.get(path)
            lines = stored.text.split("\n") if stored else linecache.getlines(path)
            self._lines[path] = lines
        return lines


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
