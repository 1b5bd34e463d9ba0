"""A stepped program for the wire."""

import math
from typing import TYPE_CHECKING

from tsviz.protocol.debug_tables import (
    DebugBreakpoint,
    DebugFrame,
    DebugState,
    DebugValue,
    DebugWatch,
)
from tsviz.protocol.report_tables import DiagnosticPayload
from tsviz.views.reports import diagnostic_payload

if TYPE_CHECKING:
    from tsviz.debugger import Breakpoint, Debugger, State
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
    )


def state_payload(serial: int, debugger: "Debugger", rows: Rows, *, is_other: bool) -> DebugState:
    """Where a program is.

    Args:
        serial: the number of the answer.
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
    )


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
    found = view.statistics
    return DebugValue(
        name=name,
        row=rows.value(name),
        type=view.type,
        text=view.text,
        kind=found.kind if found else "",
        device=found.device if found else "",
        least=_finite(found.least if found else None),
        most=_finite(found.most if found else None),
        mean=_finite(found.mean if found else None),
        nans=found.nans if found else 0,
        infinities=found.infinities if found else 0,
        note=view.note,
        is_edited=view.edited,
        is_changed=is_changed,
        is_new=is_new,
        is_used=node is not None and rows.identity(name) in node.inputs,
    )


def _finite(number: float | None) -> float | None:
    """A mean of huge numbers may be none that JSON has."""
    return number if number is not None and math.isfinite(number) else None
