"""Ctrl-C while PyTorch's switches are turned: it waits until they are, then comes through.

Python raises `KeyboardInterrupt` between any two instructions, also between the setting of a switch
and the `with` block that would set it back.
"""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

_Handler = Callable[[int, FrameType | None], object]


@contextmanager
def held_interrupts() -> Generator[Callable[[], AbstractContextManager[None]]]:
    """Holds Ctrl-C back until the block has ended, except in blocks that let it through.

    Enter it first, what must be set back next, and what it gives last::

        with held_interrupts() as let_through, switched(), let_through():
            work()

    In other threads than the main one, which Python never interrupts, it does nothing.
    """
    gate = _Gate()
    previous = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(previous):
        yield gate.let_through
        return
    gate.previous = previous
    signal.signal(signal.SIGINT, gate.receive)
    try:
        yield gate.let_through
    finally:
        signal.signal(signal.SIGINT, previous)
        if gate.held is not None:
            previous(*gate.held)


class _Gate:
    """Lets one interrupt through where it may, and keeps the others for later."""

    def __init__(self) -> None:
        self.previous: _Handler = signal.default_int_handler
        self.held: tuple[int, FrameType | None] | None = None
        self._is_open = False

    def receive(self, number: int, frame: FrameType | None) -> None:
        if not self._is_open:
            self.held = number, frame
            return
        self._is_open = False  # what is set back after it is not interrupted again
        self.previous(number, frame)
        self._is_open = True  # it raised nothing

    @contextmanager
    def let_through(self) -> Generator[None]:
        if self.held is not None:
            held, self.held = self.held, None
            self.previous(*held)
        self._is_open = True
        try:
            yield
        finally:
            self._is_open = False
