"""Whether recorded passes are PyTorch's own.

    python -m benchmarks.pass_replay        all programs; with gradients a large one takes minutes
    python -m benchmarks.pass_replay --pipelines freeze,grad resnet-tiny bert-tiny

For every small model of the tests, every example and two models of transformers:

* every recorded step whose passes PyTorch binds is done again: the snapshot before it is emitted,
  the passes are applied, and what comes out is held against the snapshot that was recorded after
  it, names and scopes left out; without and with gradients, freezing and optimising;
* the last snapshot is held against what PyTorch gives without tsviz, and with gradients so are the
  plans of the backward graphs;
* results and gradients of the tagged program are those of the untagged one, bit by bit.

Steps that cannot be done again, or give something else, are listed with the reason.
"""

import argparse
import gc
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from rich.console import Console
from rich.table import Table

import tsviz
from benchmarks.conditions import describe_conditions
from benchmarks.pass_coverage import iter_programs
from tests.passes.comparing import native_plan, normalised
from tests.passes.replaying import is_bound, iter_replayed
from tests.passes.untagged import (
    compare_frozen,
    compare_gradient_plans,
    compare_results,
    wanting_gradients,
)
from tsviz.errors import PassError
from tsviz.frontends import Program
from tsviz.ir import read_graph
from tsviz.jit.natives import copy_for_run, is_script_module
from tsviz.jit.recording import Runtime
from tsviz.passes import PassTrace

_CLASS = re.compile(r"__torch__\.[\w.]+")


@dataclass(frozen=True)
class Row:
    """What was found for one pipeline of one program.

    Attributes:
        bound: number of its steps whose passes are bound; `equal` of them gave what was recorded.
        emitted: of how many the snapshot before could be made again.
        reasons: why not, by the name of the step.
        end: how the last snapshot compares with what PyTorch gives without tsviz.
        results: how results and gradients do; "" where they were not compared.
    """

    model: str
    variant: str
    pipeline: str
    steps: int
    bound: int
    emitted: int
    equal: int
    reasons: Counter[tuple[str, str]]
    end: str
    results: str = ""


def main() -> int:
    """Prints the table and the exceptions; returns 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pass_replay")
    parser.add_argument("names", nargs="*", help="programs, all by default")
    parser.add_argument("--without", default="", help="programs to leave out, comma separated")
    parser.add_argument("--pipelines", default=",".join(_RECORD), help="comma separated")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # tracing and freezing warn about every model
    console = Console(width=max(Console().width, 150))  # a file has no width of its own
    console.print(describe_conditions("python -m benchmarks.pass_replay"))
    rows: list[Row] = []
    for name, program in iter_programs():
        if name in options.without.split(",") or (options.names and name not in options.names):
            continue
        for pipeline in _pipelines(program, options.pipelines.split(",")):
            sys.stderr.write(f"\r{name:<32} {pipeline:<12}")
            rows.append(measure(name, program, pipeline))
            gc.collect()
    sys.stderr.write("\r")
    console.print(_table(rows))
    console.print(_exceptions(rows))
    verdicts = list(_verdicts(rows))
    for text, is_shown in verdicts:
        console.print(f"{text}: {'shown' if is_shown else 'missed'}")
    return 0 if all(shown for _, shown in verdicts) else 1


def _pipelines(program: Program, wanted: list[str]) -> list[str]:
    can_freeze = is_script_module(program.native)
    return [name for name in wanted if can_freeze or name in ("no-grad", "grad")]


def measure(name: str, program: Program, pipeline: str) -> Row:
    """Records one pipeline of one program, does its steps again and compares its end."""
    trace, end, results = _RECORD[pipeline](program)
    steps = list(iter_replayed(trace))
    reasons = Counter((step.name, _plain(step.reason)) for step in steps if not step.is_equal)
    return Row(
        name,
        str(program.variant),
        pipeline,
        len(trace),
        sum(map(is_bound, trace)),
        sum(step.is_emitted for step in steps),
        sum(step.is_equal for step in steps),
        reasons,
        end,
        results,
    )


def _no_grad(program: Program) -> tuple[PassTrace, str, str]:
    trace = tsviz.run_passes(program, pipeline=Runtime(grad=False))
    args = _arguments(program)
    plan = native_plan(program.native, lambda: copy_for_run(None, args, {})[1])
    is_equal = normalised(trace.last) == normalised(read_graph(plan).graph)
    with torch.no_grad():
        return trace, "equal" if is_equal else "another plan", compare_results(program, args)


def _grad(program: Program) -> tuple[PassTrace, str, str]:
    """With inputs that want gradients, where the program allows it."""
    args = wanting_gradients(_arguments(program))
    try:
        trace = tsviz.run_passes(program, args, pipeline=Runtime(grad=True))
    except PassError:
        args = _arguments(program)
        trace = tsviz.run_passes(program, args, pipeline=Runtime(grad=True))
    return trace, compare_gradient_plans(trace, args), compare_results(program, args)


def _frozen(program: Program) -> tuple[PassTrace, str, str]:
    trace = tsviz.run_passes(program, pipeline="freeze")
    return trace, compare_frozen(trace.last, lambda: torch.jit.freeze(program.native)), ""


def _optimized(program: Program) -> tuple[PassTrace, str, str]:
    trace = tsviz.run_passes(program, pipeline="optimize")

    def optimize() -> torch.jit.ScriptModule:
        return torch.jit.optimize_for_inference(torch.jit.freeze(program.native))

    return trace, compare_frozen(trace.last, optimize), ""


_RECORD = {"no-grad": _no_grad, "grad": _grad, "freeze": _frozen, "optimize": _optimized}


def _arguments(program: Program) -> tuple[object, ...]:
    assert program.inputs is not None
    return program.inputs.args


def _plain(reason: str) -> str:
    """A reason without what differs from program to program."""
    return _CLASS.sub("a class", reason)


def _table(rows: list[Row]) -> Table:
    table = Table("model", "variant", "pipeline")
    for title in ("steps", "bound", "emitted", "equal", "different"):
        table.add_column(title, justify="right")
    for title in ("last snapshot", "results"):
        table.add_column(title)
    for row in rows:
        counts = (row.steps, row.bound, row.emitted, row.equal, row.emitted - row.equal)
        table.add_row(row.model, row.variant, row.pipeline, *map(str, counts), row.end, row.results)
    return table


def _exceptions(rows: list[Row]) -> Table:
    table = Table("step", "why it could not be done again, or what differs")
    table.add_column("times", justify="right")
    total = sum((row.reasons for row in rows), Counter[tuple[str, str]]())
    for (step, reason), times in total.most_common():
        table.add_row(step, reason, str(times))
    return table


def _verdicts(rows: list[Row]) -> Iterator[tuple[str, bool]]:
    for pipeline in _RECORD:
        own = [row for row in rows if row.pipeline == pipeline]
        if not own:
            continue
        bound, emitted, equal = (
            sum(getattr(row, what) for row in own) for what in ("bound", "emitted", "equal")
        )
        same = sum(row.end.startswith("equal") for row in own)
        yield (
            f"{pipeline}: {equal:,} of {bound:,} bound steps give what was recorded, "
            f"{bound - emitted:,} cannot be done again, {emitted - equal:,} differ",
            equal == emitted,
        )
        yield f"{pipeline}: {same} of {len(own)} last snapshots are PyTorch's", same == len(own)
    compared = [row.results for row in rows if row.results]
    if not compared:
        return
    same = compared.count("equal")
    text = f"results and gradients are bit-equal with and without tags in {same} of {len(compared)}"
    yield text, same == len(compared)


if __name__ == "__main__":
    sys.exit(main())
