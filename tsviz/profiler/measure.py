"""`tsviz.profile`: where a program's time and memory go, on each node of what really runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tsviz.errors import Diagnostic, PassError, UsageError
from tsviz.frontends import Inputs, Program
from tsviz.frontends.failures import describe_failure
from tsviz.frontends.torchscript import capture, import_program
from tsviz.ir import Graph
from tsviz.jit.marking import has_blocks
from tsviz.jit.observing import Observation
from tsviz.jit.profiling import (
    Meter,
    Timed,
    count_hooks,
    describe_settings,
    find_missing_device,
    has_cuda,
    move_to,
    read_plan_tags,
    results_differ,
)
from tsviz.jit.recording import Entry, Run
from tsviz.jit.running import outcome_of
from tsviz.jit.sampling import find_profiler
from tsviz.passes import PassTrace
from tsviz.passes.inputs import find_inputs
from tsviz.passes.pipeline import find_plan
from tsviz.profiler.building import Measured, build_samples
from tsviz.profiler.profile import Profile
from tsviz.profiler.roofline import measure_roofline
from tsviz.profiler.samples import Spread
from tsviz.profiler.stages import describe_warm_up

NODES = ("ops", "all")

Progress = Callable[[int, int, str], None]
"""Called with how many runs were made, of how many, and what runs next; it raises to stop."""

DISTURBED, FEWEST = 3, 5
"""A run that takes so many times the median was disturbed; of fewer runs nothing is said."""

WARMING_UP = "warming up: run"
"""What is told of these runs, with their number."""

INTERRUPTED = "TSV-T04"
"""Someone stopped it; what was measured by then is kept."""


def profile(
    target: object,
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
    *,
    via: str = "auto",
    runs: int = 10,
    nodes: str = "ops",
    device: str | None = None,
    progress: Progress | None = None,
) -> Profile:
    """Runs a program in PyTorch's executor and measures its nodes.

    It is run on copies until PyTorch compiles no more, then `runs` times without a profiler and as
    often with it, in turns. Further runs tell whose the ops are, count branches, and read shapes
    and memory; these are not timed. Gradients are recorded or not as the caller has it; only
    forward is measured.

    Args:
        target: a model, or a program that was captured from one.
        args, kwargs: example inputs; of a program, by default those it was captured with.
        via: how a model is captured, as in `tsviz.capture`.
        runs: how many runs are measured each way.
        nodes: `ops`, those that call an op of PyTorch's; or `all`, for which a copy of the plan
            with marks around every node is run besides.
        device: where to run it, such as `cuda`; by default where it is.
        progress: told of every run.

    Raises:
        UsageError: `TSV-T01` another profiler is at work; `TSV-T02` there is no such device;
            `TSV-T05` a wrong number of runs; `TSV-T09` a wrong word for `nodes`; `TSV-S11` no
            example inputs; as `tsviz.capture` and `Program.get_native`.
        PassError: `TSV-S01` the model failed while it warmed up, `TSV-T03` in the first run
            thereafter.
    """
    _check(runs, nodes, device)
    program = captured(target, args, kwargs, via)
    inputs = find_inputs(program, args, kwargs)
    if device is not None:
        program, inputs = _moved(program, inputs, device)
    tell = progress or _silent
    trace, recorder, warm = find_plan(
        program, inputs, lambda number: tell(0, 2 * runs, f"{WARMING_UP} {number}")
    )
    session = _Session(program, inputs, trace, recorder.entry, warm, runs, nodes == "all", tell)
    return session.run()


def _silent(done: int, total: int, words: str) -> None: ...


def _check(runs: int, nodes: str, device: str | None) -> None:
    if runs < 1:
        raise UsageError(Diagnostic("TSV-T05", f"expected runs to be at least 1, got {runs}"))
    if nodes not in NODES:
        message = f"expected nodes to be one of {', '.join(NODES)}, got {nodes!r}"
        raise UsageError(Diagnostic("TSV-T09", message))
    found = find_profiler()
    if found:
        message = f"expected no other profiler to be at work, found {found}"
        help = "leave its block first, then profile with tsviz: they would disturb each other"
        raise UsageError(Diagnostic("TSV-T01", message, help=help))
    missing = "" if device is None else find_missing_device(device)
    if missing:
        message = f"expected a device that PyTorch can use here, got {device!r}: {missing}"
        raise UsageError(Diagnostic("TSV-T02", message, help="leave `device` out"))


def captured(
    target: object,
    args: Sequence[object] | None,
    kwargs: Mapping[str, object] | None,
    via: str,
) -> Program:
    """The program, captured now if it is a model; one that can run."""
    program = (
        target if isinstance(target, Program) else capture(target, args or (), kwargs, via=via)
    )
    program.get_native()
    return program


def _moved(program: Program, inputs: Inputs, device: str) -> tuple[Program, Inputs]:
    native, args, kwargs = move_to(program.native, inputs.args, inputs.kwargs, device)
    moved = Inputs(args, kwargs)
    there = import_program(
        native,
        program.method,
        variant=program.variant,
        inputs=moved,
        title=program.title,
        came=program.came,
        banner=program.banner,
        sources=program.sources,
    )
    return there, moved


@dataclass(slots=True)
class _Session:
    """One profile in the making.

    Attributes:
        findings: what has to be said about it.
    """

    program: Program
    inputs: Inputs
    trace: PassTrace
    entry: Entry
    warm: tuple[Run, ...]
    runs: int
    marks_nodes: bool
    tell: Progress
    findings: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def run(self) -> Profile:
        """Measures."""
        plan = self.trace.last
        native = self.trace.natives[0]
        cuda = has_cuda(self.program.native, (self.inputs.args, dict(self.inputs.kwargs)))
        meter = Meter(self.entry, native, plan, cuda=cuda)
        plain, profiled = self._measure(meter)
        marked, observed, timed = self._look(meter, plan, len(plain), plain[0].result)
        self._warn()
        measured = Measured(
            plan,
            read_plan_tags(native, plan),
            tuple(run.nanoseconds for run in profiled),
            tuple(run.sampling for run in profiled),
            tuple(run.sampling for run in marked),
            observed,
            tuple(run.sampling for run in timed),
            cuda,
        )
        built = build_samples(measured)
        self._fell_back(built.fallbacks)
        self.findings += find_disturbed(measured.walls)
        return Profile(
            self.trace,
            plan,
            built.samples,
            Spread(tuple(run.nanoseconds for run in plain)),
            Spread(measured.walls),
            tuple(describe_warm_up(self.warm)),
            built.accounting,
            built.checks,
            built.pieces,
            built.shown_run,
            Spread(tuple(run.nanoseconds for run in timed)) if timed else None,
            measure_roofline("cuda" if cuda else "cpu"),
            describe_settings(self.entry.native, (self.inputs.args, dict(self.inputs.kwargs))),
            (*self.trace.diagnostics, *self.findings),
        )

    # ── runs that are timed ──────────────────────────────────────────────────────────────────

    def _measure(self, meter: Meter) -> tuple[list[Timed], list[Timed]]:
        """Plain and profiled runs in turns; what was measured until something stops it is kept."""
        plain, profiled = list[Timed](), list[Timed]()
        try:
            for number in range(self.runs):
                self.tell(2 * number, 2 * self.runs, "measuring")
                pair, error = outcome_of(lambda number=number: _pair(meter, number))
                if pair is None:
                    self._failed(error, number)
                    break
                plain.append(pair[0])
                profiled.append(pair[1])
        except KeyboardInterrupt:
            if not profiled:
                raise
            message = f"interrupted: {len(profiled)} of {self.runs} runs were measured"
            self.findings.append(Diagnostic(INTERRUPTED, message, severity="warning"))
        if profiled and not meter.is_as_planned:
            message = "the plan was compiled anew while it was measured"
            help = "what is shown is the plan after the warm-up; give more runs, or other inputs"
            self.findings.append(Diagnostic("TSV-T06", message, help=help, severity="warning"))
        return plain, profiled

    def _failed(self, error: Exception | None, number: int) -> None:
        name = f"{self.program.title}.{self.program.method}"
        message = f"`{name}` failed in run {number + 1} of {self.runs} after its warm-up"
        found, sources = describe_failure(error or RuntimeError(), "TSV-T03", message)
        if number == 0:
            raise PassError(found, sources) from error
        kept = f"the {number} before it {'were' if number > 1 else 'was'} measured"
        self.findings.append(
            Diagnostic("TSV-T03", f"{found.message}; {kept}", notes=found.notes, severity="warning")
        )

    # ── runs that are looked at ──────────────────────────────────────────────────────────────

    def _look(
        self, meter: Meter, plan: Graph, runs: int, expected: object
    ) -> tuple[list[Timed], list[Observation], list[Timed]]:
        """Marked runs, observed ones, and those with every node marked.

        A plan without branches and loops goes the same way each time: then one run does.
        """
        marked, observed, timed = list[Timed](), list[Observation](), list[Timed]()
        needed = runs if has_blocks(plan) else 1
        try:
            for number in range(needed):
                self.tell(2 * runs, 2 * runs, "counting")
                run, error = outcome_of(lambda number=number: meter.run_marked(number))
                if run is None:
                    self._not_interpreted(error)
                    return [], [], []
                if number == 0 and results_differ(expected, run.result):
                    self._differs()
                    return [], [], []
                marked.append(run)
            for number in range(needed):
                self.tell(2 * runs, 2 * runs, "reading shapes")
                found, error = outcome_of(lambda number=number: meter.observe(number))
                if found is None:
                    self._not_observed(error)
                    break
                observed.append(found)
            for number in range(runs if self.marks_nodes else 0):
                self.tell(2 * runs, 2 * runs, "timing every node")
                timed.append(meter.run_nodes(number))
        except KeyboardInterrupt:
            message = "interrupted: how often nodes ran, shapes and memory are not all known"
            self.findings.append(Diagnostic(INTERRUPTED, message, severity="warning"))
            marked = marked if len(marked) == needed else []
        return marked, observed, timed

    def _not_interpreted(self, error: Exception | None) -> None:
        message = "the plan does not run by itself: calls, shapes and memory were not measured"
        notes = (f"PyTorch said: {error}",)
        self.findings.append(Diagnostic("TSV-T07", message, notes=notes, severity="warning"))

    def _not_observed(self, error: Exception | None) -> None:
        message = "the plan cannot be watched: shapes and operations were not measured"
        notes = (f"PyTorch said: {error}",)
        self.findings.append(Diagnostic("TSV-T08", message, notes=notes, severity="warning"))

    def _differs(self) -> None:
        message = (
            "the marked copy of the plan gives another result than the program: "
            "calls, shapes and memory are left out"
        )
        self.findings.append(Diagnostic("TSV-T11", message, severity="warning"))

    def _fell_back(self, fallbacks: Mapping[int, int]) -> None:
        if not fallbacks:
            return
        times, groups = sum(fallbacks.values()), len(fallbacks)
        message = (
            f"the guard of what PyTorch specialised failed {_count(times, 'time')}, of "
            f"{_count(groups, 'group')} of nodes: the code before the specialisation ran instead"
        )
        note = "the times of that code stand on the nodes of the group, whose lines are the same"
        self.findings.append(Diagnostic("TSV-T14", message, notes=(note,), severity="warning"))

    def _warn(self) -> None:
        hooks = count_hooks(self.program.native)
        if hooks:
            many = _count(hooks, "hook")
            message = f"{many} of the model itself ran outside of what is measured"
            note = "PyTorch runs them around the graph; those of submodules are in it"
            self.findings.append(Diagnostic("TSV-T12", message, notes=(note,), severity="warning"))


def find_disturbed(walls: Sequence[int]) -> Iterator[Diagnostic]:
    """Says where a few runs took most of the time: the times of nodes are means, so as to add up.

    Args:
        walls: of the runs under the profiler, in nanoseconds.
    """
    if len(walls) < FEWEST:
        return
    median = sorted(walls)[len(walls) // 2]
    slow = [wall for wall in walls if wall > DISTURBED * median]
    if sum(slow) > sum(walls) / 2:
        message = (
            f"{len(slow)} of {len(walls)} runs under the profiler took most of the time of all, up "
            f"to {max(slow) / median:,.0f} times the median: the times of nodes are means, and "
            "hold that, too"
        )
        help = "measure again while nothing else runs"
        yield Diagnostic("TSV-T15", message, help=help, severity="warning")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _pair(meter: Meter, number: int) -> tuple[Timed, Timed]:
    """A plain and a profiled run, by turns in either order, each after one that is not timed."""

    def plain() -> Timed:
        meter.run_idle()
        return meter.run_plain(number)

    def profiled() -> Timed:
        meter.run_idle()
        return meter.name(meter.run_profiled(number), number)

    if number % 2:
        second = profiled()
        return plain(), second
    return plain(), profiled()
