"""What recording the passes of PyTorch's executor costs.

    python -m benchmarks.passes

The control is the same warm-up of BERT-base without tsviz: as many runs of the same graph, compiled
anew. The second control has PyTorch print its log besides, which nobody reads. Both and the
recording run in turns in one process. Memory is that of all snapshots over that of the first.
"""

import gc
import os
import sys
import types
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import Enum
from statistics import median
from time import perf_counter
from typing import Any

import torch

import tsviz
from benchmarks.capture import Net
from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.conditions import describe_conditions
from tsviz.examples import get
from tsviz.frontends import Program
from tsviz.jit.autodiff_log import AUTODIFF
from tsviz.jit.executor_log import EXECUTOR
from tsviz.jit.recording import Runtime
from tsviz.passes import PassTrace

REPETITIONS = 9
COST = 4.0
MEMORY = 1.5
LARGE = 600  # blocks of about seventeen nodes
MODE = Runtime(grad=False)


def main() -> int:
    """Prints the figures; exits with 1 where a target is missed."""
    warnings.simplefilter("ignore")
    print(describe_conditions("python -m benchmarks.passes"))
    print(f"{REPETITIONS} repetitions in turns; median [first, third quartile]\n")
    example = get("bert")
    program = tsviz.capture(example.build().eval(), example.inputs(), via="trace")
    trace = tsviz.run_passes(program, pipeline=MODE)
    claims = [measure_cost(program, trace), measure_memory(trace)]
    measure_large()
    print()
    for claim in claims:
        print(claim.render())
    return 0 if all(claim.verdict == "shown" for claim in claims) else 1


def measure_cost(program: Program, trace: PassTrace) -> Claim:
    """The recording against the same warm-up without it."""
    runs = max(record.run for record in trace) + 1  # in the last one nothing is compiled any more
    plain, again, printed, ours = ([] for _ in range(4))
    for _ in range(REPETITIONS + 1):
        plain.append(_timed(_warm_up(program, runs)))
        with _log_to_nobody():
            printed.append(_timed(_warm_up(program, runs)))
        ours.append(_timed(lambda: tsviz.run_passes(program, pipeline=MODE)))
        again.append(_timed(_warm_up(program, runs)))
    columns = {"warm-up": plain, "with the log printed": printed, "recorded": ours}
    print(f"BERT-base, {len(program.graph.nodes)} nodes, {len(trace)} steps, {runs} runs: seconds")
    for name, column in columns.items():
        low, middle, high = quartiles(column[1:])  # the first round only warms up
        print(f"  {name:<22} {middle:6.2f} [{low:.2f}, {high:.2f}]")
    noise = quartiles(ratios(again[1:], plain[1:]))
    print(f"  warm-up against itself {noise[1]:6.2f} [{noise[0]:.2f}, {noise[2]:.2f}]")
    costs = (
        (mine - max(log - bare, 0.0)) / bare
        for mine, log, bare in list(zip(ours, printed, plain, strict=True))[1:]
    )
    return Claim("recording, printing aside, over the warm-up", tuple(costs), COST)


def measure_memory(trace: PassTrace) -> Claim:
    """All snapshots, in those of the first, for every ten steps."""
    graphs = [record.after for record in trace]
    first, everything = _size_of(trace.first), _size_of([trace.first, *graphs])
    tens = len(trace) / 10
    print(f"first snapshot {first / 1e6:.1f} MB, all {len(trace)} steps {everything / 1e6:.1f} MB")
    return Claim("memory of ten steps, in first snapshots", (everything / first / tens,), MEMORY)


def measure_large() -> None:
    """A graph of 10,000 nodes can be recorded at all."""
    model = Net(LARGE).eval()
    program = tsviz.capture(model, (torch.zeros(2, 8),), via="script")
    times: list[float] = []
    trace: PassTrace | None = None
    for _ in range(3):
        started = perf_counter()
        trace = tsviz.run_passes(program, pipeline=MODE)
        times.append(perf_counter() - started)
    assert trace is not None
    nodes = len(program.graph.nodes)
    changed = len(trace.changed)
    print(f"{nodes:,} nodes: {median(times):.1f} s, {len(trace)} steps, {changed} changed it")


def _warm_up(program: Program, runs: int) -> Callable[[], None]:
    """The runs of a recording, of a function of its own that nothing is compiled of yet."""
    native: Any = program.native
    graph = native.inlined_graph
    make: Any = torch._C._create_function_from_graph
    function = make("forward", graph)
    args = program.inputs.args if program.inputs is not None else ()

    def run() -> None:
        with torch.no_grad():
            for _ in range(runs):
                function(native._c, *args)

    return run


@contextmanager
def _log_to_nobody() -> Generator[None]:
    """Has the compiler print what a recording has it print, into nothing."""
    jit: Any = torch._C
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    before = jit._jit_get_logging_option()
    os.dup2(nothing, 2)
    jit._jit_set_logging_option(f">>{EXECUTOR}:>>{AUTODIFF}")
    try:
        yield
    finally:
        jit._jit_set_logging_option(before)
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _timed(run: Callable[[], object]) -> float:
    gc.collect()
    started = perf_counter()
    run()
    return perf_counter() - started


_SHARED = (type, types.ModuleType, types.FunctionType, types.MethodType, torch.Tensor, Enum)


def _size_of(root: object) -> int:
    """Bytes of all that can be reached, each object once; code and tensors aside."""
    seen: set[int] = set()
    todo = [root]
    total = 0
    while todo:
        item = todo.pop()
        if id(item) in seen or isinstance(item, _SHARED):
            continue
        seen.add(id(item))
        total += sys.getsizeof(item)
        todo += gc.get_referents(item)
    return total


if __name__ == "__main__":
    sys.exit(main())
