"""Two profiles held against each other, as tables of numbers."""

from statistics import median
from typing import TYPE_CHECKING

from tsviz.profiler import Change, ProfileComparison

if TYPE_CHECKING:
    import pandas

_TIMES = ("before_us", "after_us", "difference_us", "low_us", "high_us", "ratio")


def lines_frame(found: ProfileComparison) -> "pandas.DataFrame":
    """One row a line, the largest difference first.

    Columns: `file`, `line`, `code`; `before_us`, `after_us` (medians of one run, missing where it
    took none), `difference_us` and the interval `low_us` to `high_us` it lies in with 95%
    confidence for all rows together (infinite where the runs are too few), `ratio`, `verdict`.
    """
    rows = [
        {"file": one.path or None, "line": one.line or None, "code": one.code, **_row(one)}
        for one in found.lines
    ]
    return _frame(rows, ["file", "line", "code"]).astype({"line": "Int64"})


def modules_frame(found: ProfileComparison) -> "pandas.DataFrame":
    """One row a module with those in it ("" is the program); columns as `lines_frame`."""
    return _frame([{"module": one.path, **_row(one)} for one in found.modules], ["module"])


def _row(change: Change) -> dict[str, object]:
    apart = change.difference
    return {
        "before_us": _median(change.before),
        "after_us": _median(change.after),
        "difference_us": apart.middle / 1e3,
        "low_us": apart.low / 1e3,
        "high_us": apart.high / 1e3,
        "ratio": change.ratio,
        "verdict": change.verdict,
    }


def _median(values: tuple[float, ...]) -> float | None:
    return median(values) / 1e3 if values else None


def _frame(rows: list[dict[str, object]], names: list[str]) -> "pandas.DataFrame":
    import pandas

    frame = pandas.DataFrame(rows, columns=[*names, *_TIMES, "verdict"])
    return frame.astype(dict.fromkeys(_TIMES, "float64"))
