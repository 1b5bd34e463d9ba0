"""What stepping and recording a program cost.

    python -m benchmarks.debugger

The control is the same call of the compiled model without tsviz, warmed up; all are measured in
turns in one process. A step is measured from the request to the answer that the program is held
again. Wall time counts, on a machine that does nothing else: PyTorch's threads wait for each other,
and on a busy machine for whoever has the cores.

What counts with a run: the thread it runs in, the taps, the statistics, fingerprint and sample of
every value. What does not, because it is done once a session: the capture, the copy of the user's
model, the taps' graph, the figures of weights. The last two rows are there for comparison: going
back to the last node, and a whole capture as a dispatch mode makes it of the Python model, which
copies what every op yields and computes the same four figures of it.
"""

import sys
import warnings
from collections.abc import Callable
from time import perf_counter
from typing import cast

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

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
    model = cast("Callable[..., object]", program.model)
    columns: dict[str, list[float]] = {
        "plain": [],
        "with a breakpoint": [],
        "recorded": [],
        "back from the end": [],
        "captured whole": [],
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
            columns["back from the end"].append(_timed(lambda: _back(session)))
            columns["recorded"].append(_timed(session.record))
            columns["captured whole"].append(_timed(lambda: _captured(model, args)))
    print(f"{name}, {len(program.graph.nodes)} nodes: seconds")
    plain = columns["plain"][1:]  # the first round only warms up
    for what, column in columns.items():
        low, middle, high = quartiles(column[1:])
        (_, times, _) = quartiles(ratios(column[1:], plain))
        print(f"  {what:<20} {middle:7.3f} [{low:.3f}, {high:.3f}]  {times:5.2f} of plain")
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


class _Capture(TorchDispatchMode):
    """Copies what every op yields, with its figures."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[tuple[torch.Tensor, float, float, float, float]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        found = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(found):
            if isinstance(leaf, torch.Tensor) and leaf.is_floating_point() and leaf.numel():
                copy = leaf.clone()
                figures = copy.min(), copy.max(), copy.mean(), copy.std()
                least, most, mean, deviation = (float(one) for one in figures)
                self.kept.append((copy, least, most, mean, deviation))
        return found


def _captured(model: Callable[..., object], args: tuple[object, ...]) -> None:
    with _Capture():
        model(*args)


def _back(session: Debugger) -> None:
    session.back()
    assert session.wait().is_held


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
