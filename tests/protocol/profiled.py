"""The detector with a profile made by hand: what each node took is decided by its op."""

from collections import Counter
from dataclasses import replace

from tests.protocol.building import OP
from tests.protocol.documents import detector
from tsviz.protocol import Column
from tsviz.protocol.profile_tables import (
    AccountingPayload,
    AgainstPayload,
    ChangesPayload,
    CheckPayload,
    ProfilePayload,
    RooflinePayload,
    SamplesPayload,
    SharesPayload,
    SweepPayload,
    TimelinePayload,
    WarmUpPayload,
)
from tsviz.protocol.report_tables import DiagnosticPayload
from tsviz.protocol.tables import Document, GraphPayload

RUNS = 2
PLAN = 1000
"""A node of the plan is called as that of the program it comes from, and this more."""

_NAN = float("nan")
_TOOK = {"aten::conv2d": 4_000_000, "aten::linear": 1_000_000, "aten::batch_norm": 500_000}
_LEAST = 20_000
_UNKNOWN = 80_000


def profiled() -> Document:
    """The detector, its plan (the same graph), and the profile."""
    document = detector()
    program = document.graphs[0]
    ids = program.nodes.id.data
    plan = replace(
        program,
        name="plan",
        kind="plan",
        nodes=replace(program.nodes, id=Column.of("i32", (PLAN + int(one) for one in ids))),
    )
    capabilities = replace(document.capabilities, profile=True)
    return replace(
        document,
        graphs=[program, plan],
        profile=_profile(document, program),
        capabilities=capabilities,
    )


def compared() -> Document:
    """The same held against another profile, with a sweep."""
    document = profiled()
    against = _against(document, document.graphs[0])
    return replace(document, against=against, sweep=_sweep())


def _against(document: Document, program: GraphPayload) -> AgainstPayload:
    """Against one in which convolutions took half the time, and one line that is gone."""
    nodes = program.nodes
    rows = [row for row, role in enumerate(nodes.role.data) if role == OP]
    names = [document.strings[int(nodes.op.data[row])] for row in rows]
    took = [_TOOK.get(name, _LEAST) for name in names]
    lines = _lines(document, program, rows, took)
    slower = [file_line for file_line, taken in lines if taken >= 4_000_000]
    (file, line), other = slower[0], next(one for one, taken in lines if taken < 4_000_000)
    rows_of = [
        (4e6, 8e6, 4e6, 3.5e6, 4.5e6, "slower"),
        (2e6, _NAN, -2e6, -2.2e6, -1.8e6, "gone"),
        (1e5, 1.1e5, 1e4, -5e4, 6e4, "no difference"),
    ]
    return AgainstPayload(
        before="Detector.forward · trace · cpu · 2 runs",
        after="Detector.forward · script · cpu · 2 runs",
        of_kernels=False,
        whole=_changes([(5e6, 1e7, 5e6, 4e6, 6e6, "slower")]),
        file=Column.of("i32", [file, -1, other[0]]),
        line=Column.of("i32", [line, 99, other[1]]),
        places=[f"detector.py:{line}", "detector.py:99", f"detector.py:{other[1]}"],
        codes=["x = self.conv(x)", "<i>gone</i>", "return x"],
        lines=_changes(rows_of),
        modules=["", "backbone"],
        module_changes=_changes([(7e6, 9e6, 2e6, 1e6, 3e6, "slower"), rows_of[0]]),
    )


def _changes(rows: list[tuple[float, float, float, float, float, str]]) -> ChangesPayload:
    columns = (Column.of("f64", (float(row[at]) for row in rows)) for at in range(5))  # type: ignore[arg-type]
    return ChangesPayload(*columns, [row[5] for row in rows])


def _sweep() -> SweepPayload:
    """Two batch sizes with two numbers of threads; one fails."""
    times = [4e6, 7e6, 3e6, _NAN]
    return SweepPayload(
        batch_size=Column.of("i32", [1, 2, 1, 2]),
        threads=Column.of("i32", [1, 1, 2, 2]),
        low=Column.of("f64", [0.9 * one for one in times]),
        median=Column.of("f64", times),
        high=Column.of("f64", [1.2 * one for one in times]),
        per_second=Column.of("f64", [250.0, 2 / 7e-3, 1 / 3e-3, _NAN]),
        failures=["", "", "", "<b>no</b> room"],
        shown=0,
        is_interrupted=True,
    )


def _profile(document: Document, program: GraphPayload) -> ProfilePayload:
    strings, nodes = document.strings, program.nodes
    rows = [row for row, role in enumerate(nodes.role.data) if role == OP]
    names = [strings[int(nodes.op.data[row])] for row in rows]
    took = [RUNS * _TOOK.get(name, _LEAST) for name in names]
    flops = [9e6 if name in _TOOK else _NAN for name in names]
    total = sum(took)
    lines, modules = _lines(document, program, rows, took), _modules(document, program, rows, took)
    return ProfilePayload(
        conditions="torch 2.13.0, cpu, 2 threads, gradients off",
        plain=Column.of("f64", [total / 2 + 900_000, total / 2 + 1_100_000]),
        profiled=Column.of("f64", [total / 2 + 1_000_000, total / 2 + 1_200_000]),
        marked=Column.of("f64", []),
        warm_up=[
            WarmUpPayload(1, 900_000_000, "compiles and observes types"),
            WarmUpPayload(2, 400_000_000, "specialises"),
            WarmUpPayload(3, total, "runs its plan"),
        ],
        accounting=AccountingPayload(
            wall=total + _UNKNOWN + 2_000_000,
            ops=total + _UNKNOWN,
            attributed=total,
            shared=0,
            unattributed={"aten::fill_": _UNKNOWN},
            busy=total + _UNKNOWN,
            interpreter=2_000_000,
            kernels=None,
            kernels_attributed=None,
            device_idle=None,
        ),
        checks=[CheckPayload("an op was seen as often as its node ran", len(rows), 0)],
        diagnostics=[
            DiagnosticPayload("TSV-T06", "warning", "the plan was compiled anew", -1, -1, [], "")
        ],
        roofline=RooflinePayload("cpu", 2, 8e10, 1e10),
        graph=1,
        has_device=False,
        samples=_samples(rows, took, flops),
        nodes=Column.of("i32", [*rows, -1]),
        node_shares=_shares([*took, _UNKNOWN], [*flops, _NAN]),
        line_file=Column.of("i32", [file for (file, _), _ in lines]),
        line_number=Column.of("i32", [line for (_, line), _ in lines]),
        line_nodes=Column.of("i32", [1] * len(lines)),
        line_shares=_shares([taken for _, taken in lines], [_NAN] * len(lines)),
        modules=[path for path, _ in modules],
        module_total_ns=Column.of("f64", [taken for _, taken in modules]),
        module_shares=_shares([taken for _, taken in modules], [_NAN] * len(modules)),
        timeline=_timeline(names, rows, took),
    )


def _samples(rows: list[int], took: list[int], flops: list[float]) -> SamplesPayload:
    unknown = Column.of("f64", [_NAN] * len(rows))
    none = Column.of("u8", [0] * len(rows))
    one = Column.of("f64", [taken / RUNS for taken in took])
    calls = Column.of("f64", [RUNS] * len(rows))
    return SamplesPayload(
        node=Column.of("i32", [PLAN + row for row in rows]),
        calls=calls,
        cpu_ns=Column.of("f64", took),
        **dict.fromkeys(("low", "median", "high"), one),
        total_ns=Column.of("f64", took),
        **dict.fromkeys(("device_ns", "kernels", "peak", "iterations"), unknown),
        **dict.fromkeys(("taken", "not_taken", "marked_ns", "marked_self_ns"), unknown),
        allocated=Column.of("f64", [4096] * len(rows)),
        flops=Column.of("f64", flops),
        moved=Column.of("f64", [1e6] * len(rows)),
        rate=Column.of(
            "f64", [count * RUNS / taken * 1e9 for count, taken in zip(flops, took, strict=True)]
        ),
        roof=unknown,
        members=Column.of("i32", [0] * len(rows)),
        shared=none,
        origins_at=Column.of("i32", range(len(rows) + 1)),
        origins=Column.of("i32", rows),
    )


def _shares(took: list[int], flops: list[float]) -> SharesPayload:
    count = len(took)
    return SharesPayload(
        cpu_ns=Column.of("f64", took),
        device_ns=Column.of("f64", [_NAN] * count),
        bytes=Column.of("f64", [4096] * count),
        flops=Column.of("f64", flops),
        calls=Column.of("f64", [RUNS] * count),
        shared=Column.of("u8", [0] * count),
    )


def _lines(
    document: Document, program: GraphPayload, rows: list[int], took: list[int]
) -> list[tuple[tuple[int, int], int]]:
    sums: Counter[tuple[int, int]] = Counter()
    for row, taken in zip(rows, took, strict=True):
        frame = int(program.nodes.model.data[row])
        place = (
            (-1, 0)
            if frame < 0
            else (int(document.frames.file.data[frame]), int(document.frames.line.data[frame]))
        )
        sums[place] += taken
    return sums.most_common()


def _modules(
    document: Document, program: GraphPayload, rows: list[int], took: list[int]
) -> list[tuple[str, int]]:
    sums: Counter[str] = Counter({"": 0})
    for row, taken in zip(rows, took, strict=True):
        container = int(program.nodes.container.data[row])
        sums[document.strings[int(program.containers.path.data[container])]] += taken
    return sorted(sums.items())


def _timeline(names: list[str], rows: list[int], took: list[int]) -> TimelinePayload:
    ends = [sum(took[: at + 1]) / RUNS for at in range(len(took))]
    known = list(dict.fromkeys(names))
    empty = Column.of("i32", [])
    return TimelinePayload(
        run=0,
        names=known,
        node=Column.of("i32", [PLAN + row for row in rows]),
        name=Column.of("i32", [known.index(name) for name in names]),
        start=Column.of("f64", [end - taken / RUNS for end, taken in zip(ends, took, strict=True)]),
        end=Column.of("f64", ends),
        thread=Column.of("f64", [7] * len(rows)),
        kernel_op=empty,
        kernel_name=empty,
        kernel_start=Column.of("f64", []),
        kernel_end=Column.of("f64", []),
        device=empty,
        stream=Column.of("f64", []),
    )
