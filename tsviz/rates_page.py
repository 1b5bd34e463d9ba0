"""What `print` shows of a sweep, and of the throughput of several threads."""

from collections.abc import Iterator
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.profile_page import page_bundle
from tsviz.profiler import Point, Rate, Sweep, Throughput
from tsviz.terminal import diagnostic_text, printable
from tsviz.views.quantities import time_words
from tsviz.views.rates_tables import times_one_thread

_WIDTH = 110


def sweep_text(found: Sweep) -> str:
    """The page as plain text."""
    return _as_text(sweep_page(found))


def sweep_mimebundle(found: Sweep) -> dict[str, str]:
    """The page as text, and the same in a fixed font."""
    return page_bundle(sweep_text(found))


def throughput_text(found: Throughput) -> str:
    """The page as plain text."""
    return _as_text(throughput_page(found))


def throughput_mimebundle(found: Throughput) -> dict[str, str]:
    """The page as text, and the same in a fixed font."""
    return page_bundle(throughput_text(found))


def _as_text(page: RenderableType) -> str:
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(page, highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


# ── sweeps ──────────────────────────────────────────────────────────────────────────────────────


def sweep_page(found: Sweep) -> RenderableType:
    """A row a point, then why some have no time."""
    program = found.program
    title = Text.assemble((printable(program.name), "bold"), f" · {program.variant}")
    table = _table("batch size", "threads", "a run", "", "an example", "examples/s")
    for point in found.points:
        table.add_row(*_point_cells(point))
    parts: list[RenderableType] = [title, "", table, *_stopped(is_interrupted=found.is_interrupted)]
    parts.append(Text("a run: median [quartiles] without a profiler, warm-up apart", "dim"))
    sources = tuple(program.sources.values())
    for point in found.points:
        if point.failure is not None:
            parts += ["", Text(f"batch size {point.batch_size}, {_threads(point.threads)}:")]
            parts.append(diagnostic_text(point.failure, sources))
    return Group(*parts)


def _point_cells(point: Point) -> Iterator[str]:
    yield from (str(point.batch_size), str(point.threads))
    if point.profile is None:
        yield from ("fails", "", "", "")
        return
    spread = point.profile.plain
    low, high = spread.quartiles
    yield time_words(spread.median)
    yield f"[{time_words(low)}, {time_words(high)}]"
    yield time_words(spread.median / point.batch_size)
    yield f"{point.per_second or 0:,.0f}"


# ── throughput ──────────────────────────────────────────────────────────────────────────────────


def throughput_page(found: Throughput) -> RenderableType:
    """A row a variant and number of threads, and what the columns say."""
    conditions = (
        f" · {_threads(found.op_threads)} an op, {found.cores} core{'s' * (found.cores > 1)}, "
        f"{found.repetitions} repetition{'s' * (found.repetitions > 1)} in turns"
    )
    table = _table("variant", "Python threads", "calls/s", "", "times one thread")
    for rate in found.rates:
        table.add_row(*_rate_cells(found, rate))
    return Group(
        Text.assemble((printable(found.program.name), "bold"), conditions),
        "",
        table,
        *_stopped(is_interrupted=found.is_interrupted),
        Text(
            "calls/s: of all threads together, median [quartiles]\n"
            "beside Python: while one more thread computes in Python, and holds Python's lock (the "
            "GIL) whenever it can",
            "dim",
        ),
    )


def _rate_cells(found: Throughput, rate: Rate) -> Iterator[str]:
    spread = rate.per_second
    low, high = spread.quartiles
    times = times_one_thread(found, rate)
    yield printable(rate.variant)
    yield f"{rate.threads}{', beside Python' * rate.is_beside_python}"
    yield f"{spread.median:,.0f}"
    yield f"[{low:,.0f}, {high:,.0f}]"
    yield "" if times is None else f"{times:.2f}"


# ── both ────────────────────────────────────────────────────────────────────────────────────────


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in columns:
        is_left = name in ("variant", "Python threads")
        table.add_column(name, justify="left" if is_left else "right", no_wrap=True)
    return table


def _stopped(*, is_interrupted: bool) -> Iterator[RenderableType]:
    if is_interrupted:
        yield Text("stopped before all was measured", "yellow")


def _threads(count: int) -> str:
    return f"{count} thread{'s' * (count > 1)}"
