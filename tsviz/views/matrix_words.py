"""The variant matrix in words: what its page, its HTML and its tables have in common."""

from collections.abc import Iterator

from tsviz.comparison.control_flow import ControlFlow
from tsviz.comparison.latency import Latency
from tsviz.comparison.matrix import VariantMatrix, VariantRow
from tsviz.comparison.saved import Saved
from tsviz.comparison.sites import Site, SiteKind
from tsviz.comparison.trials import Errors
from tsviz.location import FileRange

TITLES = (
    "variant",
    "works",
    "control flow kept",
    "inputs wrong",
    "absolute error",
    "relative error",
    "ULP",
    "latency [ms]",
    "first call [ms]",
    "until stable [ms]",
    "file [bytes]",
    "same after loading",
)
_NOT_MEASURED = "-"
LATENCY_WORDS = (
    "latency: median (quartiles) of single calls in this process, by turns with those of the other "
    "variants, short ones each after one that is not timed; first call and calls until the plan is "
    "stable: of a copy never called before; the number of threads, the grad mode and whatever else "
    "runs meanwhile change all of them"
)


def cells_of(row: VariantRow) -> tuple[str, ...]:
    """A row as texts, in the order of `TITLES`."""
    return (
        row.variant,
        "yes" if row.works else "no",
        _kept(row.control_flow),
        *_errors(row.errors),
        *_latency(row.latency),
        *_saved(row.saved),
    )


def _kept(found: ControlFlow | None) -> str:
    return _NOT_MEASURED if found is None else f"{len(found.kept)} of {found.total}"


def _errors(found: Errors | None) -> Iterator[str]:
    if found is None:
        yield from (_NOT_MEASURED,) * 4
        return
    yield f"{found.wrong} of {found.tried}"
    yield _number(found.absolute)
    yield _number(found.relative)
    yield _NOT_MEASURED if found.ulp is None else f"{found.ulp:,}"


def _number(value: float | None) -> str:
    return _NOT_MEASURED if value is None else f"{value:.3g}"


def _latency(found: Latency | None) -> Iterator[str]:
    if found is None:
        yield from (_NOT_MEASURED,) * 3
        return
    quartiles = found.quartiles
    if quartiles is None:
        yield _NOT_MEASURED
    else:
        low, median, high = (milliseconds(value) for value in quartiles)
        yield f"{median} ({low} to {high})"
    yield milliseconds(found.first)
    calls = len(found.warm_ups)
    stable = f"{calls} calls" if found.is_stable else f"not in {calls} calls"
    yield f"{milliseconds(sum(found.warm_ups))} ({stable})"


def milliseconds(seconds: float) -> str:
    """Three significant digits, and all of those before the point."""
    value = 1e3 * seconds
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def _saved(found: Saved | None) -> Iterator[str]:
    if found is None:
        yield from (_NOT_MEASURED,) * 2
        return
    yield "not saved" if found.file_bytes is None else f"{found.file_bytes:,}"
    if found.is_loaded is None:
        yield _NOT_MEASURED
    elif found.is_same is None:
        yield "not loaded"
    else:
        yield "yes" if found.is_same else "no"


def iter_remarks(row: VariantRow) -> Iterator[str]:
    """What stands below the table of a variant that works: how it was made, what it loses."""
    if row.program is not None and row.program.banner:
        yield row.program.banner
    if row.errors is not None and row.errors.worst:
        yield f"wrong: {row.errors.worst}"
    if row.errors is not None and row.errors.unsteady:
        yield f"Python does not agree with itself on {row.errors.unsteady} more inputs"
    if row.saved is not None and row.saved.reason:
        yield row.saved.reason
    if row.untimed:
        yield f"its calls were not timed: {row.untimed}"


def lost_places(row: VariantRow) -> tuple[tuple[FileRange, str], ...]:
    """Each decision that a variant lost: its place, and what it is in Python."""
    if row.control_flow is None:
        return ()
    return tuple((site.place, _in_words(site)) for site in row.control_flow.lost)


def _in_words(site: Site) -> str:
    begin = "for … in" if site.kind is SiteKind.FOR else str(site.kind)
    return f"{begin} {site.condition}"


def head_of(found: VariantMatrix) -> tuple[str, str]:
    """The title, and the conditions in a line."""
    working = sum(row.works for row in found.rows)
    stopped = " (stopped before all were measured)" if found.is_interrupted else ""
    title = f"{found.title}: {working} of {len(found.rows)} variants work{stopped}"
    return title, f"{found.conditions}; inputs that count: {found.domain}"
