"""A search for inputs on which what was made of a model differs, as the explorer asks for it.

Where it can be, it is done in a fork of this process: a snapshot of the user's model, which goes on
while cells run, and cannot touch what they hold. Elsewhere it takes its turn among the cells.
"""

import math
import signal
import threading
from _thread import interrupt_main
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tsviz.errors import Diagnostic, TsvizError, UsageError
from tsviz.frontends import Program
from tsviz.protocol.comparison_tables import ComparisonPayload
from tsviz.protocol.messages import CompareRequest

if TYPE_CHECKING:
    from tsviz.comparison import Step
    from tsviz.jit.forking import Fork
    from tsviz.jit.isolate import ChildFailure

Steps = Callable[["Step"], None]
PATIENCE = 30
"""How long a search may take to show what it found after it was told to stop, in seconds."""


def domain_text(program: Program) -> str:
    """Which inputs count if nothing else is said.

    Raises:
        UsageError: as `tsviz.compare`.
    """
    from tsviz.comparison.comparing import subject_of
    from tsviz.comparison.domain import domain_of

    args, kwargs = _inputs(program)
    return str(domain_of(subject_of(_model(program), args, kwargs), None))


def why_no_fork() -> str:
    """Why a search cannot go on beside cells, or ""."""
    from tsviz.jit import forking  # and with it PyTorch

    return forking.why_no_fork()


class Searching:
    """One search, begun when this is made.

    Attributes:
        why_here: why it is not done in a fork, or "".

    Raises:
        UsageError: `TSV-V23` a limit is no number above 0, or there is nothing to search.
    """

    def __init__(self, program: Program, request: CompareRequest) -> None:
        from tsviz.jit.forking import Fork

        _check(request)
        self._program, self._request = program, request
        self.why_here = why_no_fork()
        self._fork: Fork | None = None
        if not self.why_here:
            self._fork = Fork(lambda tell: _answer(program, request, tell), PATIENCE)

    def follow(self, tell: Steps) -> ComparisonPayload:
        """Waits for what is found.

        Args:
            tell: is called with how far it is.

        Raises:
            TsvizError: as `tsviz.compare`; `TSV-V24` it crashed, `TSV-V25` it was stopped before
                there was anything to show, `TSV-V26` it did not stop, `TSV-V27` it failed.
        """
        if self._fork is None:
            with interruptible():
                answer = _answer(self._program, self._request, tell)
        else:
            answer = self._heard(self._fork, tell)
        if isinstance(answer, ComparisonPayload):
            return answer
        raise UsageError(answer if isinstance(answer, Diagnostic) else _STOPPED)

    def stop(self) -> None:
        """Has it show what it found by now; asked again, without what it still had to prove."""
        if self._fork is not None:
            self._fork.stop()
        else:
            interrupt_main()

    def end(self) -> None:
        """Ends it at once: nobody waits for it any more."""
        if self._fork is not None:
            self._fork.kill()
        else:
            interrupt_main()

    def close(self) -> None:
        """Lets go of the process, if it is still there."""
        if self._fork is not None:
            self._fork.close()

    def _heard(self, fork: "Fork", tell: Steps) -> object:
        from tsviz.comparison import Step
        from tsviz.jit.isolate import ChildFailure

        answer = None
        try:
            for message in fork.messages():
                if isinstance(message, Step):
                    tell(message)
                else:
                    answer = message
        except ChildFailure as failure:
            return _describe(failure)
        return answer


def _check(request: CompareRequest) -> None:
    if not request.variants:
        raise UsageError(Diagnostic("TSV-V23", "expected variants to compare, got none"))
    for name, number in (("tries", request.tries), ("seconds", request.seconds)):
        if not 0 < number < math.inf:
            message = f"expected {name} to be a number above 0, got {number!r}"
            raise UsageError(Diagnostic("TSV-V23", message))


def _answer(program: Program, request: CompareRequest, tell: Steps) -> object:
    """What is found, or why nothing is; `None` where it was stopped before."""
    from tsviz.comparison import compare
    from tsviz.comparison.declared import read_domain
    from tsviz.views.comparison_payloads import comparison_payload

    args, kwargs = _inputs(program)
    try:
        return comparison_payload(
            compare(
                _model(program),
                args,
                kwargs,
                variants=request.variants,
                inputs=read_domain(request.domain),
                tries=int(request.tries),
                seconds=request.seconds,
                steps=_sparingly(tell),
            )
        )
    except KeyboardInterrupt:
        return None
    except TsvizError as error:
        return error.diagnostic
    except Exception as error:  # noqa: BLE001 (the user's model runs; in a fork nobody else hears)
        return Diagnostic("TSV-V27", f"the search failed: {type(error).__name__}: {error}")


_STEPS, _STRIDE = 100, 10
"""So often a search of one variant tells how far it is, and after so many inputs at the latest."""


def _sparingly(tell: Steps) -> Steps:
    """Leaves out steps between others that find nothing new."""
    told: list[tuple[str, int, bool]] = []

    def choose(step: "Step") -> None:
        state = step.variant, step.found, step.is_proving
        if step.tried % min(_STRIDE, max(1, step.of // _STEPS)) and told[-1:] == [state]:
            return
        told[:] = [state]
        tell(step)

    return choose


def _model(program: Program) -> object:
    """What the user would compare: the model, its method, or the function.

    Raises:
        UsageError: `TSV-U01` it is not here.
    """
    from tsviz.jit import natives

    model = program.get_native() if program.model is None else program.model
    is_entry = program.method == "forward" or not natives.is_module(model)
    return model if is_entry else getattr(model, program.method)


def _inputs(program: Program) -> tuple[tuple[object, ...], dict[str, object]]:
    given = program.inputs
    return ((), {}) if given is None else (given.args, dict(given.kwargs))


@contextmanager
def interruptible() -> Generator[None]:
    """Between cells a kernel does not listen to interrupts; now it does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# ── words ───────────────────────────────────────────────────────────────────────────────────────

_STOPPED = Diagnostic(
    "TSV-V25", "the search was stopped before any input was tried", help="search again"
)


def _describe(failure: "ChildFailure") -> Diagnostic:
    if failure.reason == "time":
        message = f"the search did not stop within {PATIENCE} s, so it was ended"
        note = "what it had found went with it"
        return Diagnostic("TSV-V26", message, notes=(note,), help="search with fewer seconds")
    if failure.reason == "crash":
        message = f"the process that searched was ended by {failure.words}"
        note = "your kernel and your model are as they were"
        help = "narrow the inputs that count: PyTorch may crash on one of those that were tried"
        return Diagnostic("TSV-V24", message, notes=(note,), help=help)
    return Diagnostic("TSV-V27", f"the search failed: {failure.words}")
