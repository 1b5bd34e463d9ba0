"""When the user's model may run in a kernel: between its cells, never beside one.

A kernel takes a widget's messages on the thread of its cells: after a cell that computes, but in
the midst of one that awaits something. Where they come over a subshell they are taken on another
thread, at any time. Which of these it is depends on the front end and on the version of ipykernel.
"""

import asyncio
import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from IPython.core.getipython import get_ipython

_GRACE = 0.1
"""How long after its arrival a request begins, in seconds: what was sent behind it while the cell
ran, its cancellation perhaps, is read by then."""


class Turns:
    """Knows whether a cell runs, and does what waits for its end.

    Args:
        shell: runs the cells; one of them runs now.
        loop: the event loop of the cells' thread.
    """

    def __init__(self, shell: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._is_taken = True
        self._held: list[Callable[[], None]] = []
        shell.events.register("pre_run_cell", self._begin)
        shell.events.register("post_run_cell", self._end)

    @property
    def is_taken(self) -> bool:
        """Whether a cell runs."""
        return self._is_taken

    @property
    def is_here(self) -> bool:
        """Whether it is the turn of whoever asks: on the cells' thread, and no cell runs."""
        return not self._is_taken and threading.current_thread() is threading.main_thread()

    def take(self, action: Callable[[], None], grace: float = _GRACE) -> None:
        """Calls `action` on the cells' thread, soon, when no cell runs; from any thread.

        Args:
            grace: how long it can still be cancelled, in seconds.
        """
        later = self._loop.call_later
        self._loop.call_soon_threadsafe(later, grace, self._act_or_hold, action)

    def _act_or_hold(self, action: Callable[[], None]) -> None:
        if self._is_taken:  # by a cell that awaits something: the loop goes round beneath it
            self._held.append(action)
        else:
            action()

    def _begin(self, _: object) -> None:
        self._is_taken = True

    def _end(self, _: object) -> None:
        self._is_taken = False
        held, self._held = self._held, []
        for action in held:
            action()


def find_turns() -> Turns | None:
    """The turns of the kernel whose cell calls this, `None` outside a kernel."""
    shell = get_ipython()
    if shell is None or threading.current_thread() is not threading.main_thread():
        return None
    try:
        return _turns_of(shell, asyncio.get_running_loop())
    except RuntimeError:
        return None


_turns_of = cache(Turns)
