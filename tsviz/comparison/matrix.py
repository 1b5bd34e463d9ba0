"""The variant matrix: one model, a row for each way to make it, what each costs and loses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tsviz.comparison.comparing import check_example, subject_of
from tsviz.comparison.control_flow import ControlFlow, find_control_flow
from tsviz.comparison.domain import Domain, domain_of
from tsviz.comparison.events import Decision
from tsviz.comparison.latency import Clock, Conditions, Latency, read_conditions
from tsviz.comparison.saved import Saved, save_and_load
from tsviz.comparison.search import Limits, Progress
from tsviz.comparison.sites import Site
from tsviz.comparison.subject import Outcome, Subject
from tsviz.comparison.trials import Errors, Trials
from tsviz.comparison.variants import WAYS
from tsviz.display import renderer
from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends.failures import describe_failure
from tsviz.frontends.program import Program
from tsviz.jit.running import outcome_of
from tsviz.location import SourceFile

if TYPE_CHECKING:
    import pandas

LEAST_REPETITIONS = 9
_SHORT = 0.05
"""Of calls that take so many seconds or more, caches that are cold for a moment are no matter."""


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One variant. What was not measured is `None`.

    Attributes:
        variant: its name.
        program: its graph; `None` of Python code, and where it could not be made.
        failure: why it could not be made or fails on the example, or `None`.
        sources: the files that the failure points at.
        control_flow: which decisions of the Python that ran it keeps.
        errors: how far it is from Python.
        saved: what became of it in a file; `None` also where there is nothing to save.
        latency: how long a call takes.
        untimed: why that is not known though the variant works, or "".
    """

    variant: str
    program: Program | None = None
    failure: Diagnostic | None = None
    sources: tuple[SourceFile, ...] = ()
    control_flow: ControlFlow | None = None
    errors: Errors | None = None
    saved: Saved | None = None
    latency: Latency | None = None
    untimed: str = ""

    @property
    def works(self) -> bool:
        """Whether it can be made, and runs on the example."""
        return self.failure is None


@dataclass(frozen=True)
class VariantMatrix:
    """One model, a row a variant.

    Attributes:
        title: of the model.
        rows: the variants in the order asked for; those that an interrupt left out are missing.
        domain: the inputs that count.
        conditions: under which latencies were measured.
        runs: how often the Python code was run, on copies.
        is_interrupted: whether someone stopped it.
    """

    title: str
    rows: tuple[VariantRow, ...]
    domain: Domain
    conditions: Conditions
    runs: int
    is_interrupted: bool = False

    def __getitem__(self, variant: str) -> VariantRow:
        """The row of this name."""
        return next(row for row in self.rows if row.variant == variant)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a variant, the units in the names of the columns."""
        return renderer("matrix_dataframe")(self)

    def figure(self) -> Any:
        """Latencies, errors and file sizes as a plotly figure.

        Raises:
            UsageError: `TSV-U11` plotly is not installed.
        """
        return renderer("matrix_figure")(self)

    def _repr_mimebundle_(self, **_: object) -> object:
        return renderer("matrix_mimebundle")(self)

    def __str__(self) -> str:
        return renderer("matrix_text")(self)

    def __repr__(self) -> str:
        working = sum(row.works for row in self.rows)
        return f"<VariantMatrix of {self.title}: {working} of {len(self.rows)} variants work>"


def measure_variants(
    model: object,
    args: Sequence[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    variants: Sequence[str] = tuple(WAYS),
    inputs: Mapping[str, Mapping[str, Any]] | None = None,
    tries: int = 20,
    seconds: float = 10.0,
    repetitions: int = LEAST_REPETITIONS,
    progress: Progress | None = None,
) -> VariantMatrix:
    """Makes variants of a model and measures each.

    Everything runs on copies; the model, random numbers, switches and the grad mode stay as they
    are. Ctrl-C keeps the rows that are done.

    Args:
        model: an `nn.Module`, a function or a bound method of a module: Python code.
        args, kwargs: example inputs; a single tensor stands for itself.
        variants: some of `eager`, `trace`, `script`, `freeze`, `optimize`.
        inputs: the domain, as that of `compare`.
        tries: inputs on which each variant is held against Python, at most.
        seconds: time for that, each variant, about.
        repetitions: timed calls of each variant, by turns, at least 9.
        progress: is called with how many steps are done, of how many; what it raises stops.

    Raises:
        UsageError: `TSV-V31` an unknown variant, `TSV-V32` too few repetitions, and as `compare`.
        CaptureError: the Python code itself fails on the example, as `compare`.
    """
    for name in variants:
        if name not in WAYS:
            message = f"expected variants among {', '.join(WAYS)}, got {name!r}"
            raise UsageError(Diagnostic("TSV-V31", message))
    if repetitions < LEAST_REPETITIONS:
        message = f"expected at least {LEAST_REPETITIONS} repetitions, got {repetitions}"
        raise UsageError(Diagnostic("TSV-V32", message))
    subject = subject_of(model, args, kwargs)
    domain = domain_of(subject, inputs)
    check_example(subject)
    names = tuple(dict.fromkeys(variants))
    measuring = _Measuring(subject, domain, Limits(tries, seconds), repetitions, progress)
    is_interrupted = measuring.run(names)
    rows = tuple(measuring.rows.values())
    conditions = read_conditions(subject)
    return VariantMatrix(subject.title, rows, domain, conditions, subject.runs, is_interrupted)


class _Measuring:
    """Fills the rows, first one by one, at last all latencies by turns."""

    def __init__(
        self,
        subject: Subject,
        domain: Domain,
        limits: Limits,
        repetitions: int,
        progress: Progress | None,
    ) -> None:
        self.rows: dict[str, VariantRow] = {}
        self._subject, self._repetitions, self._progress = subject, repetitions, progress
        self._tries = limits.tries
        self._trials = Trials(subject, domain, limits)
        self._clocks: dict[str, Clock] = {}
        self._done = self._total = 0

    def run(self, names: Sequence[str]) -> bool:
        """Measures; whether it was interrupted.

        Raises:
            KeyboardInterrupt: before a row was done.
        """
        self._total = len(names) * (self._tries + 2) + self._repetitions
        try:
            sites = self._sites()
            for at, name in enumerate(names):
                self._done = at * (self._tries + 1)
                self.rows[name] = self._row(name, sites)
            self._done = len(names) * (self._tries + 1)
            self._time()
        except KeyboardInterrupt:
            if not self.rows:
                raise
            return True
        return False

    def _step(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total)
        self._done += 1

    def _sites(self) -> tuple[Site, ...]:
        """Those that ran with the example."""
        events = self._subject.watch(self._subject.example)
        decisions = (event.site for event in events.order if isinstance(event, Decision))
        return tuple(dict.fromkeys(decisions))

    def _row(self, name: str, sites: tuple[Site, ...]) -> VariantRow:
        self._step()
        try:
            made = WAYS[name](self._subject)
        except (CaptureError, UsageError) as error:
            return VariantRow(name, failure=error.diagnostic, sources=error.sources)
        control_flow = (
            ControlFlow(sites, ())
            if made.program is None
            else find_control_flow(made.program, sites)
        )
        row = VariantRow(name, made.program, control_flow=control_flow)
        outcome = made.run(self._subject.example)
        if outcome.error is not None:
            return self._failed(row, outcome.error)
        errors = self._trials.errors(made.run, self._step)
        saved = save_and_load(self._subject, made, outcome)
        clock, error = outcome_of(lambda: Clock(self._subject, made))
        if clock is not None:
            self._clocks[name] = clock
        return replace(row, errors=errors, saved=saved, untimed=Outcome(error=error).reason)

    def _failed(self, row: VariantRow, error: Exception) -> VariantRow:
        message = f"`{self._subject.title}` as {row.variant} fails on the example inputs"
        failure, sources = describe_failure(error, "TSV-V33", message)
        return replace(row, failure=failure, sources=sources)

    def _time(self) -> None:
        """Calls all variants by turns, another one first each time."""
        for name, clock in list(self._clocks.items()):
            self._step()
            latency = clock.warm_up()
            if latency is None:
                del self._clocks[name]
            why = Outcome(error=clock.error).reason
            self.rows[name] = replace(self.rows[name], latency=latency, untimed=why)
        names = list(self._clocks)
        self._done = self._total - self._repetitions
        for turn in range(self._repetitions):
            self._step()
            first = turn % len(names) if names else 0
            for name in names[first:] + names[:first]:
                self._call(name)

    def _call(self, name: str) -> None:
        row, clock = self.rows[name], self._clocks[name]
        assert row.latency is not None
        is_short = row.latency.warm_ups[-1] < _SHORT
        seconds = clock.time(after_another=is_short)
        if seconds is not None:
            latency = replace(row.latency, seconds=(*row.latency.seconds, seconds))
            self.rows[name] = replace(row, latency=latency)
