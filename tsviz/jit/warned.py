"""What PyTorch's tracer warns of, heard without a change to the user's warning filters."""

import sys
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from traceback import FrameSummary
from types import FrameType
from typing import Any, cast

import torch

TracerWarning: type[Warning] = cast("Any", torch.jit).TracerWarning

_LIBRARY = "torch."


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning.

    Attributes:
        text: PyTorch's words.
        stack: the Python frames that led to it, innermost first.
    """

    text: str
    stack: tuple[FrameSummary, ...]


@contextmanager
def heard_warnings() -> Generator[list[Warned]]:
    """Collects what the tracer warns of; nothing is printed, and other warnings are dropped.

    What the user's filters ignore stays ignored, and what PyTorch's own layers cause.
    """
    heard: list[Warned] = []
    filters = tuple(warnings.filters)

    def hear(
        message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object
    ) -> None:
        if not issubclass(category, TracerWarning):
            return
        frames = list(_frames(sys._getframe(1)))  # pyright: ignore[reportPrivateUsage]
        at = (frame for frame in frames if frame.f_code.co_filename == filename)
        module = next((str(frame.f_globals.get("__name__")) for frame in at), "")
        if module.startswith(_LIBRARY) and not module.startswith("torch.jit"):
            return  # as PyTorch itself has it, which checks shapes in Python all the time
        if not _is_ignored(filters, str(message), category, module, lineno):
            heard.append(Warned(str(message), tuple(map(_summary, frames))))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = hear
        yield heard


def _is_ignored(
    filters: tuple[Any, ...], text: str, category: type[Warning], module: str, line: int
) -> bool:
    """Whether the first filter that fits says so, as `warnings.warn_explicit` reads them."""
    for action, words, kind, where, number in filters:
        if (
            (words is None or words.match(text))
            and issubclass(category, kind)
            and (where is None or where.match(module))
            and number in (0, line)
        ):
            return action == "ignore"
    return False


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _summary(frame: FrameType) -> FrameSummary:
    code = frame.f_code
    line, end, col, end_col = next(
        islice(code.co_positions(), frame.f_lasti // 2, None), (None, None, None, None)
    )
    return FrameSummary(
        code.co_filename,
        line or frame.f_lineno,
        code.co_name,
        lookup_line=False,
        end_lineno=end,
        colno=col,
        end_colno=end_col,
    )


__all__ = ["TracerWarning", "Warned", "heard_warnings"]
