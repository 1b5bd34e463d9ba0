"""Reads what `Node.sourceRange()` says.

PyTorch binds a node's source range as text only, in two grammars:

* scripted: `File "x.py", line N`, up to three lines of context, and the range underlined by
  `~~~ <--- HERE`; a loaded archive adds the serialized place after it (`Serialized   File …`);
* traced: the whole Python stack, `path(line): function` a line, innermost first, no columns.

Graphs repeat few distinct texts many times, so parsing is cached by text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tsviz.location import FileRange

_SCRIPTED = re.compile(
    r'^(?P<serialized>Serialized )? *File "(?P<file>[^"]*)", line (?P<line>\d+)'
    r"(?:, in (?P<function>.*))?$",
    re.MULTILINE,
)
_FRAME = re.compile(r"^(?P<file>.+)\((?P<line>\d+)\): (?P<function>.*)$")
UNDERLINE = re.compile(r"^(?P<indent> *)(?P<tildes>~+)(?: <--- HERE)?$")


@dataclass(frozen=True, slots=True)
class RangeText:
    """A parsed source range.

    Attributes:
        frames: the place in the original source, innermost first: one for a scripted node, the
            whole Python stack for a traced one, () where the text names no known place.
        serialized: the place in an archive's printed code, if there is one.
        traced: whether `frames` is a recorded Python stack.
    """

    frames: tuple[FileRange, ...] = ()
    serialized: FileRange | None = None
    traced: bool = False


def parse_range(text: str) -> RangeText:
    """Parses the text of one source range; text of another grammar gives an empty result."""
    at = 0 if text.startswith(_PRINTED) else text.find(f"\n{_PRINTED}") + 1 or len(text)
    original = _parse_original(text[:at])
    if at == len(text):
        return original
    printed = next((place for _, place in _scripted_places(text[at:])), None)
    return RangeText(original.frames, printed, original.traced)


_PRINTED = "Serialized   File "


@lru_cache(maxsize=4096)
def _parse_original(text: str) -> RangeText:
    """The part of a range that does not depend on an archive's printed code; it repeats a lot."""
    places = _scripted_places(text)
    if places:
        _, place = places[0]
        if place.file.startswith("code/__torch__"):
            return RangeText((), place)
        return RangeText((place,) if is_known_file(place.file) else ())
    frames = map(_parse_frame, text.split("\n"))
    stack = tuple([frame for frame in frames if frame is not None])
    return RangeText(stack, None, bool(stack))


@lru_cache(maxsize=16384)
def _parse_frame(line: str) -> FileRange | None:
    """One line of a recorded stack; stacks have most of their lines in common."""
    match = _FRAME.match(line)
    if match is None or not is_known_file(match["file"]):
        return None
    return FileRange(match["file"], int(match["line"]), function=match["function"])


def is_known_file(file: str) -> bool:
    """Whether a file name can be a user's file and not pattern text or a decomposition."""
    return bool(file) and file not in _FOREIGN and not file.startswith("<tsviz")


_FOREIGN = frozenset({"<string>"})


def find_heads(text: str) -> list[re.Match[str]]:
    """The lines that name a scripted place: `serialized`, `file`, `line`, `function`."""
    return list(_SCRIPTED.finditer(text))


def _scripted_places(text: str) -> list[tuple[bool, FileRange]]:
    heads = find_heads(text)
    ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
    places: list[tuple[bool, FileRange]] = []
    for head, end in zip(heads, ends, strict=True):
        line = int(head["line"])
        if line == 0:
            continue
        body = text[head.end() + 1 : end].split("\n")
        place = underlined(head["file"], line, head["function"] or "", body)
        places.append((bool(head["serialized"]), place))
    return places


def underlined(file: str, line: int, function: str, body: list[str]) -> FileRange:
    """The columns that the tildes mark; PyTorch counts them in bytes of UTF-8."""
    marks = [
        (row, match)
        for row, match in enumerate(map(UNDERLINE.match, body))
        if match is not None and row > 0
    ]
    if not marks:
        return FileRange(file, line, function=function)
    first_row, first = marks[0]
    last_row, last = marks[-1]
    col = _characters(body[first_row - 1], len(first["indent"]))
    end_col = _characters(body[last_row - 1], len(last["indent"]) + len(last["tildes"]))
    lines = last_row - first_row - (len(marks) - 1)  # rows without the marks; blanks have none
    return FileRange(file, line, col, line + lines, end_col, function)


def _characters(source: str, column: int) -> int:
    return len(source.encode("utf-8", "surrogateescape")[:column].decode("utf-8", "ignore"))


_TRACEBACK_PART = re.compile(r"^Traceback of TorchScript(?P<kind>, [a-z]+ code)? ", re.MULTILINE)


def parse_traceback(text: str) -> tuple[FileRange, ...]:
    """The frames of a TorchScript traceback, innermost first.

    A loaded archive's traceback has two parts; the one of the original code is used.
    """
    parts = list(_TRACEBACK_PART.finditer(text))
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if part["kind"] == ", serialized code":
            continue
        body = text[part.end() : following.start() if following else len(text)]
        frames = [place for _, place in _scripted_places(body)]
        return tuple(reversed([frame for frame in frames if is_known_file(frame.file)]))
    return ()


def iter_places(text: str) -> Iterator[FileRange]:
    """The original source places that an error text names, in its order."""
    for serialized, place in _scripted_places(text):
        if not serialized and is_known_file(place.file) and not place.file.startswith("code/"):
            yield place
