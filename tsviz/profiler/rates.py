"""`tsviz.profiler.throughput`: calls from several threads, of Python code and of TorchScript.

Python code needs Python's lock (the GIL) between its ops, a compiled program only at the beginning
and the end of a call. What that is worth is measured twice: in calls from several threads at once,
and in calls beside a thread that computes in Python all the time.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, cast

import torch

from tsviz.collector import collector_held
from tsviz.display import renderer
from tsviz.errors import PassError
from tsviz.frontends import Inputs, Program
from tsviz.frontends.failures import describe_failure
from tsviz.jit import natives
from tsviz.jit.profiling import has_cuda
from tsviz.jit.running import outcome_of
from tsviz.passes.inputs import find_inputs
from tsviz.profiler.measure import Progress, captured
from tsviz.profiler.samples import Spread
from tsviz.profiler.settings import check_counts, count_cores, threads_kept

if TYPE_CHECKING:
    import pandas

EAGER = "eager"
THREADS = (1, 2, 4)
_WARM_UPS = 4
_WINDOW = 50_000_000
"""Nanoseconds that the calls of one thread take together, at least: far above a clock's step."""

_Call = Callable[[], object]
_Callee = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Rate:
    """Calls of one variant from some threads at once.

    Attributes:
        variant: `eager`, or how the program was made.
        threads: of Python, that call it.
        is_beside_python: whether one more thread computed in Python meanwhile.
        calls: of each thread, in each repetition.
        times: from the first call to the end of the last, of each repetition.
    """

    variant: str
    threads: int
    is_beside_python: bool
    calls: int
    times: Spread

    @property
    def per_second(self) -> Spread:
        """Calls in a second, of each repetition; the quartiles are those of the rates."""
        whole = self.threads * self.calls * 1e9
        return Spread(tuple(round(whole / taken) for taken in self.times.values))


@dataclass(frozen=True)
class Throughput:
    """What several threads get done.

    Attributes:
        program: what was compiled.
        rates: by variant and number of threads.
        op_threads: how many one op could use.
        cores: of this process.
        repetitions: how many are complete.
        is_interrupted: whether someone stopped it.
    """

    program: Program
    rates: tuple[Rate, ...]
    op_threads: int
    cores: int
    repetitions: int
    is_interrupted: bool = False

    def find(self, variant: str, threads: int, *, beside_python: bool = False) -> Rate | None:
        """The rate of a variant from so many threads."""
        key = variant, threads, beside_python
        found = (r for r in self.rates if (r.variant, r.threads, r.is_beside_python) == key)
        return next(found, None)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a variant and number of threads."""
        return renderer("throughput_dataframe")(self)

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("throughput_mimebundle")(self)

    def __str__(self) -> str:
        return renderer("throughput_text")(self)

    def __repr__(self) -> str:
        return f"<Throughput of {self.program.title}: {len(self.rates)} rates>"


def throughput(
    target: object,
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
    *,
    threads: Sequence[int] = THREADS,
    op_threads: int = 1,
    via: str = "auto",
    repetitions: int = 9,
    progress: Progress | None = None,
) -> Throughput:
    """Measures how many calls several Python threads get done, of Python code and compiled.

    All threads of a variant call one copy of the model, each with inputs of its own, which are not
    copied anew for each call; everything takes its turn once in each repetition. Gradients are
    recorded or not as the caller has it.

    Args:
        target: a model; of what came compiled, Python code is not measured.
        args, kwargs: example inputs.
        threads: how many Python threads call at once.
        op_threads: how many threads one op may use; more than one compete with the Python threads
            for the same cores. It is set back at the end.
        via: how a model is captured, as in `tsviz.capture`.
        repetitions: how often everything is measured.
        progress: told of every measurement.

    Raises:
        UsageError: `TSV-T20` wrong numbers; as `tsviz.capture`.
        PassError: `TSV-T23` the model failed.
    """
    counts = check_counts("threads", threads)
    check_counts("op_threads", (op_threads,))
    check_counts("repetitions", (repetitions,))
    program = captured(target, args, kwargs, via)
    inputs = find_inputs(program, args, kwargs)
    with threads_kept(), natives.preserved_random_state(program.native), collector_held():
        torch.set_num_threads(op_threads)
        lanes = [
            lane
            for variant, native in _variants(program)
            for lane in _lanes(variant, native, program.method, inputs, counts)
        ]
        done, is_interrupted = _repeat(lanes, repetitions, progress)
    rates = tuple(lane.rate for lane in lanes)
    return Throughput(program, rates, op_threads, count_cores(), done, is_interrupted)


def _variants(program: Program) -> list[tuple[str, object]]:
    """Python code, if there is any, and what was compiled."""
    found: list[tuple[str, object]] = []
    if program.model is not None:
        found.append((EAGER, program.model))
    return [*found, (str(program.variant), program.native)]


@dataclass
class _Lane:
    """One variant and number of threads, with what was measured so far."""

    variant: str
    calls: Sequence[_Call]
    number: int
    beside_python: bool
    times: list[int] = field(default_factory=list[int])

    @property
    def rate(self) -> Rate:
        """What was measured."""
        times = Spread(tuple(self.times))
        return Rate(self.variant, len(self.calls), self.beside_python, self.number, times)

    @property
    def words(self) -> str:
        """What runs."""
        many = f"{len(self.calls)} thread{'s' * (len(self.calls) > 1)}"
        return f"{self.variant}, {many}{', beside Python' * self.beside_python}"

    def run(self) -> None:
        """Measures it once more."""
        self.times.append(_Crew(self).time())


def _lanes(
    variant: str, native: object, method: str, inputs: Inputs, counts: Sequence[int]
) -> list[_Lane]:
    """Those of one variant, which share a copy that is warm."""
    copied, _, _ = natives.copy_for_run(native, (), {})
    is_method = natives.is_module(copied) and method != "forward"
    callee = cast("_Callee", getattr(copied, method) if is_method else copied)
    wait = torch.cuda.synchronize if has_cuda(native, (inputs.args, dict(inputs.kwargs))) else None

    def calling() -> _Call:
        _, args, kwargs = natives.copy_for_run(None, inputs.args, inputs.kwargs)
        return lambda: (callee(*args, **kwargs), wait and wait())

    taken = min(_warm_up(calling(), variant) for _ in range(_WARM_UPS))
    number = max(_WINDOW // taken, 1)
    alone = [_Lane(variant, [calling()], number, beside_python=beside) for beside in (False, True)]
    more = [
        _Lane(variant, [calling() for _ in range(count)], number, beside_python=False)
        for count in counts
        if count > 1
    ]
    return [*(alone[:1] if 1 in counts else ()), *more, alone[1]]


def _warm_up(call: _Call, variant: str) -> int:
    start = time.perf_counter_ns()
    _, error = outcome_of(call)
    if error is not None:
        _fail(error, variant)
    return max(time.perf_counter_ns() - start, 1)


def _fail(error: Exception, variant: str) -> NoReturn:
    found, sources = describe_failure(error, "TSV-T23", f"a call of the variant `{variant}` failed")
    raise PassError(found, sources) from error


def _repeat(
    lanes: Sequence[_Lane], repetitions: int, progress: Progress | None
) -> tuple[int, bool]:
    """Measures all in turns; how many rounds are complete, and whether someone stopped it."""
    rounds = 0
    try:
        for rounds in range(repetitions):
            for at, lane in enumerate(lanes if rounds % 2 else reversed(lanes)):
                if progress is not None:
                    progress(rounds * len(lanes) + at, repetitions * len(lanes), lane.words)
                lane.run()
    except KeyboardInterrupt:
        if rounds == 0:
            raise
        for lane in lanes:
            del lane.times[rounds:]
        return rounds, True
    return repetitions, False


# ── threads ─────────────────────────────────────────────────────────────────────────────────────


class _Crew:
    """Threads that begin together."""

    def __init__(self, lane: _Lane) -> None:
        self._lane = lane
        self._grad = torch.is_grad_enabled()
        self._begin = 0
        self._gate = threading.Barrier(len(lane.calls), action=self._note_begin)
        self._ends: list[int] = []
        self._errors: list[Exception] = []
        self._stop = threading.Event()

    def _note_begin(self) -> None:
        self._begin = time.perf_counter_ns()

    def time(self) -> int:
        """Nanoseconds from their first call to the end of the last."""
        workers = [threading.Thread(target=self._work, args=(call,)) for call in self._lane.calls]
        beside = [threading.Thread(target=self._compute)] * self._lane.beside_python
        try:
            for thread in (*beside, *workers):
                thread.start()
            for thread in workers:
                thread.join()
        finally:
            self._stop.set()
            self._gate.abort()
            for thread in (*beside, *workers):
                if thread.ident is not None:
                    thread.join()
        for error in self._errors:
            _fail(error, self._lane.variant)
        return max(self._ends) - self._begin

    def _work(self, call: _Call) -> None:
        with torch.set_grad_enabled(self._grad):
            try:
                self._gate.wait()
            except threading.BrokenBarrierError:
                return
            for _ in range(self._lane.number):
                if self._stop.is_set():
                    return
                _, error = outcome_of(call)
                if error is not None:
                    self._errors.append(error)
                    self._stop.set()
        self._ends.append(time.perf_counter_ns())

    def _compute(self) -> None:
        number = 0
        while not self._stop.is_set():
            number += 1
