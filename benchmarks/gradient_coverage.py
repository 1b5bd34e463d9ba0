"""What is known of the nodes of plans with gradients: part of `benchmarks.coverage --passes`.

The nodes of a backward graph carry no ranges. They are linked by what autodiff says of them in its
log, or by what they use and what uses them; what has neither is counted as none.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.table import Table

import tsviz
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.ir.coverage import percent
from tsviz.jit.recording import Runtime
from tsviz.location import How
from tsviz.passes import Action, Origin, PassRecord, PassTrace
from tsviz.passes.runtime import DIFFERENTIATE

LINKED = 0.9
RULES = ("autodiff's log", "def-use", "none")


@dataclass(frozen=True)
class Row:
    """What was found for one program.

    Attributes:
        forward, unlinked: number of nodes of the plan and of its forward parts, and how many of
            them have no line.
        rules: number of nodes of backward plans by how they were linked.
    """

    model: str
    variant: str
    steps: int
    parts: int
    forward: int
    unlinked: int
    rules: Counter[str]


def measure_gradients(programs: Iterable[tuple[str, Program]]) -> list[Row]:
    """Records every program with gradients; those without any part are left out."""
    rows: list[Row] = []
    for name, program in programs:
        sys.stderr.write(f"\r{name:<40}")
        trace = tsviz.run_passes(program, pipeline=Runtime(grad=True))
        if any(record.part for record in trace):
            rows.append(_measure(name, trace))
    sys.stderr.write("\r")
    return rows


def _measure(name: str, trace: PassTrace) -> Row:
    parts: dict[int, list[PassRecord]] = {}
    for record in trace:
        parts.setdefault(record.part, []).append(record)
    origins = {
        origin.node: origin
        for record in trace
        for origin in record.origins
        if origin.action is not Action.MOVED
    }
    rules: Counter[str] = Counter()
    forward: list[Graph] = []
    for steps in parts.values():
        plan = steps[-1].after
        if steps[0].name == DIFFERENTIATE:
            rules.update(_rule(origins, node) for node in plan.nodes)
        else:
            forward.append(plan)
    nodes = [(plan, node) for plan in forward for node in plan.nodes.values()]
    unlinked = sum(plan.link(node).how is How.NONE for plan, node in nodes)
    program = trace.program
    counts = (len(trace), len(parts) - 1, len(nodes), unlinked)
    return Row(name, str(program.variant), *counts, rules)


def _rule(origins: dict[int, Origin], node: int) -> str:
    """How a node was linked: by the log, copies included, or by the nodes around it."""
    origin = origins.get(node)
    if origin is None:
        return "none"
    while origin is not None and origin.action is Action.COPIED:
        origin = origins.get(origin.sources[0])
    return RULES[0] if origin is not None and origin.action is Action.GRADIENT else RULES[1]


def gradient_table(rows: list[Row]) -> Table:
    """One row a program."""
    table = Table("with gradients", "variant")
    for title in ("steps", "parts", "forward", "without a line", "backward", *RULES):
        table.add_column(title, justify="right")
    for row in rows:
        backward = row.rules.total()
        shares = [percent(row.rules[rule], backward) for rule in RULES] if backward else [""] * 3
        counts = (row.steps, row.parts, row.forward, row.unlinked, backward)
        table.add_row(row.model, row.variant, *map(str, counts), *shares)
    return table


def gradient_verdicts(rows: list[Row]) -> Iterator[tuple[str, bool]]:
    """What was to be shown, and whether it is."""
    rules = sum((row.rules for row in rows), Counter[str]())
    total, linked = rules.total(), rules.total() - rules["none"]
    shares = ", ".join(f"{percent(rules[rule], total)} by {rule}" for rule in RULES[:2])
    text = f"{percent(linked, total)} of {total:,} nodes of backward plans are linked ({shares})"
    yield text, linked >= LINKED * total
    forward = sum(row.forward for row in rows)
    unlinked = sum(row.unlinked for row in rows)
    yield f"{unlinked} of {forward:,} other nodes have no line", unlinked == 0
