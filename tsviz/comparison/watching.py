"""One run of Python code, watched: which ways it took, and what left its tensors for Python.

Two listeners, and nothing of the user's is changed. Python's own trace function, asked for every
instruction of the functions that are not PyTorch's, tells which ranges of the source ran, and so
how each `if`, loop or `assert` went. PyTorch's own override mode sees every call that is made on
tensors: one that returns something other than tensors (a number, a size, a truth) is a *leak*.
While a model is traced, a leak is the one way in which what is computed from the inputs can get
past the trace, into a branch or a constant.

A watched run is slow, and gives the same results.
"""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from tsviz.comparison.changes import Spot
from tsviz.comparison.events import Events
from tsviz.comparison.leaks import Leaks
from tsviz.comparison.margins import Margins
from tsviz.comparison.ways import Frames


@contextmanager
def watched(
    packages: frozenset[str], pins: Mapping[object, list[object]] | None = None
) -> Generator[Events]:
    """Watches what this thread runs; an earlier trace function comes back.

    Args:
        packages: folders of the installed packages that the model's classes are from; code of
            others is not watched.
        pins: by a leak's key, what it gives instead, each time; the last one from then on.
    """
    events = Events()
    frames = Frames(events, packages)
    with Leaks(events, frames, pins or {}), _followed(frames):
        yield events


@contextmanager
def margins_at(spot: Spot, packages: frozenset[str]) -> Generator[Margins]:
    """Measures how far what is decided at one spot is from turning over."""
    frames = Frames(Events(), packages)
    with Margins(frames, spot) as margins, _followed(frames):
        yield margins


@contextmanager
def _followed(frames: Frames) -> Generator[None]:
    previous = sys.gettrace()
    sys.settrace(frames.called)
    try:
        yield
    finally:
        sys.settrace(previous)
