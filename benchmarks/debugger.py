"""What stepping and recording a program cost.

    python -m benchmarks.debugger

The control of a recording, and of a run with a breakpoint that is never met, is the same call of
the compiled model without tsviz, warmed up; all are measured in turns in one process. A step is
measured from the request to the answer that the program is held again.

Each run works on a copy of the module, weights included. How long that takes is shown beside; it
counts with the recording, and not with the breakpoint, for which the session has made it before.
"""

import sys
import warnings
from collections.abc import Callable
from time import perf_counter

import torch

import tsviz
from benchmarks.claims import Claim, quartiles, ratios
from benchmarks.conditions import describe_conditions
from tsviz.debugger import Debugger, Status
from tsviz.examples import get
from tsviz.frontends import Program

REPETITIONS = 9
STEPS = 200
STEP_MS, RECORD, BREAKPOINT = 20.0, 2.0, 1.3
MODELS = {"resnet50": "script", "bert": "trace"}


def main() -> int:
    """Prints the figures; exits with 1 where a target is missed."""
    warnings.simplefilter("ignore")
    print(describe_conditions("python -m benchmarks.debugger"))
    print(f"{REPETITIONS} repetitions in turns; median [first, third quartile]\n")
    claims: list[Claim] = []
    with torch.no_grad():
        for name, via in MODELS.items():
            example = get(name)
            program = tsviz.capture(example.build().eval(), example.inputs(), via=via)
            claims += measure(name, program)
    print()
    for claim in claims:
        print(claim.render())
    return 0 if all(claim.verdict == "shown" for claim in claims) else 1


def measure(name: str, program: Program) -> list[Claim]:
    """The three figures of one model."""
    assert program.inputs is not None
    native, args = program.native, program.inputs.args
    columns: dict[str, list[float]] = {
        "plain": [],
        "with a breakpoint": [],
        "recorded": [],
        "copied": [],
    }
    with tsviz.debug(program) as session:
        session.wait()
        steps = [_timed(lambda: _step(session)) * 1000 for _ in range(STEPS)]
        for _ in range(REPETITIONS + 1):
            columns["plain"].append(_timed(lambda: native(*args)))  # type: ignore[operator]
            session.restart()
            session.clear()
            session.break_at(session.program.graph.block.nodes[-1].id, when="False")
            session.wait()
            columns["with a breakpoint"].append(_timed(lambda: _to_the_end(session)))
            columns["recorded"].append(_timed(session.record))
            columns["copied"].append(_timed(session._start.copy))
    print(f"{name}, {len(program.graph.nodes)} nodes: seconds")
    for what, column in columns.items():
        low, middle, high = quartiles(column[1:])  # the first round only warms up
        print(f"  {what:<20} {middle:7.3f} [{low:.3f}, {high:.3f}]")
    plain = columns["plain"][1:]
    return [
        Claim(f"{name}: a step, request to answer", tuple(steps), STEP_MS, " ms"),
        Claim(
            f"{name}: recording over a plain run", ratios(columns["recorded"][1:], plain), RECORD
        ),
        Claim(
            f"{name}: a breakpoint that is never met over a plain run",
            ratios(columns["with a breakpoint"][1:], plain),
            BREAKPOINT,
        ),
    ]


def _step(session: Debugger) -> None:
    session.step()
    session.wait()


def _to_the_end(session: Debugger) -> None:
    session.continue_()
    assert session.wait().status is Status.FINISHED


def _timed(run: Callable[[], object]) -> float:
    started = perf_counter()
    run()
    return perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
