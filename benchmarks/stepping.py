"""Whether a stepped program does what the program does, model by model.

    python -m benchmarks.stepping [NAME …]

Each model of the tests and each example is stepped node by node to its end. Its results are held,
bit for bit, against three runs from the same restored state: its graph unoptimised (what is
stepped: these must be equal), the first run of PyTorch's executor, and the one that runs its plan
when it is warm. Where the last two are not equal, what PyTorch did is named. The plan is stepped,
too, and must give what it gives in the executor. A model that fails must fail the same way: the
same class and words, at the same lines.
"""

import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch

import tsviz
from benchmarks.conditions import describe_conditions
from tests.debugger.driving import Mismatches, Noisy, bits
from tests.models import ZOO
from tsviz.debugger import Debugger, Status
from tsviz.debugger.faults import read_fault
from tsviz.debugger.planned import find_plan_of
from tsviz.examples import EXAMPLES, get
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import internals, jit
from tsviz.jit.marking import FUSED
from tsviz.jit.randomness import RandomState
from tsviz.jit.running import outcome_of

LARGE = ("resnet50", "bert")
"""Examples that are stepped only on demand: they take long."""
WARM = 3
MORE: dict[str, Callable[[], tuple[Any, tuple[Any, ...]]]] = {
    "raises-indeed": lambda: (ZOO["raises"].build(), (torch.ones(2),)),
    "mismatched-shapes": lambda: (Mismatches(), (torch.ones(2, 3),)),
    "dropout-in-training": lambda: (Noisy().train(), (torch.ones(2, 4),)),
    "writes-into-a-leaf": lambda: (Noisy().train(), (torch.ones(2, 4, requires_grad=True),)),
}
"""What fails, and what draws random numbers."""
_FRAME = re.compile(r'File "([^"]*)", line (\d+)')
_SERIAL = re.compile(r"___torch_mangle_\d+\.|0x[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Row:
    """What came out for one model.

    Attributes:
        end: `finished`, or the class of what it raised.
        unoptimised, first, plan: `equal`, or what differs.
        planned: whether the plan, stepped itself, gives what it gives in PyTorch's executor; `-`
            where there is none, because the model fails.
    """

    name: str
    positions: int
    end: str
    unoptimised: str
    first: str
    plan: str
    planned: str


def main() -> int:
    """Prints the table; exits with 1 where a stepped run is not the unoptimised one."""
    warnings.simplefilter("ignore")
    names = sys.argv[1:] or [*ZOO, *MORE, *(one.name for one in EXAMPLES if one.name not in LARGE)]
    print(describe_conditions("python -m benchmarks.stepping"))
    print(_line("model", "positions", "end", "unoptimised", "first", "plan stepped", "plan"))
    wrong = 0
    for name in names:
        row = check(name, program_of(name))
        wrong += row.unoptimised != "equal" or row.planned == "differs"
        shown = row.name, f"{row.positions:,}", row.end, row.unoptimised, row.first, row.planned
        print(_line(*shown, row.plan), flush=True)
    print(f"\n{len(names) - wrong} of {len(names)} are stepped as they run unoptimised")
    return 1 if wrong else 0


def _line(name: str, positions: str, *rest: str) -> str:
    return f"{name:<30} {positions:>9}  " + " ".join(f"{one:<12}" for one in rest).rstrip()


def program_of(name: str) -> Program:
    """A model of the tests, or an example."""
    if name in MORE:
        model, args = MORE[name]()
        return tsviz.capture(model, args)
    if name in ZOO:
        return tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    example = get(name)
    return tsviz.capture(example.build().eval(), example.inputs())


def check(name: str, program: Program) -> Row:
    """Steps a program and compares."""
    with tsviz.debug(program) as session:
        stepped = _stepped(session)
        start = session._start.random
        state = session.state
    runs = [stepped, _unoptimised(program, start), *_warmed(program, start)]
    end = "finished" if state.fault is None else state.fault.kind
    first, plan = ("equal" if run == stepped else _named(program) for run in (runs[2], runs[-1]))
    return Row(
        name,
        state.position,
        end,
        _equal(runs[1], stepped),
        "equal" if first == "equal" else "differs",
        plan,
        "-" if state.fault is not None else _equal(_plan_stepped(program, start), runs[-1]),
    )


def _equal(one: object, other: object) -> str:
    return "equal" if one == other else "differs"


def _plan_stepped(program: Program, random: RandomState) -> object:
    with tsviz.debug(program, plan=True) as session:
        session._start = replace(session._start, random=random)
        session.restart()
        return _stepped(session)


def _stepped(session: Debugger) -> object:
    session.wait()
    while session.state.is_held:
        session.step()
        session.wait()
    if session.state.status is Status.FINISHED:
        return bits(session.result)
    assert session.error is not None
    return _failure(session.error)


def _failure(error: BaseException) -> object:
    """What a failure is to the user: class, words and lines, without serial numbers."""
    fault = read_fault(error)
    return fault.kind, _SERIAL.sub("", fault.message), _FRAME.findall(fault.text)


def _outcome(program: Program, random: RandomState, function: Callable[..., Any]) -> object:
    """What one run gives, from the state that a session starts from."""
    assert program.inputs is not None
    native, args, kwargs = natives.copy_for_run(
        program.native, program.inputs.args, program.inputs.kwargs
    )
    with natives.preserved_random_state(native):
        inputs = tuple(graph_inputs(native, program.method, args, kwargs))
        random.restore()
        result, error = outcome_of(lambda: bits(function(*inputs)))
        return result if error is None else _failure(error)


def _unoptimised(program: Program, random: RandomState) -> object:
    graph = natives.inlined_graph(program.native, program.method)
    function = internals._create_function_from_graph(program.method, graph)
    with jit.optimized_execution(False):
        return _outcome(program, random, function)


def _warmed(program: Program, random: RandomState) -> Iterator[object]:
    graph = natives.inlined_graph(program.native, program.method)
    function = internals._create_function_from_graph(program.method, graph)
    for _ in range(WARM):
        yield _outcome(program, random, function)


def _named(program: Program) -> str:
    """What PyTorch did in the plan of a program whose results differ."""
    assert program.inputs is not None
    try:
        planned, _ = find_plan_of(program, program.inputs.args, program.inputs.kwargs)
    except tsviz.TsvizError as error:
        return f"differs: {error.diagnostic.message}"
    return f"differs: {', '.join(causes(planned.graph)) or 'rewritten'}"


def causes(plan: Graph) -> list[str]:
    """What in a plan computes otherwise than the graph it was made from."""
    ops = {node.op for node in plan.iter_nodes()}
    found = {
        "fused": not ops.isdisjoint(FUSED),
        "autodiff": "prim::DifferentiableGraph" in ops,
        "mkldnn": any("mkldnn" in op for op in ops),
    }
    return [name for name, is_there in found.items() if is_there]


if __name__ == "__main__":
    sys.exit(main())
