"""Sweeps and throughput as tables of numbers."""

from typing import TYPE_CHECKING

from tsviz.profiler import Point, Rate, Spread, Sweep, Throughput

if TYPE_CHECKING:
    import pandas


def sweep_frame(found: Sweep) -> "pandas.DataFrame":
    """One row a point, in the order in which they were measured.

    Columns: `batch_size`, `threads`, `run_ms`, `quartile_1_ms`, `quartile_3_ms` (of one run without
    a profiler), `example_ms`, `examples_per_s` (by the median), `failure`. What was not measured is
    missing.
    """
    import pandas

    return pandas.DataFrame([_point_row(point) for point in found.points])


def _point_row(point: Point) -> dict[str, object]:
    low, middle, high = (None, None, None)
    if point.profile is not None:
        low, middle, high = _of(point.profile.plain, 1e6)
    return {
        "batch_size": point.batch_size,
        "threads": point.threads,
        "run_ms": middle,
        "quartile_1_ms": low,
        "quartile_3_ms": high,
        "example_ms": None if middle is None else middle / point.batch_size,
        "examples_per_s": point.per_second,
        "failure": None if point.failure is None else point.failure.message,
    }


def throughput_frame(found: Throughput) -> "pandas.DataFrame":
    """One row a variant and number of threads.

    Columns: `variant`, `threads`, `beside_python`, `calls_per_s`, `quartile_1`, `quartile_3` (of
    the rates of the repetitions), `times_one_thread` (the medians).
    """
    import pandas

    return pandas.DataFrame([_rate_row(found, rate) for rate in found.rates])


def _rate_row(found: Throughput, rate: Rate) -> dict[str, object]:
    low, middle, high = _of(rate.per_second, 1)
    return {
        "variant": rate.variant,
        "threads": rate.threads,
        "beside_python": rate.is_beside_python,
        "calls_per_s": middle,
        "quartile_1": low,
        "quartile_3": high,
        "times_one_thread": times_one_thread(found, rate),
    }


def times_one_thread(found: Throughput, rate: Rate) -> float | None:
    """How many times the calls of one thread alone; `None` where that was not measured."""
    alone = found.find(rate.variant, 1)
    return None if alone is None else rate.per_second.median / alone.per_second.median


def _of(spread: Spread, unit: float) -> tuple[float, float, float]:
    low, high = spread.quartiles
    return low / unit, spread.median / unit, high / unit
