"""A stepped program for the wire."""

from typing import TYPE_CHECKING

from tsviz.protocol.debug_tables import (
    DebugBreakpoint,
    DebugFrame,
    DebugPin,
    DebugRecord,
    DebugState,
    DebugValue,
    DebugWatch,
)
from tsviz.protocol.report_tables import DiagnosticPayload
from tsviz.views.reports import diagnostic_payload
from tsviz.views.value_details import summary_payload

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tsviz.debugger import Breakpoint, Debugger, Pin, Record, State
    from tsviz.ir import Graph
    from tsviz.location import FileRange


class Rows:
    """Where nodes and values stand in the tables of a graph.

    Attributes:
        nodes: their ids, in order.
    """

    def __init__(self, graph: "Graph") -> None:
        self.nodes = tuple(graph.nodes)
        self._nodes = {node: row for row, node in enumerate(graph.nodes)}
        self._values = {value: row for row, value in enumerate(graph.values)}
        self._names = {f"%{value.name}": value.id for value in graph.values.values()}

    def node(self, node: int) -> int:
        """The row of a node."""
        return self._nodes[node]

    def find_node(self, node: int) -> int:
        """The row of a node, -1 for one of another graph."""
        return self._nodes.get(node, -1)

    def value(self, name: str) -> int:
        """The row of a value."""
        return self._values[self._names[name]]

    def identity(self, name: str) -> int:
        """The id of a value."""
        return self._names[name]


def no_state(serial: int) -> DebugState:
    """That nothing is stepped."""
    return DebugState(
        serial,
        "none",
        False,
        0,
        0,
        -1,
        "",
        False,
        False,
        "",
        "",
        0,
        "",
        0,
        [],
        "",
        None,
        [],
        [],
        [],
        [],
        [],
    )


def state_payload(
    serial: int,
    debugger: "Debugger",
    rows: Rows,
    records: "Mapping[str, Record]",
    *,
    is_other: bool,
) -> DebugState:
    """Where a program is.

    Args:
        serial: the number of the answer.
        records: those that were made, by name.
        is_other: whether its graph is not the one that was captured.
    """
    state = debugger.state
    watches = {} if state.is_running else debugger.watches()
    return DebugState(
        serial=serial,
        status=str(state.status),
        is_other=is_other,
        position=state.position,
        furthest=state.furthest,
        node=-1 if state.node is None else rows.node(state.node.id),
        text=state.text,
        is_head=state.is_head,
        is_after=state.after,
        reason=state.reason,
        scope=state.scope,
        iteration=state.iterations[-1][1] if state.iterations else 0,
        path=state.line.file if state.line is not None else "",
        line=state.line.line if state.line is not None else 0,
        frames=[_frame(place) for place in state.frames],
        result=_result(debugger, state),
        fault=_fault(debugger, state),
        notes=[diagnostic_payload(note) for note in state.notes],
        breakpoints=[_breakpoint(one, rows) for one in debugger.breakpoints],
        watches=[DebugWatch(text, watches.get(text, "")) for text in debugger.watched],
        pins=[_pin(one, rows) for one in debugger.pins],
        records=[DebugRecord(name, len(one), _end(one)) for name, one in records.items()],
    )


def _end(record: "Record") -> str:
    return f"{record.fault.kind}: {record.fault.message}" if record.fault else ""


def _pin(pin: "Pin", rows: Rows) -> DebugPin:
    from tsviz.debugger.values import describe

    node = rows.node(pin.node) if pin.node else -1
    return DebugPin(pin.name, describe(pin.what), pin.position, node)


def _frame(place: "FileRange") -> DebugFrame:
    return DebugFrame(
        place.file, place.line, place.col, place.end_line, place.end_col, place.function
    )


def _breakpoint(one: "Breakpoint", rows: Rows) -> DebugBreakpoint:
    path, line = one.spot.line or ("", 0)
    is_single = not path and len(one.spot.nodes) == 1
    return DebugBreakpoint(
        number=one.number,
        text=one.spot.text,
        when=one.when.text if one.when is not None else "",
        after=one.after,
        hits=one.hits,
        path=path,
        line=line,
        node=rows.node(next(iter(one.spot.nodes))) if is_single else -1,
        failure=one.failure,
    )


def _result(debugger: "Debugger", state: "State") -> str:
    from tsviz.debugger import Status
    from tsviz.debugger.values import describe

    return describe(debugger.result) if state.status is Status.FINISHED else ""


def _fault(debugger: "Debugger", state: "State") -> DiagnosticPayload | None:
    """What the program raised, explained; its head is the class that the user knows."""
    error = debugger.error
    if state.fault is None or error is None:
        return None
    from tsviz.frontends.failures import explain

    said = diagnostic_payload(explain(error).diagnostic) if isinstance(error, Exception) else None
    return DiagnosticPayload(
        code=said.code if said else "",
        severity="error",
        message=said.message if said else f"{state.fault.kind}: {state.fault.message}",
        file=-1,
        line=-1,
        notes=[*_raised_as(state.fault.kind, said), *(said.notes if said else ())],
        help=said.help if said else "",
    )


def _raised_as(kind: str, said: DiagnosticPayload | None) -> list[str]:
    return [] if said is None or kind in said.message else [f"raised as {kind}"]


def value_payload(
    debugger: "Debugger", rows: Rows, name: str, *, is_new: bool, is_changed: bool
) -> DebugValue:
    """A value where a program is held.

    Args:
        name: with its `%`.
        is_new: whether it was not in sight at the last stop.
        is_changed: whether it was another one there.
    """
    view, node = debugger.value(name), debugger.state.node
    is_used = node is not None and rows.identity(name) in node.inputs
    return summary_payload(
        view, rows.value(name), is_changed=is_changed, is_new=is_new, is_used=is_used
    )
