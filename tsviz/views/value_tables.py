"""What a debugger shows, as tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tsviz.debugger import ValueView

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
