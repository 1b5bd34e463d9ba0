"""The ops that taps are, and who hears them."""

from functools import cache
from itertools import count
from typing import Protocol

import torch

from tsviz.jit.internals import define_op


class Listener(Protocol):
    """What hears of a run; the forks of a program call from threads of their own."""

    def arrive(self, node: int) -> bool:
        """The run is before a node or, if negative, at the head of an iteration of that loop.

        Returns:
            Whether it is to be held there; then `hold` follows.
        """
        ...

    def hold(self) -> None:
        """Blocks for as long as the run is held."""
        ...

    def see(self, value: int, what: object) -> None:
        """A value was computed."""
        ...

    def refresh(self, value: int, what: object) -> None:
        """What a list or dict holds now."""
        ...

    def join(self, future: "torch.Future[object]") -> None:
        """A fork was started."""
        ...

    def is_new(self) -> bool:
        """Whether the run is where none was before."""
        ...

    def is_known(self) -> bool:
        """Whether what the node here gives is known from an earlier run."""
        ...

    def known(self, at: int) -> object:
        """What it gives, one output."""
        ...

    def is_edited(self, value: int) -> bool:
        """Whether another value stands for this one now."""
        ...

    def edited(self, value: int) -> object:
        """The value that stands for it."""
        ...


class Gone(RuntimeError):  # noqa: N818 (an end, not an error)
    """Nobody listens to this run any more, so it ends."""


class Channel:
    """What a listener is called in a run."""

    def __init__(self, listener: Listener) -> None:
        self.number = next(_fresh)
        _listening[self.number] = listener

    def close(self) -> None:
        """Forgets the listener; what still runs ends at its next node."""
        _listening.pop(self.number, None)


_fresh = count()
_listening: dict[int, Listener] = {}


@cache
def register_taps() -> torch.library.Library:
    """Makes the ops known to PyTorch."""
    return define_op(
        "tsviz_tap",
        {
            "stop(int channel, int node) -> ()": _stop,
            "arrive(int channel, int node) -> bool": _arrive,
            "hold(int channel) -> ()": _hold,
            "see(int channel, Any what, int value) -> ()": _see,
            "refresh(int channel, Any what, int value) -> ()": _refresh,
            "join(int channel, Any future) -> ()": _join,
            "is_new(int channel) -> bool": _is_new,
            "is_known(int channel) -> bool": _is_known,
            "known(int channel, int at) -> Any": _known,
            "is_edited(int channel, int value) -> bool": _is_edited,
            "edited(int channel, int value) -> Any": _edited,
        },
    )


def _listener(channel: int) -> Listener:
    found = _listening.get(channel)
    if found is None:
        raise Gone("this run has ended")
    return found


def _stop(channel: int, node: int) -> None:
    listener = _listener(channel)
    if listener.arrive(node):
        listener.hold()


def _arrive(channel: int, node: int) -> bool:
    return _listener(channel).arrive(node)


def _hold(channel: int) -> None:
    _listener(channel).hold()


def _see(channel: int, what: object, value: int) -> None:
    _listener(channel).see(value, what)


def _refresh(channel: int, what: object, value: int) -> None:
    _listener(channel).refresh(value, what)


def _join(channel: int, future: "torch.Future[object]") -> None:
    _listener(channel).join(future)


def _is_new(channel: int) -> bool:
    return _listener(channel).is_new()


def _is_known(channel: int) -> bool:
    return _listener(channel).is_known()


def _known(channel: int, at: int) -> object:
    return _listener(channel).known(at)


def _is_edited(channel: int, value: int) -> bool:
    return _listener(channel).is_edited(value)


def _edited(channel: int, value: int) -> object:
    return _listener(channel).edited(value)
