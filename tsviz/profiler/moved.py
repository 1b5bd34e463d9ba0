"""Where the lines of one program's files stand in the files of another, which may be edited."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import cache

from tsviz.frontends import Program, read_source

_ALIKE = 0.5
"""From this share of equal lines on, a file is taken for another version of the one."""


class Moved:
    """Matches lines as `diff` does, from the texts that were there when each was captured."""

    def __init__(self, before: Program, after: Program) -> None:
        self._before, self._after = before, after
        self._files = cache(self._find_file)
        self._lines = cache(self._match_lines)

    def find(self, file: str, line: int) -> tuple[str, int]:
        """The file and line in the later program; the number is negative if it is not there."""
        there = self._files(file)
        if there is None:
            return file, line
        now = self._lines(file, there).get(line)
        return (file, -line) if now is None else (there, now)

    def _find_file(self, file: str) -> str | None:
        """The file of that path; else the most alike of those that only the later program has."""
        if file in self._after.sources:
            return file
        text = _lines(self._before, file)
        rated = [
            (SequenceMatcher(None, text, _lines(self._after, other), autojunk=False).ratio(), other)
            for other in self._after.sources
            if other not in self._before.sources
        ]
        rate, best = max(rated, default=(0.0, ""))
        return best if rate >= _ALIKE else None

    def _match_lines(self, file: str, there: str) -> Mapping[int, int]:
        old, new = _lines(self._before, file), _lines(self._after, there)
        if old == new:
            return {line: line for line in range(1, len(old) + 1)}
        blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        return {a + at + 1: b + at + 1 for a, b, size in blocks for at in range(size)}


def line_text(program: Program, file: str, line: int) -> str:
    """One line of a program's file, as it was at capture; "" where there is none."""
    lines = _lines(program, file) if file else []
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _lines(program: Program, file: str) -> list[str]:
    return (program.sources.get(file) or read_source(file)).text.split("\n")
