"""The plan that PyTorch's executor runs of a warm program, to be stepped instead of its graph."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Inputs, Program
from tsviz.ir import Graph
from tsviz.jit.marking import FUSED
from tsviz.passes.pipeline import find_plan

_FORK = "prim::fork"


def find_plan_of(
    program: Program, args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[Program, object]:
    """A program whose graph is its plan, and that plan, live.

    A copy of the program runs until it is warm; the lines of the plan's nodes are those of the
    nodes that they were made from.

    Raises:
        UsageError: `TSV-D22` the plan has forks and fused groups.
        PassError: `TSV-S01` the model failed while it warmed up; `TSV-T13` PyTorch does not say
            what it runs.
    """
    trace, _, _ = find_plan(program, Inputs(tuple(args), dict(kwargs)))
    plan = trace.last
    check_plan(plan)
    return replace(program, graph=plan), trace.natives[0]


def check_plan(plan: Graph) -> None:
    """Refuses what no interpreter of ours runs.

    Raises:
        UsageError: `TSV-D22`.
    """
    ops = {node.op for node in plan.iter_nodes()}
    if _FORK in ops and not ops.isdisjoint(FUSED):
        message = "expected a plan that can be stepped, got one with both forks and fused groups"
        help = "leave `plan=True` out: the graph as it was compiled can be stepped"
        raise UsageError(Diagnostic("TSV-D22", message, help=help))
