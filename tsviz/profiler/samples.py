"""What was measured of each node of a plan, and how the whole adds up.

Times are wall times of the thread that ran the op, in whole nanoseconds, so that sums are exact.
What was not measured is `None`, never 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Sample:
    """One node of the plan.

    Attributes:
        node: its id.
        op: its op.
        calls: how often it ran in all runs.
        self_ns: in each run, what the ops that it called took; `None` where it called none.
        total_ns: the same over all runs, with what runs in its blocks.
        device_ns: in each run, what their kernels took on a CUDA device.
        kernels: how many these were.
        bytes_allocated: in one run; what was given back again is included.
        peak_bytes: the most memory that run had taken while the node ran.
        inputs, outputs: dtype and shape such as `f32[1, 3]`, "" for what is no tensor; `?` is a
            dimension that changed.
        flops: floating point operations of one run, by PyTorch's formulas.
        bytes_moved: of one run, were each input read once and each output written once.
        iterations: of a Loop, in all runs.
        taken: of an If, how often each branch was in all runs.
        members: of a fusion group, how many nodes it stands for; 0 of any other.
        is_shared: whether other nodes have the same mark, so that the time was split evenly.
        marked_ns: time between marks around it, blocks included, over all marked runs.
        marked_self_ns: the same without the marked nodes in it.
    """

    node: int
    op: str
    calls: int | None = None
    self_ns: tuple[int, ...] | None = None
    total_ns: int | None = None
    device_ns: tuple[int, ...] | None = None
    kernels: int | None = None
    bytes_allocated: int | None = None
    peak_bytes: int | None = None
    inputs: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    flops: float | None = None
    bytes_moved: int | None = None
    iterations: int | None = None
    taken: tuple[int, ...] | None = None
    members: int = 0
    is_shared: bool = False
    marked_ns: int | None = None
    marked_self_ns: int | None = None

    @property
    def cpu_ns(self) -> int | None:
        """What its ops took in all runs."""
        return None if self.self_ns is None else sum(self.self_ns)

    @property
    def flops_per_second(self) -> float | None:
        """The rate it achieved: on the device, where it ran there."""
        return self._rate(self.flops)

    @property
    def bytes_per_second(self) -> float | None:
        """The rate at which it moved its inputs and outputs."""
        return self._rate(self.bytes_moved)

    def _rate(self, amount: float | None) -> float | None:
        on_device = sum(self.device_ns or ())
        taken = on_device or self.total_ns  # a group's operations are those of the nodes in it
        if not amount or not taken or self.self_ns is None:
            return None
        return amount * len(self.self_ns) / taken * 1e9


@dataclass(frozen=True, slots=True)
class Spread:
    """Some wall times of one thing, in nanoseconds."""

    values: tuple[int, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third; of one value, it twice."""
        if len(self.values) == 1:
            return float(self.values[0]), float(self.values[0])
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, slots=True)
class WarmUp:
    """One of the first runs, of a copy of which nothing was compiled.

    Attributes:
        number: from 1 on.
        nanoseconds: wall time.
        words: what the executor did in it.
    """

    number: int
    nanoseconds: int
    words: str


@dataclass(frozen=True, slots=True)
class Accounting:
    """Where the time of all profiled runs is, in nanoseconds.

    Attributes:
        wall: of the runs.
        ops: what the profiler reports for ops, those of other threads included.
        attributed: what of that is a node's.
        shared: what of that was split among nodes with one mark.
        unattributed: name of an op that no node is known for → what it took.
        busy: in which any op ran; the rest of the wall time is the interpreter's.
        kernels: what the profiler reports for kernels of CUDA devices; `None` without any.
        kernels_attributed: what of that is a node's.
        device_busy: in which any kernel ran.
    """

    wall: int
    ops: int
    attributed: int
    shared: int
    unattributed: Mapping[str, int]
    busy: int
    kernels: int | None = None
    kernels_attributed: int | None = None
    device_busy: int | None = None

    @property
    def interpreter(self) -> int:
        """Wall time in which no op ran: the interpreter between ops, and waiting."""
        return max(self.wall - self.busy, 0)

    @property
    def device_idle(self) -> int | None:
        """Wall time in which no kernel ran."""
        return None if self.device_busy is None else max(self.wall - self.device_busy, 0)

    @property
    def share_attributed(self) -> float:
        """What of the ops' time is a node's, from 0 to 1."""
        return self.attributed / self.ops if self.ops else 1.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One op of the run that is kept whole, for a timeline.

    Attributes:
        nodes: ids of the nodes of the plan; several where it could be any of them.
        name: of the op.
        start, end: nanoseconds from the beginning of the run's first op.
        thread: its number.
        kernels: name, start, end, device and stream of each.
    """

    nodes: tuple[int, ...]
    name: str
    start: int
    end: int
    thread: int
    kernels: tuple[tuple[str, int, int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """How two ways of measuring agree.

    Attributes:
        what: in words.
        agree: how many nodes do, by an equal count.
        differ: ids of those that do not.
    """

    what: str
    agree: int
    differ: tuple[int, ...] = field(default=())
