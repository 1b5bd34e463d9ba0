"""What a profile costs, how much of the time it accounts for, and whether it is right.

    python -m benchmarks.profiler          # --quick: small models, two repetitions, to try it out

ResNet-50 and BERT-base of `tsviz.examples` on this CPU. Cost and accounting are of the very same
runs. In each repetition everything takes its turn once, each after a run that is not timed: the
program, the same under tsviz, the same under `torch.profiler` alone, and the program again, which
is the control. Whose the ops of a timed run are is told by a twin of it that notes call stacks;
the twin is not timed, as it is none of the runs whose times are shown.

That nothing is left behind is measured in processes of their own, one of each kind at a time, asked
in turns: in one tsviz has profiled the model before, in one `torch.profiler` has, and one has never
heard of either. The one of `torch.profiler` is the control: whatever has been allocated and freed
meanwhile moves what a call allocates to other places in memory, which alone changes its time.

Planted costs are known without the profiler: what is called four times as often, and ops that note
themselves how long they took.
"""

import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter_ns
from typing import Any

import torch

import tsviz
from benchmarks import planted
from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.conditions import describe_conditions
from tsviz.examples import get
from tsviz.frontends import Program
from tsviz.jit.profiling import Meter, Timed, read_plan_tags
from tsviz.jit.sampling import noise_turned_away
from tsviz.passes.inputs import find_inputs
from tsviz.passes.pipeline import find_plan
from tsviz.profiler.building import Built, Measured, build_samples

REPETITIONS, GROUPS, CALLS = 25, 6, 9
MODELS = ("resnet50", "bert")
QUICK = 2, 1, ("resnet-tiny", "bert-tiny")
NO_NODE, NO_OP = 0.02, 0.10
COST, SAMPLING, OFF = 1.5, 1.10, 1.02
PLANTED = 0.05
RUNS = 10
ALL = ", with start, stop and reading"
KINDS = "never profiled", "after torch.profiler", "after tsviz"
NEVER, AFTER_TORCH, AFTER_TSVIZ = KINDS


def main(words: Sequence[str]) -> int:
    """Prints the figures; exits with 1 where a target is missed."""
    warnings.simplefilter("ignore")
    repetitions, groups, models = QUICK if "--quick" in words else (REPETITIONS, GROUPS, MODELS)
    print(describe_conditions("python -m benchmarks.profiler"))
    print(f"{torch.get_num_threads()} threads; {repetitions} repetitions in turns, ms\n")
    claims: list[Claim] = []
    with torch.no_grad():
        for name in models:
            claims += measure_cost(name, repetitions)
            claims.append(measure_off(name, groups))
        claims += measure_planted(repetitions)
    print()
    for claim in claims:
        print(claim.render())
    return 0 if all(claim.verdict == "shown" for claim in claims) else 1


# ── one program ─────────────────────────────────────────────────────────────────────────────────


class Bench:
    """A warm program, its meter, and what it takes to put samples on its nodes."""

    def __init__(self, program: Program) -> None:
        self.trace, recorder, _ = find_plan(program, find_inputs(program, None, None))
        self.plan, native = self.trace.last, self.trace.natives[0]
        self.meter = Meter(recorder.entry, native, self.plan, cuda=False)
        self.tags = read_plan_tags(native, self.plan)

    def build(self, runs: Sequence[Timed], marked: Sequence[Timed]) -> Built:
        """The samples of profiled runs."""
        walls = tuple(run.nanoseconds for run in runs)
        sampled = (tuple(run.sampling for run in some) for some in (runs, marked))
        return build_samples(Measured(self.plan, self.tags, walls, *sampled, (), (), False))


@dataclass
class Series:
    """Milliseconds of each repetition, by what ran."""

    times: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def take_turns(self, turns: Mapping[str, Callable[[int], int]], number: int) -> None:
        """Lets each run once, in an order that is turned round each time."""
        for name in list(turns) if number % 2 else reversed(list(turns)):
            self.add(name, turns[name](number))

    def add(self, name: str, nanoseconds: int) -> None:
        """Takes down one time."""
        self.times.setdefault(name, []).append(nanoseconds / 1e6)

    def print(self, title: str) -> None:
        """A table of medians with quartiles."""
        print(title)
        for name, column in self.times.items():
            low, middle, high = quartiles(column[1:])  # the first round only warms up
            print(f"  {name:<44} {middle:8.2f} [{low:.2f}, {high:.2f}]")

    def ratio(self, one: str, other: str) -> tuple[float, ...]:
        """One over the other, repetition by repetition."""
        return ratios(self.times[one][1:], self.times[other][1:])


def measure_cost(name: str, repetitions: int) -> Iterator[Claim]:
    """A profile against the program without one, and against PyTorch's own profiler."""
    example = get(name)
    program = tsviz.capture(example.build().eval(), example.inputs(), via="script")
    bench = Bench(program)
    meter, native, args = bench.meter, program.get_native(), example.inputs()
    marked = [meter.run_marked(0)]
    series, runs = Series(), list[Timed]()

    def plain(number: int) -> int:
        meter.run_idle()
        return meter.run_plain(number).nanoseconds

    def ours(number: int) -> int:
        meter.run_idle()
        start = perf_counter_ns()
        run = meter.run_profiled(number)
        series.add(f"tsviz{ALL}", perf_counter_ns() - start)
        runs.append(meter.name(run, number))
        if runs[-1].nanoseconds != run.nanoseconds:
            raise RuntimeError("a run and its twin are not alike: its times cannot be shown")
        return run.nanoseconds

    def theirs(_: int) -> int:
        meter.run_idle()
        run, everything = _under_torch(native, args)
        series.add(f"torch.profiler{ALL}", everything)
        return run

    turns = {"the program": plain, "tsviz": ours, "torch.profiler": theirs, "again": plain}
    for number in range(repetitions + 1):
        series.take_turns(turns, number)
    series.print(f"{name}, {len(bench.plan.nodes)} nodes in the plan")
    noise = quartiles(series.ratio("again", "the program"))
    print(f"  {'the program against itself':<44} {noise[1]:8.2f} [{noise[0]:.2f}, {noise[2]:.2f}]")
    sums = [bench.build([run], marked).accounting for run in runs[1:]]
    lost = tuple(1 - one.share_attributed for one in sums)
    outside = tuple(1 - one.attributed / one.wall for one in sums)
    yield Claim(f"{name}: of the ops' time, what no node is known for", lost, NO_NODE)
    yield Claim(f"{name}: of the wall time, what is in no node", outside, NO_OP)
    yield Claim(f"{name}: under tsviz, over without", series.ratio("tsviz", "the program"), COST)
    total = series.ratio(f"tsviz{ALL}", "the program")
    yield Claim(f"{name}: the same with start, stop and reading", total, COST)
    beside = series.ratio("tsviz", "torch.profiler")
    yield Claim(f"{name}: under tsviz, over under torch.profiler", beside, SAMPLING)


def _under_torch(native: Any, args: tuple[object, ...]) -> tuple[int, int]:
    """Nanoseconds of a call under PyTorch's profiler, and with all that it does around it."""
    profiler = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU])
    begin = perf_counter_ns()
    with noise_turned_away():
        profiler.start()
    start = perf_counter_ns()
    native(*args)
    end = perf_counter_ns()
    with noise_turned_away():
        profiler.stop()
    profiler.events()
    return end - start, perf_counter_ns() - begin


# ── what is left behind ─────────────────────────────────────────────────────────────────────────


def measure_off(name: str, groups: int) -> Claim:
    """A model that tsviz profiled before, against one that `torch.profiler` did."""
    series = Series()
    for _ in range(groups + 1):
        for kind, middle in ask_group(name).items():
            series.add(kind, middle)
    series.print(f"{name}, each in processes of their own: the median of {CALLS} calls in each")
    for kind in (AFTER_TORCH, AFTER_TSVIZ):
        low, middle, high = quartiles(series.ratio(kind, NEVER))
        print(f"  {f'{kind}, over {NEVER}':<44} {middle:8.2f} [{low:.2f}, {high:.2f}]")
    off = series.ratio(AFTER_TSVIZ, AFTER_TORCH)
    return Claim(f"{name}: after a profile, over after torch.profiler", off, OFF)


def ask_group(name: str) -> dict[str, int]:
    """The median time of a call in one process of each kind, in nanoseconds."""
    with ExitStack() as stack:
        children = {kind: stack.enter_context(_Child(kind, name)) for kind in KINDS}
        times: dict[str, list[int]] = {kind: [] for kind in KINDS}
        for number in range(CALLS + 1):
            for kind in KINDS if number % 2 else reversed(KINDS):
                times[kind].append(children[kind].time())
    return {kind: sorted(taken[1:])[CALLS // 2] for kind, taken in times.items()}


class _Child:
    """A process that times one call of a model whenever it is asked."""

    def __init__(self, kind: str, name: str) -> None:
        command = [sys.executable, "-m", "benchmarks.profiler", "--child", kind, name]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def time(self) -> int:
        """Nanoseconds of one more call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def answer(kind: str, name: str) -> None:
    """What a child does: nanoseconds of a call for each line it reads."""
    warnings.simplefilter("ignore")
    example = get(name)
    args = example.inputs()
    with torch.no_grad():
        model: Any = torch.jit.script(example.build().eval())
        for _ in range(4):
            model(*args)
        if kind == AFTER_TSVIZ:
            tsviz.profile(model, args, runs=3)
        for _ in range(3 * (kind == AFTER_TORCH)):
            _under_torch(model, args)
        for _ in range(4):
            model(*args)
        for _ in sys.stdin:
            model(*args)
            start = perf_counter_ns()
            model(*args)
            print(perf_counter_ns() - start, flush=True)


# ── costs that are known ────────────────────────────────────────────────────────────────────────


def measure_planted(repetitions: int) -> Iterator[Claim]:
    """How far what the profile says is from what is known."""
    cases = {
        "products, four of five in one line": (planted.Products(), _products),
        "an op that sleeps": (planted.Sleeps(), _noted),
        "a branch taken once in ten calls": (planted.Branches(), _branch),
        "a loop that is as long as the call's number": (planted.Loops(), off_in_loop),
    }
    print("planted costs: profiles of ten runs each")
    for text, (model, off) in cases.items():
        errors: list[float] = []
        for _ in range(repetitions + 1):
            errors.append(off(*profile_planted(model)))
        yield Claim(f"{text}: off by", tuple(errors[1:]), PLANTED)


def profile_planted(model: torch.nn.Module) -> tuple[Built, list[int]]:
    """The samples of ten runs, and what the ops noted in these."""
    bench = Bench(tsviz.capture(model.eval(), planted.inputs(), via="script"))
    noted, runs = list[int](), list[Timed]()
    for number in range(RUNS):
        bench.meter.run_idle()
        planted.NOTED.clear()
        run = bench.meter.run_profiled(number)
        noted += planted.NOTED
        runs.append(bench.meter.name(run, number))
    marked = [bench.meter.run_marked(number) for number in range(RUNS)]
    return bench.build(runs, marked), noted


def _products(built: Built, noted: list[int]) -> float:
    """Four of five products of equal size are in the loop."""
    times = [s.cpu_ns for s in built.samples.values() if s.op == "aten::mm" and s.cpu_ns]
    return abs(max(times) / sum(times) - 0.8) / 0.8


def _noted(built: Built, noted: list[int]) -> float:
    """What an op took against what it noted; loops are unrolled in part, so it has copies."""
    taken = sum(s.cpu_ns or 0 for s in built.samples.values() if s.op == planted.OP)
    return abs(taken - sum(noted)) / sum(noted)


def _branch(built: Built, noted: list[int]) -> float:
    """Wrong by all where it was not counted right."""
    taken = [s.taken for s in built.samples.values() if s.taken is not None]
    return _noted(built, noted) if taken == [(1, RUNS - 1)] else 1.0


def off_in_loop(built: Built, noted: list[int]) -> float:
    """Likewise."""
    calls = sum(s.calls or 0 for s in built.samples.values() if s.op == planted.OP)
    return _noted(built, noted) if calls == len(noted) else 1.0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        answer(*sys.argv[2:])
    else:
        sys.exit(main(sys.argv[1:]))
