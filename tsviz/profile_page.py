"""What `tsviz profile` and `print(tsviz.profile(model, (x,)))` show: where the time goes.

First what measuring cost and how the times add up, since all else stands on that; then modules,
lines and nodes, the longest first.
"""

from collections.abc import Iterator
from html import escape
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tsviz.location import FileRange
from tsviz.profiler import Profile, Sample
from tsviz.terminal import diagnostic_text, place_name, printable
from tsviz.views.profile_tables import percent_of, roof_percent, sum_lines, sum_modules
from tsviz.views.quantities import bytes_words, rate_words, time_words

_WIDTH = 110
_MOST = 15
_CODE_WIDTH = 46
_MUCH = 1.5
"""From this cost of measuring on, it is said that short ops look longer than they are."""


def profile_text(found: Profile) -> str:
    """The page as plain text."""
    console = Console(file=StringIO(), width=_WIDTH, color_system=None, force_jupyter=False)
    with console.capture() as captured:
        console.print(profile_page(found), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def profile_mimebundle(found: Profile) -> dict[str, str]:
    """The page as text, and the same in a fixed font."""
    return page_bundle(profile_text(found))


def page_bundle(text: str) -> dict[str, str]:
    """A page of text as what a notebook shows."""
    style = "line-height:1.3;background:none;color:inherit;overflow-x:auto"
    return {"text/plain": text, "text/html": f'<pre style="{style}">{escape(text)}</pre>'}


def profile_page(found: Profile, *, most: int = _MOST) -> RenderableType:
    """All parts of the page.

    Args:
        most: so many lines, modules and nodes are listed.
    """
    return Group(
        *_head(found),
        *_warm_up(found),
        *_accounting(found),
        *_modules(found, most),
        *_lines(found, most),
        *_nodes(found, most),
        *_flow(found, most),
        *_checks(found),
        *_findings(found),
    )


# ── the whole ───────────────────────────────────────────────────────────────────────────────────


def _head(found: Profile) -> Iterator[RenderableType]:
    program = found.program
    yield Text.assemble(
        (printable(program.name), "bold"), f" · {program.variant} · {found.conditions}"
    )
    low, high = found.plain.quartiles
    yield Text(
        f"{time_words(found.plain.median)} a run [{time_words(low)}, {time_words(high)}], "
        f"{found.runs} runs; under the profiler {time_words(found.profiled.median)}, "
        f"{found.overhead:.2f} times that"
    )
    if found.overhead > _MUCH:
        yield Text("the profiler's own work is in the times of ops: short ones look longer", "dim")
    if found.marked is not None:
        times = found.marked.median / found.plain.median if found.plain.median else 1.0
        yield Text(f"with every node marked {time_words(found.marked.median)}, {times:.2f} times")
    if found.roofline is not None:
        roof = found.roofline
        yield Text(
            f"this machine at best: {rate_words(roof.flops_per_second, 'FLOP/s')}, "
            f"{rate_words(roof.bytes_per_second, 'B/s')}",
            "dim",
        )


def _warm_up(found: Profile) -> Iterator[RenderableType]:
    yield from ("", Text("warm-up, not in what follows", "bold"))
    table = _table(("run", "right"), ("time", "right"), ("the executor", "left"))
    for run in found.warm_up:
        table.add_row(str(run.number), time_words(run.nanoseconds), run.words)
    yield table


def _accounting(found: Profile) -> Iterator[RenderableType]:
    sums = found.accounting
    yield from ("", Text("where the time of a profiled run is, on average", "bold"))
    table = _table(("what", "left"), ("time", "right"), ("of it", "right"))
    runs, wall = found.runs, max(sums.wall, 1)
    rows = [("ops of nodes", sums.attributed)]
    rows += [(f"`{name}`, no node is known", taken) for name, taken in sums.unattributed.items()]
    if sums.ops > sums.busy:
        rows.append(("less what ran at the same time", sums.busy - sums.ops))
    rows.append(("interpreter, and waiting", sums.interpreter))
    for words, taken in rows:
        table.add_row(printable(words), time_words(taken / runs), f"{100 * taken / wall:.1f}%")
    table.add_row("in all", time_words(sums.wall / runs), "100.0%", style="bold")
    yield table
    if sums.shared:
        share = 100 * sums.shared / max(sums.ops, 1)
        words = f"{share:.1f}% of the ops' time is split evenly among nodes with one mark"
        yield Text(words, "dim")
    if sums.kernels is not None and sums.device_idle is not None:
        yield Text(
            f"device: kernels {time_words(sums.kernels / runs)} a run, "
            f"{100 * (sums.kernels_attributed or 0) / max(sums.kernels, 1):.1f}% of it of nodes; "
            f"idle {time_words(sums.device_idle / runs)}"
        )


# ── the parts ───────────────────────────────────────────────────────────────────────────────────


def _modules(found: Profile, most: int) -> Iterator[RenderableType]:
    modules = [module for module in sum_modules(found) if module.total_ns]
    if len(modules) < 2:
        return
    yield from ("", Text("by module, with the modules in it", "bold"))
    table = _table(("time", "right"), ("share", "right"), ("own", "right"), ("module", "left"))
    ordered = sorted(modules, key=lambda module: (-module.total_ns, module.path))
    for module in ordered[:most]:
        table.add_row(
            time_words(module.total_ns / found.runs),
            _percent(module.total_ns, found),
            time_words(module.share.cpu_ns / found.runs),
            printable(module.path) or "(the program)",
        )
    yield table
    yield from _more(len(ordered) - most, "module")


def _lines(found: Profile, most: int) -> Iterator[RenderableType]:
    lines = sum_lines(found)
    yield from ("", Text("by line", "bold"))
    table = _table(
        ("time", "right"), ("share", "right"), ("calls", "right"), ("line", "left"), ("", "left")
    )
    for line in lines[:most]:
        place = f"{place_name(line.file)}:{line.line}" if line.file else "no line is known"
        table.add_row(
            time_words(line.share.cpu_ns / found.runs),
            _percent(line.share.cpu_ns, found),
            _each(line.share.calls, found.runs),
            printable(_short_path(place)),
            printable(_cut(line.code)),
        )
    yield table
    yield from _more(len(lines) - most, "line")


def _nodes(found: Profile, most: int) -> Iterator[RenderableType]:
    timed = [sample for sample in found.samples.values() if sample.self_ns is not None]
    ordered = sorted(timed, key=lambda sample: (-(sample.cpu_ns or 0), sample.node))
    yield from ("", Text("by node of the plan", "bold"))
    table = _table(
        *(("time", "right"), ("share", "right"), ("calls", "right"), ("op", "left")),
        *(("gives", "left"), ("takes up", "right"), ("rate", "right"), ("of best", "right")),
        ("line", "left"),
    )
    for sample in ordered[:most]:
        table.add_row(*_node_row(found, sample))
    yield table
    yield from _more(len(ordered) - most, "node")


def _node_row(found: Profile, sample: Sample) -> Iterator[str]:
    place = found.line_of(sample.node)
    roof = roof_percent(found, sample)
    rate = sample.flops_per_second
    yield time_words((sample.cpu_ns or 0) / found.runs)
    yield _percent(sample.cpu_ns, found)
    yield _each(sample.calls, found.runs)
    yield printable(sample.op) + (f" ({sample.members} fused)" if sample.members else "")
    yield printable(", ".join(filter(None, sample.outputs or ())))
    yield "" if sample.bytes_allocated is None else bytes_words(sample.bytes_allocated)
    yield "" if rate is None else rate_words(rate, "FLOP/s")
    yield "" if roof is None else f"{roof:.0f}%"
    yield printable(_short(place))


def _flow(found: Profile, most: int) -> Iterator[RenderableType]:
    flow = [s for s in found.samples.values() if s.calls and (s.taken or s.iterations)]
    if not flow:
        return
    yield from ("", Text("branches and loops, in all runs", "bold"))
    table = _table(("", "left"), ("ran", "right"), ("how", "left"), ("line", "left"))
    for sample in sorted(flow, key=lambda one: -(one.total_ns or 0))[:most]:
        table.add_row(
            printable(sample.op),
            f"{sample.calls:,}",
            _flow_words(sample),
            printable(_short(found.line_of(sample.node))),
        )
    yield table
    yield from _more(len(flow) - most, "branch or loop")


def _flow_words(sample: Sample) -> str:
    if sample.taken is not None:
        return f"then {sample.taken[0]:,} times, else {sample.taken[1]:,}"
    rounds = sample.iterations or 0
    each = "" if not sample.total_ns else f", {time_words(sample.total_ns / rounds)} each"
    return f"{rounds:,} iterations{each}"


def _checks(found: Profile) -> Iterator[RenderableType]:
    if found.checks:
        yield ""
    for check in found.checks:
        wrong = f", not of {len(check.differ)}" if check.differ else ""
        yield Text(f"checked: {check.what}, of {check.agree:,} nodes{wrong}", "dim")


def _findings(found: Profile) -> Iterator[RenderableType]:
    sources = tuple(found.program.sources.values())
    for finding in found.diagnostics:
        yield from ("", diagnostic_text(finding, sources))


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title, side in columns:
        left = side == "left"
        table.add_column(
            title, justify="left" if left else "right", no_wrap=not left, overflow="fold"
        )
    return table


def _more(count: int, what: str) -> Iterator[RenderableType]:
    if count > 0:
        plural = {"branch or loop": "branches and loops"}.get(what, f"{what}s")
        yield Text(f"… {count:,} more {what if count == 1 else plural}", "dim")


def _percent(nanoseconds: int | None, found: Profile) -> str:
    share = percent_of(nanoseconds, found)
    return "" if share is None else f"{share:.1f}%"


def _each(calls: int | None, runs: int) -> str:
    """Calls of one run."""
    if calls is None:
        return ""
    return f"{calls // runs:,}" if calls % runs == 0 else f"{calls / runs:,.1f}"


def _short(place: FileRange | None) -> str:
    return "" if place is None else _short_path(f"{place_name(place.file)}:{place.line}")


def _short_path(place: str) -> str:
    """The file without its folders: all lines are those of few files."""
    return place.replace("\\", "/").rpartition("/")[2]


def _cut(code: str) -> str:
    return code if len(code) <= _CODE_WIDTH else code[: _CODE_WIDTH - 1] + "…"
