"""A comparison of profiles, and a sweep, for the browser."""

from collections.abc import Callable, Mapping, Sequence
from math import isinf, nan
from statistics import median

from tsviz.profiler import Change, Point, Profile, ProfileComparison, Sweep
from tsviz.protocol import Column
from tsviz.protocol.profile_tables import AgainstPayload, ChangesPayload, SweepPayload

Said = Callable[[str], str]


def against_payload(
    found: ProfileComparison, files: Mapping[str, int], said: Said
) -> AgainstPayload:
    """The comparison as columns.

    Args:
        files: paths → rows of the document, which is that of the later program.
        said: what a text becomes that may leave this machine.
    """
    lines = found.lines
    here = [files.get(one.path, -1) if one.after else -1 for one in lines]
    return AgainstPayload(
        said(describe(found.before)),
        said(describe(found.after)),
        found.of_kernels,
        _changes([found.whole]),
        Column.of("i32", here),
        Column.of("i32", (one.line for one in lines)),
        [_place(one) for one in lines],
        [one.code for one in lines],
        _changes(lines),
        [one.path for one in found.modules],
        _changes(found.modules),
    )


def describe(profile: Profile) -> str:
    """What was measured, and how."""
    program = profile.program
    parts = (program.name, program.variant, profile.conditions, f"{profile.runs} runs")
    return " · ".join(map(str, parts))


def _place(change: Change) -> str:
    if not change.line:
        return ""
    name = change.path.replace("\\", "/").rpartition("/")[2]
    return f"{name}:{change.line}"


def _changes(changes: Sequence[Change]) -> ChangesPayload:
    def column(of: Callable[[Change], float]) -> Column:
        return Column.of("f64", map(of, changes))

    return ChangesPayload(
        column(lambda one: median(one.before) if one.before else nan),
        column(lambda one: median(one.after) if one.after else nan),
        column(lambda one: one.difference.middle),
        column(lambda one: _finite(one.difference.low)),
        column(lambda one: _finite(one.difference.high)),
        [one.verdict for one in changes],
    )


def _finite(bound: float) -> float:
    return nan if isinf(bound) else bound


def sweep_payload(found: Sweep, said: Said) -> SweepPayload:
    """The points as columns."""
    points = found.points
    times = [_times(point) for point in points]
    return SweepPayload(
        Column.of("i32", (point.batch_size for point in points)),
        Column.of("i32", (point.threads for point in points)),
        Column.of("f64", (low for low, _, _ in times)),
        Column.of("f64", (middle for _, middle, _ in times)),
        Column.of("f64", (high for _, _, high in times)),
        Column.of("f64", (nan if p.per_second is None else p.per_second for p in points)),
        [said(p.failure.message) if p.failure is not None else "" for p in points],
        next((at for at, point in enumerate(points) if point.profile is not None), -1),
        found.is_interrupted,
    )


def _times(point: Point) -> tuple[float, float, float]:
    """Quartiles and the median between them."""
    if point.profile is None:
        return nan, nan, nan
    low, high = point.profile.plain.quartiles
    return low, point.profile.plain.median, high
