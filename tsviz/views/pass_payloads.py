"""A pass trace for the browser: its steps, and the snapshots that differ as further graphs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

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
)
from tsviz.protocol import Column
from tsviz.protocol.pass_tables import PassesPayload, PassPayload, RunPayload

_CAUSES = {cause: row for row, cause in enumerate(Cause)}
_ACTIONS = {action: row for row, action in enumerate(Action)}
_ADDED, _CHANGED, _MOVED = 1, 2, 3


def iter_snapshots(trace: PassTrace) -> Iterator[tuple[str, Graph, dict[int, int]]]:
    """Of the steps of the program itself that changed it: a name, the graph, what was changed.

    Before them, what they begin with, where that is not the program as it was captured.
    """
    if _begins_elsewhere(trace):
        yield "as first printed", own_tables(trace.first), {}
    for record in trace:
        if not record.part and record.is_changed:
            yield f"after {record.name}", own_tables(record.after), changes_of(record)


def _begins_elsewhere(trace: PassTrace) -> bool:
    return trace.first is not trace.program.graph


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


def passes_payload(trace: PassTrace, first_row: int, number: Callable[[int], int]) -> PassesPayload:
    """The steps of the program itself.

    Args:
        first_row: of the document's graphs, the row of the first snapshot.
        number: a node's id → what it is called in the document.
    """
    records: list[PassPayload] = []
    rows: dict[int, int] = {}  # of the records, by the index of the step
    row = 0  # the program as it was captured
    if _begins_elsewhere(trace):
        row, first_row = first_row, first_row + 1
    for record in trace:
        if record.part:
            continue
        if record.is_changed:
            row = first_row
            first_row += 1
        rows[record.index] = len(records)
        records.append(_pass_payload(record, row, number))
    inside = len(trace) - len(records)
    runs = [_run_payload(run, rows.get(run.plan, -1)) for run in trace.runs]
    return PassesPayload(trace.pipeline, inside, records, runs)


def _run_payload(run: RunRecord, plan: int) -> RunPayload:
    return RunPayload(run.number, run.seconds, run.steps, run.parts, run.bailouts, plan)


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
        graph=row,
        added=len(diff.added),
        removed=len(diff.removed),
        changed=len(diff.changed),
        moved=len(diff.moved),
        summary=describe_pass(record.name),
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
