"""Where a failed compilation or trace happened, from what PyTorch raised."""

import re
import traceback

from tsviz.jit.ranges import iter_places
from tsviz.location import FileRange, Location, called_from

_PLACE = re.compile(r'^ *File "', re.MULTILINE)
_CALLED = re.compile(r"'[^']+' is being compiled since it was called from '[^']+'")


def first_words(text: str) -> str:
    """The first sentence of an error, without its place and source excerpt."""
    head = _PLACE.split(text, maxsplit=1)[0]
    lines = [line.strip() for line in head.strip().splitlines() if line.strip()]
    if not lines:
        return "no reason given"
    if len(lines) > 1 and lines[0].endswith(":"):
        lines = [" ".join(lines[:2])]
    return lines[0].rstrip(".:")


def find_place(error: BaseException) -> Location | None:
    """The user's line: from the text of a compiler error, else from the Python traceback."""
    frames = tuple(iter_places(str(error)))
    if frames:
        return called_from(frames)
    return _python_place(error)


def _python_place(error: BaseException) -> Location | None:
    """The innermost frame of the traceback that is neither PyTorch's nor ours."""
    skipped = re.compile(r"[/\\](?:torch|tsviz)[/\\](?!examples)")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not skipped.search(frame.filename) and frame.lineno:
            return FileRange(frame.filename, frame.lineno, function=frame.name)
    return None
