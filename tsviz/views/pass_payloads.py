"""A pass trace for the browser: its steps, and the snapshots that differ as further graphs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from tsviz.ir import Graph
from tsviz.location import How
from tsviz.passes import (
    Action,
    Cause,
    PassRecord,
    PassTrace,
    RunRecord,
    describe_pass,
    describe_rewrites,
    lesson_of,
)
from tsviz.protocol import Column
from tsviz.protocol.pass_tables import PartPayload, PassesPayload, PassPayload, RunPayload
from tsviz.views.pass_parts import PART_NODES, Part, find_parts

_CAUSES = {cause: row for row, cause in enumerate(Cause)}
_ACTIONS = {action: row for row, action in enumerate(Action)}
_ADDED, _CHANGED, _MOVED = 1, 2, 3


class Snapshot(NamedTuple):
    """What a pass left: a name for it, the graph, and node id → what the pass did to it."""

    name: str
    graph: Graph
    changes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Recording:
    """A trace laid out for a document.

    Attributes:
        parts: those compiled by themselves, by number.
        snapshots: what become further graphs of the document, in order.
        begins: number of a part → row of the graph it begins with, -1 where there is none.
        after: for every step, the row of the graph after it, -1 where it does not travel.
    """

    trace: PassTrace
    parts: Mapping[int, Part]
    snapshots: Sequence[Snapshot]
    begins: Mapping[int, int]
    after: Sequence[int]

    def payload(self, number: Callable[[int], int]) -> PassesPayload:
        """The steps for the wire.

        Args:
            number: a node's id → what it is called in the document.
        """
        trace = self.trace
        steps = zip(trace, self.after, strict=True)
        return PassesPayload(
            pipeline=trace.pipeline,
            records=[_pass_payload(record, row, number) for record, row in steps],
            runs=[_run_payload(run) for run in trace.runs],
            parts=[self._part_payload(part) for part in self.parts.values()],
        )

    def _part_payload(self, part: Part) -> PartPayload:
        first = part.records[0]
        op = "" if part.has_beginning else "backward"
        return PartPayload(
            number=part.number,
            kind=self.trace.groups.get(part.number, op),
            parent=first.parent,
            within=part.within,
            graph=self.begins[part.number],
            travels=part.travels,
        )


def lay_out(trace: PassTrace, first_row: int, most: int = PART_NODES) -> Recording:
    """Which graphs of a trace become graphs of a document, and in which rows.

    They are those of the steps that changed something. Before them stand what the program begins
    with, where that is not as it was captured, and what a part begins with.

    Args:
        first_row: row of the first of them; the program as it was captured has row 0.
        most: how many nodes of parts travel.
    """
    parts = find_parts(trace, most)
    snapshots: list[Snapshot] = []
    begins, rows, after = dict[int, int](), {0: 0}, list[int]()

    def add(name: str, graph: Graph, changes: Mapping[int, int]) -> int:
        snapshots.append(Snapshot(name, own_tables(graph), changes))
        return first_row + len(snapshots) - 1

    if trace.first is not trace.program.graph:
        rows[0] = add("as first printed", trace.first, {})
    for record in trace:
        part = parts.get(record.part)
        prefix = f"part {part.number} · " if part else ""
        if part and part.number not in begins:
            begins[part.number] = rows[part.number] = (
                add(f"{prefix}as taken out", record.before, {})
                if part.travels and part.has_beginning
                else -1
            )
        if record.is_changed and (part is None or part.travels):
            rows[record.part] = add(
                f"{prefix}after {record.name}", record.after, changes_of(record)
            )
        after.append(rows[record.part])
    return Recording(trace, parts, snapshots, begins, after)


def own_tables(graph: Graph) -> Graph:
    """A graph without what its tables say of other snapshots."""
    blocks = [graph.block, *(block for node in graph.nodes.values() for block in node.blocks)]
    values = {value for block in blocks for value in block.params}
    values.update(value for node in graph.nodes.values() for value in node.outputs)
    return replace(
        graph,
        values={value: graph.values[value] for value in values},
        types={value: graph.types[value] for value in values},
        links={node: graph.links[node] for node in graph.nodes if node in graph.links},
    )


def changes_of(record: PassRecord) -> dict[int, int]:
    """Node id → what the step did to it, as `NodesPayload.change` has it."""
    diff = record.diff
    edited = (change.node for change in diff.changed)
    return {
        **dict.fromkeys(diff.moved, _MOVED),
        **dict.fromkeys(edited, _CHANGED),
        **dict.fromkeys(diff.added, _ADDED),
    }


def _run_payload(run: RunRecord) -> RunPayload:
    return RunPayload(run.number, run.seconds, run.steps, run.parts, run.bailouts, run.plan)


def _pass_payload(record: PassRecord, row: int, number: Callable[[int], int]) -> PassPayload:
    diff, fates = record.diff, record.fates
    added = set(diff.added)
    gone = [fates[node] for node in diff.removed if node in fates]
    made = [origin for origin in record.origins if origin.node in added]
    heirs_at, heirs = _rows((fate.successors for fate in gone), number)
    sources_at, sources = _rows((origin.sources for origin in made), number)
    return PassPayload(
        name=record.name,
        stage=record.stage,
        run=record.run,
        part=record.part,
        graph=row,
        added=len(diff.added),
        removed=len(diff.removed),
        changed=len(diff.changed),
        moved=len(diff.moved),
        summary=describe_pass(record.name),
        lesson=lesson_of(record.name),
        words=list(describe_rewrites(record)),
        seconds=record.seconds,
        is_checked=record.is_checked,
        failure=record.failure,
        gone=Column.of("i32", (number(fate.node) for fate in gone)),
        cause=Column.of("u8", (_CAUSES[fate.cause] for fate in gone)),
        heirs_at=heirs_at,
        heirs=heirs,
        made=Column.of("i32", (number(origin.node) for origin in made)),
        action=Column.of("u8", (_ACTIONS[origin.action] for origin in made)),
        exact=Column.of("u8", (int(origin.how is How.EXACT) for origin in made)),
        sources_at=sources_at,
        sources=sources,
    )


def _rows(nodes: Iterable[tuple[int, ...]], number: Callable[[int], int]) -> tuple[Column, Column]:
    """The numbers of the nodes of each row: where each row begins, and all rows in one."""
    ends, numbers = [0], list[int]()
    for row in nodes:
        numbers += map(number, row)
        ends.append(len(numbers))
    return Column.of("i32", ends), Column.of("i32", numbers)
