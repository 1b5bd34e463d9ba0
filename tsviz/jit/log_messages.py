"""The lines that the C++ side prints when logging is on, as messages.

Every line bears the file and line of the C++ source that printed it. A message is words, a graph or
a part of one, or both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

_LINE = re.compile(r"^\[(?:DEBUG|DUMP|UPDATE) ([\w./]+):(\d+)\] ?(.*)$")
_INSIDE = re.compile(r"^(?: |graph\(|with |$)")  # how lines of a graph begin


@dataclass(slots=True)
class Message:
    """One message.

    Attributes:
        file: the C++ file, without its suffix.
        title: its words.
        rows: the lines of its graph.
    """

    file: str
    title: str
    rows: list[str] = field(default_factory=list[str])

    @property
    def text(self) -> str:
        """Its graph."""
        return "\n".join(self.rows)


def split_log(text: str) -> tuple[str, str]:
    """The compiler's lines, and all others."""
    if not text:
        return "", ""
    ours, others = list[str](), list[str]()
    for line in text.splitlines(keepends=True):
        (ours if line[0] == "[" and _LINE.match(line.rstrip("\n")) else others).append(line)
    return "".join(ours), "".join(others)


def iter_messages(text: str) -> Iterator[Message]:
    """The messages: every line of one bears the same mark, and a graph begins on a line of its own.

    Where the compiler forgot to end the title's line, it is ended here.
    """
    lines = (match for line in text.split("\n") if (match := _LINE.match(line)))
    for mark, group in groupby(lines, key=lambda match: match.group(1, 2)):
        message: Message | None = None
        for match in group:
            row = match[3]
            if message is not None and _INSIDE.match(row):
                message.rows.append(row)
                continue
            if message is not None:
                yield message
            title, found, rest = row.partition("graph(")
            rows = [found + rest] if found else []
            message = Message(mark[0].rpartition("/")[2].partition(".")[0], title.strip(), rows)
        if message is not None:
            yield message
