"""Which frame of a call stack is "the line" a user means.

The *model line* is the innermost frame outside PyTorch itself: the line of the model's code. The
*own line* is the innermost frame outside every installed package: the line the user can edit. A
line reached only through the outermost call (`model(x)`, `torch.jit.trace(…)`) is neither.
"""

import os
import re
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from tsviz.location import FileRange, Location, iter_frames

_TORCH = re.compile(r"(?:^|[/\\])(?:site|dist)-packages[/\\]torch[/\\]")
_PACKAGES = re.compile(r"(?:^|[/\\])(?:site|dist)-packages[/\\]")
_OWN_EXAMPLES = re.compile(r"[/\\]tsviz[/\\](?:examples|passes[/\\]lessons)[/\\]")
_OWN_FOLDER = str(Path(__file__).parents[1]) + os.sep
_STANDARD = re.compile(r"[/\\]lib[/\\]python3\.\d+[/\\]")
_PRINTED = "code/__torch__"
_TRACE_ENTRY = re.compile(r"[/\\]torch[/\\]jit[/\\]_trace\.py$")


@cache
def _torch_folder() -> str:
    spec = find_spec("torch")
    return str(Path(spec.origin).parent) if spec is not None and spec.origin else ""


@lru_cache(maxsize=4096)
def is_torch(file: str) -> bool:
    """Whether a file belongs to PyTorch, on this machine or on the one that wrote an archive."""
    folder = _torch_folder()
    return bool(_TORCH.search(file)) or bool(folder and file.startswith(folder))


@lru_cache(maxsize=4096)
def is_tsviz(file: str) -> bool:
    """Whether a file belongs to tsviz itself, and not to its examples or lessons."""
    return file.startswith(_OWN_FOLDER) and not _OWN_EXAMPLES.search(file)


@lru_cache(maxsize=4096)
def is_library(file: str) -> bool:
    """Whether a file belongs to an installed package or the standard library.

    The examples and lessons of tsviz itself stand for a user's code and do not count as a library.
    """
    if _OWN_EXAMPLES.search(file):
        return False
    return is_torch(file) or bool(_PACKAGES.search(file)) or is_standard(file)


@lru_cache(maxsize=4096)
def is_standard(file: str) -> bool:
    """Whether a file belongs to Python's standard library."""
    if _PACKAGES.search(file):
        return False
    return bool(_STANDARD.search(file)) or file.startswith(sysconfig.get_path("stdlib"))


def inside_trace(frames: tuple[FileRange, ...]) -> tuple[FileRange, ...]:
    """A recorded Python stack as far as the traced call.

    It goes on outwards through `torch.jit.trace` to whoever called that; those frames are the same
    for every node and say nothing about it.
    """
    ends = (at for at, frame in enumerate(frames) if _enters_trace(frame.file))
    return frames[: next(ends, len(frames))]


@lru_cache(maxsize=4096)
def _enters_trace(file: str) -> bool:
    return bool(_TRACE_ENTRY.search(file))


def at_module_depth(frames: tuple[FileRange, ...], depth: int) -> tuple[FileRange, ...]:
    """The part of a recorded stack that lies in the module called at `depth` (0: the root)."""
    calls = [at for at, frame in enumerate(frames) if _is_module_call(frame)]
    inner = len(calls) - depth - 1
    return frames[calls[inner - 1] + 1 :] if inner > 0 else frames


def _is_module_call(frame: FileRange) -> bool:
    return frame.function == "_slow_forward" and is_torch(frame.file)


def iter_model_frames(location: Location) -> Iterator[FileRange]:
    """The frames inside the captured call, innermost first.

    A recorded Python stack goes on outwards through `torch.jit.trace` to whoever called it; those
    frames are the same for every node and say nothing about it.
    """
    for frame in iter_frames(location):
        if _enters_trace(frame.file):
            return
        yield frame


def is_printed(file: str) -> bool:
    """Whether this is code that TorchScript printed into an archive: not what anyone wrote."""
    return file.startswith(_PRINTED)


def find_model_frame(location: Location) -> FileRange | None:
    """The innermost frame outside PyTorch, or `None`."""
    return first_model_frame(iter_frames(location))


def first_model_frame(frames: Iterable[FileRange]) -> FileRange | None:
    """The same among frames, innermost first."""
    for frame in frames:
        if _enters_trace(frame.file):
            return None
        if not is_torch(frame.file) and not is_printed(frame.file):
            return frame
    return None


def find_own_frame(location: Location) -> FileRange | None:
    """The innermost frame outside every installed package, or `None`."""
    frames = iter_model_frames(location)
    return next((f for f in frames if not is_library(f.file) and not is_printed(f.file)), None)
