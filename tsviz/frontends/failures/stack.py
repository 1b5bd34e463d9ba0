"""The call stack of a failure: TorchScript's frames inside, Python's around them."""

import linecache
import traceback
from collections.abc import Iterable, Iterator
from itertools import dropwhile
from pathlib import Path

from tsviz.cells import find_cell
from tsviz.frontends.lines import is_library, is_printed, is_standard, is_torch, is_tsviz
from tsviz.location import FileRange, Location, Unknown, called_from, short_path

_MOST = 12
STACK = "call stack, innermost first:"
MACHINERY = frozenset({"_slow_forward", "_call_impl", "_wrapped_call_impl", "__getattr__"})


def python_frames(error: BaseException) -> tuple[FileRange, ...]:
    """The frames of an exception's traceback, innermost first; from the user's outermost on.

    Where no frame is the user's, as in a model of an installed package: from that package's.
    """
    every = [frame_of(summary) for summary in traceback.extract_tb(error.__traceback__)]
    frames = [frame for frame in every if not is_tsviz(frame.file)]
    for is_start in (is_own, _is_model):
        kept = list(dropwhile(lambda frame, is_start=is_start: not is_start(frame), frames))
        if kept:
            return tuple(reversed(kept))
    return ()


def frame_of(summary: traceback.FrameSummary) -> FileRange:
    """Where a frame of Python stands, with its columns where they are known."""
    line = summary.lineno or 1
    text = linecache.getline(summary.filename, line)
    start, end = summary.colno, summary.end_colno
    if start is None or end is None or summary.end_lineno != line:
        return FileRange(summary.filename, line, function=summary.name)
    return FileRange(
        summary.filename, line, _characters(text, start), line, _characters(text, end), summary.name
    )


def _characters(text: str, count: int) -> int:
    """Python counts the columns of an instruction in bytes of UTF-8."""
    return len(text.encode()[:count].decode(errors="ignore"))


def is_own(frame: FileRange) -> bool:
    """Whether a frame is in the user's own code."""
    file = frame.file
    return not (
        is_library(file) or is_tsviz(file) or is_printed(file) or file.startswith("<frozen")
    )


def _is_model(frame: FileRange) -> bool:
    """Whether a frame is in code that somebody built on PyTorch."""
    file = frame.file
    return not (is_torch(file) or is_standard(file) or is_tsviz(file) or file.startswith("<frozen"))


def place_of(frames: Iterable[FileRange]) -> Location:
    """The user's innermost line and who called it; else the innermost line outside PyTorch."""
    kept = list(frames)
    own = [frame for frame in kept if is_own(frame)]
    others = [frame for frame in kept if _is_model(frame) and not is_printed(frame.file)]
    found = own or others or kept
    return called_from(tuple(_distinct(found))) if found else Unknown("PyTorch names no line")


def _distinct(frames: Iterable[FileRange]) -> Iterator[FileRange]:
    last: tuple[str, int] | None = None
    for frame in frames:
        if (frame.file, frame.line) != last:
            yield frame
        last = frame.file, frame.line


def stack_note(frames: Iterable[FileRange]) -> str:
    """The frames for people, or "" where there is only one."""
    shown = [frame for frame in _distinct(frames) if not _is_machinery(frame)]
    if len(shown) < 2 or (len(shown) == 2 and all(map(is_own, shown))):
        return ""  # the diagnostic's place says it all
    lines = [line_of(frame) for frame in shown]
    if len(lines) > _MOST:
        half = _MOST // 2
        lines[half:-half] = [f"… {len(lines) - _MOST} more"]
    return "\n".join((STACK, *lines))


def _is_machinery(frame: FileRange) -> bool:
    """Whether a frame only hands on; Dynamo wraps `torch.jit.trace` once it was imported."""
    return frame.function in MACHINERY or (is_torch(frame.file) and "/_dynamo/" in frame.file)


def line_of(frame: FileRange) -> str:
    """A frame for people."""
    function = f" in {frame.function}" if frame.function and frame.function != "<module>" else ""
    return f"{name_of(frame.file)}:{frame.line}{function}"


def name_of(file: str) -> str:
    """A file for people: a cell by its title, PyTorch's own from its package on."""
    cell = find_cell(file)
    if cell is not None:
        return cell.title
    if is_torch(file):
        parts = Path(file).parts
        return "/".join(parts[len(parts) - 1 - parts[::-1].index("torch") :])
    return short_path(file)
