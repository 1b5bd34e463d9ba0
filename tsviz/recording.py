"""A record of a stepped program as the explorer asks for it, of it or of another variant.

It is made in its turn among the cells, as it draws random numbers; cells wait for it. Who looks on
can end it.
"""

import time
from collections.abc import Callable
from contextlib import closing
from threading import Event, Thread
from typing import TYPE_CHECKING

from tsviz.errors import DebugError, Diagnostic, TsvizError
from tsviz.frontends import Program
from tsviz.searching import interruptible

if TYPE_CHECKING:
    from tsviz.debugger import Debugger, Record

Tell = Callable[[int, int, str], None]
_ASK_EVERY = 0.2
"""So many seconds lie between two messages that tell how far it is."""


class Recording:
    """One record in the making.

    Args:
        debugger: what is stepped; it stays where it is held.
        program: what was captured.
        variant: of which variant of the program, "" for the program itself with its edits.
    """

    def __init__(self, debugger: "Debugger", program: Program, variant: str) -> None:
        self._debugger, self._program, self._variant = debugger, program, variant
        self._stopped = Event()
        self._position = 0

    def follow(self, tell: Tell) -> "Record":
        """Makes it.

        Args:
            tell: is called with the positions passed, of how many at the least, and words.

        Raises:
            TsvizError: as `tsviz.Debugger.record` and `tsviz.capture`; `TSV-D63` it was stopped.
        """
        done = Event()
        watching = Thread(target=self._watch, args=(tell, done), name="tsviz watching", daemon=True)
        watching.start()
        try:
            with interruptible():
                made = self._make()
        except KeyboardInterrupt:
            self._stopped.set()
            raise _stopped() from None
        finally:
            done.set()
            watching.join()
        if self._stopped.is_set():
            raise _stopped()
        return made

    def _make(self) -> "Record":
        if not self._variant:
            return self._debugger.record(is_wanted=self._is_wanted)
        from tsviz.comparison import make_beside
        from tsviz.debugger import debug
        from tsviz.jit.randomness import drawing_from

        start = self._debugger.start
        made = make_beside(self._program, self._variant)
        with drawing_from(start.random), closing(debug(made, start.args, start.kwargs)) as other:
            return other.record(is_wanted=self._is_wanted)

    def _is_wanted(self, position: int) -> bool:
        self._position = position
        return not self._stopped.is_set()

    def _watch(self, tell: Tell, done: Event) -> None:
        begun = time.monotonic()
        while not done.wait(_ASK_EVERY):
            seconds = int(time.monotonic() - begun)
            tell(self._position, 0, f"{seconds} s")

    def stop(self) -> None:
        """Ends it soon; from any thread."""
        self._stopped.set()

    end = stop


def _stopped() -> TsvizError:
    message = "the recording was stopped before the program was done"
    return DebugError(Diagnostic("TSV-D63", message, help="record again"))
