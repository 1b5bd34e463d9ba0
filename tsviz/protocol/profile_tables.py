"""Where a program's time and memory went: the part of a document that says so.

Nodes are named by their numbers, as in `NodesPayload.id`; -1 is no node. Columns of times are in
nanoseconds over all profiled runs, so that sums are exact; NaN is what was not measured.
"""

from dataclasses import dataclass

from tsviz.protocol.columns import Column
from tsviz.protocol.report_tables import DiagnosticPayload


@dataclass(frozen=True, slots=True)
class SamplesPayload:
    """The nodes of the plan that were measured, one row each.

    Columns: `node` · `calls` (in all runs) · `cpu_ns` (the ops it called) · `low`, `median`, `high`
    (of that in one run: quartiles) · `total_ns` (with what runs in its blocks) · `device_ns`,
    `kernels` · `allocated`, `peak` (bytes, of one run) · `flops`, `moved` (operations and bytes, of
    one run) · `rate` (operations a second) · `roof` (percent of what this machine can do at best)
    · `iterations` (of a Loop) · `taken`, `not_taken` (of an If) · `members` (nodes of a fusion
    group) · `shared` (1: split evenly with nodes of the same mark) · `marked_ns`, `marked_self_ns`
    (between marks around it; the latter without marked nodes in it) · `origins_at`, `origins`
    (nodes of the program that it stands for).
    """

    node: Column
    calls: Column
    cpu_ns: Column
    low: Column
    median: Column
    high: Column
    total_ns: Column
    device_ns: Column
    kernels: Column
    allocated: Column
    peak: Column
    flops: Column
    moved: Column
    rate: Column
    roof: Column
    iterations: Column
    taken: Column
    not_taken: Column
    members: Column
    shared: Column
    marked_ns: Column
    marked_self_ns: Column
    origins_at: Column
    origins: Column


@dataclass(frozen=True, slots=True)
class SharesPayload:
    """What the plan's nodes took, shared out: a row a node of the program, a line or a module.

    Columns: `cpu_ns`, `device_ns`, `bytes` (allocated in one run), `flops` (of one run), `calls`
    (of the node that ran most often), `shared` (1: a share of what several nodes took).
    """

    cpu_ns: Column
    device_ns: Column
    bytes: Column
    flops: Column
    calls: Column
    shared: Column


@dataclass(frozen=True, slots=True)
class TimelinePayload:
    """The ops of one run; times from the beginning of the first.

    Columns, a row an op: `node` (of the plan), `name` (into names), `start`, `end`, `thread`; and a
    row a kernel: `kernel_op` (row of the op that launched it), `kernel_name`, `kernel_start`,
    `kernel_end`, `device`, `stream`.
    """

    run: int
    names: list[str]
    node: Column
    name: Column
    start: Column
    end: Column
    thread: Column
    kernel_op: Column
    kernel_name: Column
    kernel_start: Column
    kernel_end: Column
    device: Column
    stream: Column


@dataclass(frozen=True, slots=True)
class WarmUpPayload:
    """One of the first runs, and what the executor did in it."""

    number: int
    nanoseconds: int
    words: str


@dataclass(frozen=True, slots=True)
class AccountingPayload:
    """Where the time of all profiled runs is; as `tsviz.profiler.Accounting`."""

    wall: int
    ops: int
    attributed: int
    shared: int
    unattributed: dict[str, int]
    busy: int
    interpreter: int
    kernels: int | None
    kernels_attributed: int | None
    device_idle: int | None


@dataclass(frozen=True, slots=True)
class RooflinePayload:
    """What this machine can do at best."""

    device: str
    threads: int
    flops_per_second: float
    bytes_per_second: float


@dataclass(frozen=True, slots=True)
class CheckPayload:
    """How two ways of measuring agree: in words, and for how many nodes."""

    what: str
    agree: int
    differ: int


@dataclass(frozen=True, slots=True)
class ChangesPayload:
    """What things took in one run before and after, a row each, the largest difference first.

    Columns, in nanoseconds: `before`, `after` (medians; NaN where it took none) · `middle`, `low`,
    `high` (the difference, and where it lies; NaN where the runs are too few to tell).
    `verdicts` is `slower`, `faster`, `new`, `gone`, `no difference` or `too few runs to tell`.
    """

    before: Column
    after: Column
    middle: Column
    low: Column
    high: Column
    verdicts: list[str]


@dataclass(frozen=True, slots=True)
class AgainstPayload:
    """The profile of this document held against another one.

    Attributes:
        before, after: what was measured, and how, in words.
        of_kernels: whether times below the whole are those of kernels; else of ops.
        whole: one row, of runs without a profiler.
        file, line: of each line; file -1 is no line of this document's files.
        places, codes: of each line, in words.
        modules: paths, "" being the program.
    """

    before: str
    after: str
    of_kernels: bool
    whole: ChangesPayload
    file: Column
    line: Column
    places: list[str]
    codes: list[str]
    lines: ChangesPayload
    modules: list[str]
    module_changes: ChangesPayload


@dataclass(frozen=True, slots=True)
class SweepPayload:
    """One program at other batch sizes and with other numbers of threads, a row a point.

    Columns: `batch_size` · `threads` · `low`, `median`, `high` (nanoseconds of one run: quartiles)
    · `per_second` (examples); NaN where it failed, and `failures` say why, else "".

    Attributes:
        shown: row of the point whose profile the document holds.
        is_interrupted: whether points that were asked for are missing.
    """

    batch_size: Column
    threads: Column
    low: Column
    median: Column
    high: Column
    per_second: Column
    failures: list[str]
    shown: int
    is_interrupted: bool


@dataclass(frozen=True, slots=True)
class ProfilePayload:
    """A profile.

    Attributes:
        conditions: threads, device and the like, in words.
        plain, profiled, marked: wall times of runs; the last are empty where no node was marked.
        graph: row of the plan's graph.
        has_device: whether kernels were recorded.
        nodes: numbers of nodes of the program; -1 holds what no node is known for.
        node_shares: a row each.
        line_file, line_number: lines, the longest first; file -1 is no known line.
        modules: paths, "" being the program; `module_total_ns` is with the modules in each.
    """

    conditions: str
    plain: Column
    profiled: Column
    marked: Column
    warm_up: list[WarmUpPayload]
    accounting: AccountingPayload
    checks: list[CheckPayload]
    diagnostics: list[DiagnosticPayload]
    roofline: RooflinePayload | None
    graph: int
    has_device: bool
    samples: SamplesPayload
    nodes: Column
    node_shares: SharesPayload
    line_file: Column
    line_number: Column
    line_nodes: Column
    line_shares: SharesPayload
    modules: list[str]
    module_total_ns: Column
    module_shares: SharesPayload
    timeline: TimelinePayload
