"""A profile or a sweep as the explorer asks for it.

It is measured here, in its turn among the cells, and not in a fork as a search is: a fork has none
of PyTorch's threads, so an op would take another time than it does for the user. Cells wait for it.
"""

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from tsviz.capabilities import check_variant
from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.protocol.messages import ProfileRequest, SweepRequest
from tsviz.searching import interruptible

if TYPE_CHECKING:
    from tsviz.profiler import Profile, Sweep

Tell = Callable[[int, int, str], None]
Made = TypeVar("Made")


class _Measuring:
    """Runs in the making, which can be stopped between two of them."""

    def __init__(self) -> None:
        self._is_stopped = Event()
        self._came_to = ""

    def stop(self) -> None:
        """Has it show what was measured by now; from any thread."""
        self._is_stopped.set()

    end = stop

    def _go_on(self, tell: Tell) -> Tell:
        """Tells of a run that comes next, unless it was stopped."""

        def go_on(done: int, total: int, words: str) -> None:
            if self._is_stopped.is_set():
                self._is_stopped.clear()  # what was measured is still put together
                raise KeyboardInterrupt
            self._came_to = words
            tell(done, total, words)

        return go_on

    def _make(self, what: str, measure: Callable[[], Made]) -> Made:
        try:
            with interruptible():
                return measure()
        except KeyboardInterrupt:
            message = f"the {what} was stopped before any run was measured"
            notes = (f"it had come to: {self._came_to}",) if self._came_to else ()
            raise UsageError(
                Diagnostic("TSV-T30", message, notes=notes, help="measure again")
            ) from None


class Profiling(_Measuring):
    """One profile in the making, and that of another variant to hold it against.

    Args:
        program: what is measured, on copies.
        request: how.
    """

    def __init__(self, program: Program, request: ProfileRequest) -> None:
        super().__init__()
        self._program, self._request = program, request

    def follow(self, tell: Tell) -> "tuple[Profile, Profile | None]":
        """Measures the program, then the variant if one was asked for.

        Args:
            tell: is called with how many runs were made, of how many, and what comes next.

        Raises:
            TsvizError: as `tsviz.profile`; `TSV-T30` it was stopped before a run was measured;
                what kept the variant from being made.
        """
        from tsviz.profiler import INTERRUPTED

        name = self._request.against
        other = self._variant(name) if name else None
        found = self._make("profile", lambda: self._profile(self._program, tell, ""))
        is_stopped = any(one.code == INTERRUPTED for one in found.diagnostics)
        if other is None or is_stopped:
            return found, None
        return found, self._make("profile", lambda: self._profile(other, tell, f"{name}: "))

    def _profile(self, program: Program, tell: Tell, prefix: str) -> "Profile":
        from tsviz.profiler import profile  # and with it PyTorch

        def said(done: int, total: int, words: str) -> None:
            tell(done, total, prefix + words)

        runs, nodes = self._request.runs, self._request.nodes
        return profile(program, runs=runs, nodes=nodes, progress=self._go_on(said))

    def _variant(self, name: str) -> Program:
        from tsviz.comparison import lay_beside

        check_variant(self._program, name)
        laid = lay_beside(self._program, name)
        if laid.alignment is None:
            assert laid.failure is not None
            raise CaptureError(laid.failure, tuple(laid.sources.values()))
        return laid.alignment.second


class Sweeping(_Measuring):
    """One sweep in the making.

    Args:
        program: what is measured, on copies.
        request: at which batch sizes, with how many threads.
    """

    def __init__(self, program: Program, request: SweepRequest) -> None:
        super().__init__()
        self._program, self._request = program, request

    def follow(self, tell: Tell) -> "Sweep":
        """Measures.

        Args:
            tell: as of `Profiling.follow`.

        Raises:
            TsvizError: as `tsviz.profiler.sweep`; `TSV-T30` as above.
        """
        from tsviz.profiler import sweep  # and with it PyTorch

        asked, go_on = self._request, self._go_on(tell)
        sizes, threads = asked.batch_sizes, asked.threads or None

        return self._make(
            "sweep",
            lambda: sweep(
                self._program, batch_sizes=sizes, threads=threads, runs=asked.runs, progress=go_on
            ),
        )
