"""A profile as the explorer asks for it.

It is measured here, in its turn among the cells, and not in a fork as a search is: a fork has none
of PyTorch's threads, so an op would take another time than it does for the user. Cells wait for it.
"""

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.protocol.messages import ProfileRequest
from tsviz.searching import interruptible

if TYPE_CHECKING:
    from tsviz.profiler import Profile

Tell = Callable[[int, int, str], None]


class Profiling:
    """One profile in the making, which can be stopped between two of its runs.

    Args:
        program: what is measured, on copies.
        request: how.
    """

    def __init__(self, program: Program, request: ProfileRequest) -> None:
        self._program, self._request = program, request
        self._is_stopped = Event()

    def follow(self, tell: Tell) -> "Profile":
        """Measures.

        Args:
            tell: is called with how many runs were made, of how many, and what comes next.

        Raises:
            TsvizError: as `tsviz.profile`; `TSV-T30` it was stopped before a run was measured.
        """
        from tsviz.profiler import profile  # and with it PyTorch

        def go_on(done: int, total: int, words: str) -> None:
            if self._is_stopped.is_set():
                self._is_stopped.clear()  # what was measured is still put together
                raise KeyboardInterrupt
            tell(done, total, words)

        runs, nodes = self._request.runs, self._request.nodes
        try:
            with interruptible():
                return profile(self._program, runs=runs, nodes=nodes, progress=go_on)
        except KeyboardInterrupt:
            message = "the profile was stopped before any run was measured"
            raise UsageError(Diagnostic("TSV-T30", message, help="measure again")) from None

    def stop(self) -> None:
        """Has it show what was measured by now; from any thread."""
        self._is_stopped.set()

    end = stop
