"""Two records of runs for the wire: how far they drift apart along the program."""

from pathlib import PurePath
from typing import TYPE_CHECKING

from tsviz.protocol.columns import Column
from tsviz.protocol.debug_tables import DebugDrift

if TYPE_CHECKING:
    from tsviz.debugger import Pair, Record, RecordDiff
    from tsviz.views.debug_payloads import Rows

MOST = 3000
"""So many rows are sent."""


def drift_payload(rows: "Rows", diff: "RecordDiff") -> DebugDrift:
    """How far two records are apart."""
    first = diff.first
    pairs = _some([pair for pair in diff.pairs if _is_shown(pair)], first)
    one, other = diff.one, diff.other
    return DebugDrift(
        words=str(diff),
        first=next((at for at, pair in enumerate(pairs) if pair is first), -1),
        pairs=len(diff.pairs),
        position=Column.of("i32", (pair.one.position for pair in pairs)),
        node=Column.of("i32", (_node(rows, one, pair) for pair in pairs)),
        drift=Column.of("f64", (_drift(pair) for pair in pairs)),
        equal=Column.of("u8", (pair.is_equal for pair in pairs)),
        names=[one.name(pair.one) for pair in pairs],
        others=[other.name(pair.other) for pair in pairs],
        ops=[one.op(pair.one) for pair in pairs],
        places=[_place(one, pair) for pair in pairs],
    )


def _is_shown(pair: "Pair") -> bool:
    return pair.drift is not None or not pair.is_equal


def _some(pairs: "list[Pair]", first: "Pair | None") -> "list[Pair]":
    """Not more than are sent, evenly taken, the first difference among them."""
    step = -(-len(pairs) // MOST) or 1
    return [pair for at, pair in enumerate(pairs) if at % step == 0 or pair is first]


def _node(rows: "Rows", record: "Record", pair: "Pair") -> int:
    maker = record.places.makers[pair.one.value]
    return rows.find_node(maker) if maker else -1


def _drift(pair: "Pair") -> float:
    return float("nan") if pair.drift is None else pair.drift


def _place(record: "Record", pair: "Pair") -> str:
    line = record.line(pair.one)
    return f"{PurePath(line.file).name}:{line.line}" if line else ""
