"""What a debugger shows, as tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tsviz.debugger import Record, RecordDiff, Recorded, ValueView

if TYPE_CHECKING:
    import pandas

_MEASURES = ("dtype", "shape", "device", "least", "most", "mean", "deviation", "nans", "infinities")


def values_frame(values: Iterable[ValueView]) -> "pandas.DataFrame":
    """One row a value.

    Columns: `name` (the index), `type`, `text`, `note` (why there is nothing to show), and of
    tensors `dtype`, `shape`, `device`, `least`, `most`, `mean`, `deviation` (of what is finite),
    `nans`, `infinities`.
    """
    import pandas

    rows = [
        {
            "name": value.name,
            "type": value.type,
            "text": value.text,
            "note": value.note,
            **{name: getattr(value.statistics, name, None) for name in _MEASURES},
        }
        for value in values
    ]
    columns = ["name", "type", "text", "note", *_MEASURES]
    return pandas.DataFrame(rows, columns=columns).set_index("name")


def record_frame(record: Record) -> "pandas.DataFrame":
    """One row a value, in the order in which they were computed.

    Columns: `position` (0 for what the program was given), `value`, `op`, `scope`, `file`, `line`,
    `mark` (a fingerprint of all bits), and of tensors `dtype`, `shape`, `device`, `least`, `most`,
    `mean`, `deviation` (where it was computed), `nans`, `infinities`.
    """
    import pandas

    rows = [
        {
            **_place(record, entry),
            "mark": f"{entry.mark:016x}",
            **{name: getattr(entry.statistics, name, None) for name in _MEASURES},
        }
        for entry in record.entries
    ]
    columns = [*_PLACE, "mark", *_MEASURES]
    return pandas.DataFrame(rows, columns=columns).astype({"line": "Int64"})


_PLACE = ("position", "value", "op", "scope", "file", "line")


def _place(record: Record, entry: Recorded) -> dict[str, object]:
    maker = record.places.makers[entry.value]
    line = record.line(entry)
    return {
        "position": entry.position,
        "value": record.name(entry),
        "op": record.op(entry),
        "scope": record.places.scope(maker) if maker else "",
        "file": line.file if line is not None else None,
        "line": line.line if line is not None else None,
    }


def drift_frame(diff: RecordDiff) -> "pandas.DataFrame":
    """One row a pair of values that stand for each other, in order.

    Columns: as of a record for the first run's value, `other` (the other's name), `equal` (bit for
    bit), `drift` (the largest difference of their samples by the largest number in them).
    """
    import pandas

    rows = [
        {
            **_place(diff.one, pair.one),
            "other": diff.other.name(pair.other),
            "equal": pair.is_equal,
            "drift": pair.drift,
        }
        for pair in diff.pairs
    ]
    columns = [*_PLACE, "other", "equal", "drift"]
    return pandas.DataFrame(rows, columns=columns).astype({"line": "Int64", "drift": "Float64"})
