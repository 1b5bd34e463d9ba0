"""What is known of the nodes of plans: `python -m benchmarks.coverage --passes`.

For every small model of the tests, every example and two models of transformers: the plan that the
executor runs without gradients, held against that of an untagged run, and how surely its nodes lead
back to a Python line.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

import tsviz
from benchmarks.conditions import describe_conditions
from benchmarks.gradient_coverage import gradient_table, gradient_verdicts, measure_gradients
from tsviz.examples import EXAMPLES
from tsviz.frontends import Program
from tsviz.ir import read_graph
from tsviz.ir.coverage import percent
from tsviz.jit.recording import Runtime
from tsviz.location import How
from tsviz.passes import PassTrace

LINKED, SURE, RUNNABLE = 0.99, 0.95, 0.8


@dataclass(frozen=True)
class Row:
    """What was found for one program.

    Attributes:
        hows: number of plan nodes by how surely their line is known.
        marked: number of plan nodes that the compiler's own marks lead back to the captured graph.
        is_equal: whether the plan is that of an untagged run.
        runnable: share of its snapshots that ran, made again from the neutral IR.
        culprit: the step that is blamed for other numbers, `None` if none is.
    """

    model: str
    variant: str
    steps: int
    changed: int
    hows: Counter[str]
    marked: int
    is_equal: bool
    runnable: float
    culprit: int | None

    @property
    def nodes(self) -> int:
        """How many nodes the plan has."""
        return self.hows.total()


def main() -> int:
    """Prints the table; returns 1 where a target is missed."""
    console = Console(width=max(Console().width, 170))  # a file has no width of its own
    console.print(describe_conditions("python -m benchmarks.coverage --passes"))
    rows: list[Row] = []
    for name, program in iter_programs():
        sys.stderr.write(f"\r{name:<40}")
        rows.append(measure(name, program))
    sys.stderr.write("\r")
    console.print(_table(rows))
    gradients = measure_gradients(iter_programs())
    console.print(gradient_table(gradients))
    verdicts = [*_verdicts(rows), *gradient_verdicts(gradients)]
    for text, is_shown in verdicts:
        console.print(f"{text}: {'shown' if is_shown else 'missed'}")
    return 0 if all(shown for _, shown in verdicts) else 1


def iter_programs() -> Iterator[tuple[str, Program]]:
    """The programs, each with its name."""
    from tests.models import ZOO
    from tests.models.transformers_models import TRANSFORMERS

    for name, small in ZOO.items():
        yield name, tsviz.capture(small.build(), small.inputs())
    for example in EXAMPLES:
        for via in ("script", "trace"):
            yield example.name, tsviz.capture(example.build(), example.inputs(), via=via)
    for name in ("bert-base", "gpt2-base"):
        built: Any = TRANSFORMERS[name]
        yield f"transformers {name}", tsviz.capture(built.build(), built.inputs(), via="trace")


def measure(name: str, program: Program) -> Row:
    """Records the pipeline of one program and compares it with an untagged run."""
    from tests.passes.comparing import native_plan, normalised

    trace = tsviz.run_passes(program, pipeline=Runtime(grad=False))
    blame = trace.blame()
    links = trace.last.links
    hows = Counter(str(links[node].how if node in links else How.NONE) for node in trace.last.nodes)
    inputs = program.inputs
    assert inputs is not None
    plan = native_plan(program.native, lambda: inputs.args)
    return Row(
        name,
        str(program.variant),
        len(trace),
        len(trace.changed),
        hows,
        sum(_is_marked(trace, node) for node in trace.last.nodes),
        normalised(trace.last) == normalised(read_graph(plan).graph),
        blame.runnable,
        blame.culprit,
    )


def _is_marked(trace: PassTrace, node: int) -> bool:
    """Whether no step on the way of a node back to the captured graph was inferred."""
    while node not in trace.first.nodes:
        origins = (record.sources.get(node) for record in trace.records)
        origin = next((found for found in origins if found is not None), None)
        if origin is None or origin.how is not How.EXACT:
            return False
        node = origin.sources[0]
    return True


def _table(rows: list[Row]) -> Table:
    table = Table("model", "variant")
    for title in ("steps", "changed", "nodes", *How, "marked", "same plan", "runnable", "blamed"):
        table.add_column(str(title), justify="right")
    for row in rows:
        shares = [percent(row.hows[how], row.nodes) for how in How]
        shares.append(percent(row.marked, row.nodes))
        blamed = "" if row.culprit is None else str(row.culprit)
        counts = (row.steps, row.changed, row.nodes)
        same = "yes" if row.is_equal else "NO"
        table.add_row(
            row.model, row.variant, *map(str, counts), *shares, same, f"{row.runnable:.0%}", blamed
        )
    return table


def _verdicts(rows: list[Row]) -> Iterator[tuple[str, bool]]:
    total = sum((row.hows for row in rows), Counter[str]())
    nodes, linked = total.total(), total.total() - total[How.NONE]
    sure = total[How.EXACT] + total[How.CALL]
    runnable = sum(row.runnable for row in rows) / len(rows)
    same = sum(row.is_equal for row in rows)
    clean = sum(row.culprit is None for row in rows)
    yield f"{percent(linked, nodes)} of {nodes:,} plan nodes have a line", linked >= LINKED * nodes
    yield f"{percent(sure, nodes)} of the lines are exact or call", sure >= SURE * nodes
    marked = sum(row.marked for row in rows)
    yield f"{percent(marked, nodes)} have an exact origin", marked >= SURE * nodes
    yield f"{same} of {len(rows)} plans are those of an untagged run", same == len(rows)
    yield f"{runnable:.0%} of the snapshots run", runnable >= RUNNABLE
    yield f"no pass is blamed in {clean} of {len(rows)}", clean == len(rows)
