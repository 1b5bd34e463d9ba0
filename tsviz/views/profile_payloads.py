"""A profile for the browser: the plan as a further graph, and what was measured as columns."""

from collections.abc import Callable, Iterable, Mapping
from math import nan

from tsviz.errors import Diagnostic
from tsviz.profiler import Accounting, Piece, Profile, Sample, Spread
from tsviz.profiler.flow import Share
from tsviz.protocol import Column
from tsviz.protocol.profile_tables import (
    AccountingPayload,
    CheckPayload,
    ProfilePayload,
    RooflinePayload,
    SamplesPayload,
    SharesPayload,
    TimelinePayload,
    WarmUpPayload,
)
from tsviz.protocol.report_tables import DiagnosticPayload
from tsviz.views.profile_tables import roof_percent, sum_lines, sum_modules

Number = Callable[[int], int]


def observed_of(profile: Profile) -> dict[int, str]:
    """Value of the plan → dtype and shape, where they are known."""
    found = {
        value: words
        for sample in profile.samples.values()
        for values, known in (
            (profile.plan.nodes[sample.node].inputs, sample.inputs),
            (profile.plan.nodes[sample.node].outputs, sample.outputs),
        )
        for value, words in zip(values, known or (), strict=False)
    }
    return {value: words for value, words in found.items() if words}


def profile_payload(
    profile: Profile,
    graph: int,
    number: Number,
    files: Mapping[str, int],
    diagnostic: Callable[[Diagnostic], DiagnosticPayload],
) -> ProfilePayload:
    """The columns.

    Args:
        graph: row of the plan's graph in the document.
        number: a node's id → what it is called in the document.
        files: paths → rows of the document.
        diagnostic: renders one for the wire.
    """
    lines, modules, shares = sum_lines(profile), sum_modules(profile), profile.by_origin
    has_device = profile.accounting.kernels is not None
    roof = profile.roofline
    return ProfilePayload(
        conditions=profile.conditions,
        plain=_times(profile.plain),
        profiled=_times(profile.profiled),
        marked=_times(profile.marked),
        warm_up=[WarmUpPayload(run.number, run.nanoseconds, run.words) for run in profile.warm_up],
        accounting=_accounting(profile.accounting),
        checks=[CheckPayload(one.what, one.agree, len(one.differ)) for one in profile.checks],
        diagnostics=[diagnostic(item) for item in profile.diagnostics],
        roofline=roof
        and RooflinePayload(
            roof.device, roof.threads, roof.flops_per_second, roof.bytes_per_second
        ),
        graph=graph,
        has_device=has_device,
        samples=_samples(profile, number),
        nodes=Column.of("i32", (number(node) if node else -1 for node in shares)),
        node_shares=_shares(shares.values(), has_device=has_device),
        line_file=Column.of("i32", (files.get(line.file, -1) for line in lines)),
        line_number=Column.of("i32", (line.line for line in lines)),
        line_nodes=Column.of("i32", (len(line.nodes) for line in lines)),
        line_shares=_shares((line.share for line in lines), has_device=has_device),
        modules=[module.path for module in modules],
        module_total_ns=Column.of("f64", (module.total_ns for module in modules)),
        module_shares=_shares((module.share for module in modules), has_device=has_device),
        timeline=_timeline(profile, number),
    )


def _times(spread: Spread | None) -> Column:
    return Column.of("f64", () if spread is None else spread.values)


def _accounting(sums: Accounting) -> AccountingPayload:
    return AccountingPayload(
        sums.wall,
        sums.ops,
        sums.attributed,
        sums.shared,
        dict(sums.unattributed),
        sums.busy,
        sums.interpreter,
        sums.kernels,
        sums.kernels_attributed,
        sums.device_idle,
    )


def _column(numbers: Iterable[float | None]) -> Column:
    return Column.of("f64", (nan if number is None else number for number in numbers))


def _shares(shares: Iterable[Share], *, has_device: bool) -> SharesPayload:
    rows = list(shares)
    return SharesPayload(
        _column(row.cpu_ns for row in rows),
        _column(row.device_ns if has_device else None for row in rows),
        _column(row.bytes_allocated for row in rows),
        _column(row.flops for row in rows),
        _column(row.calls for row in rows),
        Column.of("u8", (int(row.is_shared) for row in rows)),
    )


def _samples(profile: Profile, number: Number) -> SamplesPayload:
    rows = [
        sample
        for sample in profile.samples.values()
        if sample.total_ns is not None or sample.kernels or sample.marked_ns is not None
    ]
    one = [None if row.self_ns is None else Spread(row.self_ns) for row in rows]
    ends, origins = [0], list[int]()
    for row in rows:
        origins += [number(node) for node in profile.shares.get(row.node, ())]
        ends.append(len(origins))
    return SamplesPayload(
        node=Column.of("i32", (number(row.node) for row in rows)),
        calls=_column(row.calls for row in rows),
        cpu_ns=_column(row.cpu_ns for row in rows),
        low=_column(spread and spread.quartiles[0] for spread in one),
        median=_column(spread and spread.median for spread in one),
        high=_column(spread and spread.quartiles[1] for spread in one),
        total_ns=_column(row.total_ns for row in rows),
        device_ns=_column(None if row.device_ns is None else sum(row.device_ns) for row in rows),
        kernels=_column(row.kernels for row in rows),
        allocated=_column(row.bytes_allocated for row in rows),
        peak=_column(row.peak_bytes for row in rows),
        flops=_column(row.flops for row in rows),
        moved=_column(row.bytes_moved for row in rows),
        rate=_column(row.flops_per_second for row in rows),
        roof=_column(roof_percent(profile, row) for row in rows),
        iterations=_column(row.iterations for row in rows),
        taken=_column(_branch(row, 0) for row in rows),
        not_taken=_column(_branch(row, 1) for row in rows),
        members=Column.of("i32", (row.members for row in rows)),
        shared=Column.of("u8", (int(row.is_shared) for row in rows)),
        marked_ns=_column(row.marked_ns for row in rows),
        marked_self_ns=_column(row.marked_self_ns for row in rows),
        origins_at=Column.of("i32", ends),
        origins=Column.of("i32", origins),
    )


def _branch(sample: Sample, branch: int) -> int | None:
    return None if sample.taken is None else sample.taken[branch]


def _timeline(profile: Profile, number: Number) -> TimelinePayload:
    names: dict[str, int] = {}
    pieces = profile.pieces
    launched = [(row, kernel) for row, piece in enumerate(pieces) for kernel in piece.kernels]

    def named(name: str) -> int:
        return names.setdefault(name, len(names))

    name = Column.of("i32", (named(piece.name) for piece in pieces))
    kernel_name = Column.of("i32", (named(kernel[0]) for _, kernel in launched))
    return TimelinePayload(
        run=profile.shown_run,
        names=list(names),
        node=Column.of("i32", (_owner(piece, number) for piece in pieces)),
        name=name,
        start=_column(piece.start for piece in pieces),
        end=_column(piece.end for piece in pieces),
        thread=Column.of("f64", (piece.thread for piece in pieces)),
        kernel_op=Column.of("i32", (row for row, _ in launched)),
        kernel_name=kernel_name,
        kernel_start=_column(kernel[1] for _, kernel in launched),
        kernel_end=_column(kernel[2] for _, kernel in launched),
        device=Column.of("i32", (kernel[3] for _, kernel in launched)),
        stream=Column.of("f64", (kernel[4] for _, kernel in launched)),
    )


def _owner(piece: Piece, number: Number) -> int:
    """The node of an op; none where it could be any of several."""
    return number(piece.nodes[0]) if len(piece.nodes) == 1 else -1
