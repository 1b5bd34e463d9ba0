"""From what was measured to the samples of nodes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tsviz.ir import Graph, Node
from tsviz.jit.marking import BRANCH, LOOP
from tsviz.jit.observing import Observation
from tsviz.jit.profiling import is_view
from tsviz.jit.sampling import Op, Sampling, iter_busy
from tsviz.profiler.attribution import Attribution, Owner, split
from tsviz.profiler.counting import Counts, count, find_guards
from tsviz.profiler.flow import members
from tsviz.profiler.marked import MarkedTimes, read_marked_times
from tsviz.profiler.samples import Accounting, Check, Piece, Sample


@dataclass(frozen=True, slots=True)
class Measured:
    """What all runs gave.

    Attributes:
        plan: what ran.
        tags: id of its nodes → mark.
        walls: wall times of the profiled runs.
        profiled, marked, timed: what the profiler noted of the runs of the executor, of those of
            the marked plan, and of those with every node marked.
        observed: what flowed through the plan.
        cuda: whether kernels were recorded.
    """

    plan: Graph
    tags: Mapping[int, int]
    walls: tuple[int, ...]
    profiled: tuple[Sampling, ...]
    marked: tuple[Sampling, ...]
    observed: Sequence[Observation]
    timed: tuple[Sampling, ...]
    cuda: bool


@dataclass(frozen=True, slots=True)
class Built:
    """What a profile holds of it, and how often guards failed, by the id of their If."""

    samples: Mapping[int, Sample]
    accounting: Accounting
    checks: tuple[Check, ...]
    pieces: tuple[Piece, ...]
    shown_run: int
    fallbacks: Mapping[int, int]


def build_samples(measured: Measured) -> Built:
    """Puts everything on the nodes of the plan."""
    return _Builder(measured).build()


class _Builder:
    def __init__(self, measured: Measured) -> None:
        self.of = measured
        self.runs = len(measured.profiled)
        self.attribution = Attribution(measured.plan, measured.tags)
        self.owners = [
            self.attribution.assign(run, self._marked(number))
            for number, run in enumerate(measured.profiled)
        ]
        self.counts = (
            count(measured.plan, measured.marked, self.runs)
            if measured.marked
            else Counts({}, {}, {})
        )
        self.calls_of_fallbacks = frozenset(find_guards(measured.plan).values())
        self.self_ns: dict[int, list[int]] = {}
        self.device_ns: dict[int, list[int]] = {}
        self.kernels: Counter[int] = Counter()
        self.shared: set[int] = set()
        self.named: Counter[tuple[int, str]] = Counter()

    def _marked(self, number: int) -> Sampling | None:
        marked = self.of.marked
        return marked[min(number, len(marked) - 1)] if marked else None

    def build(self) -> Built:
        """Adds up, and makes the samples."""
        for number, run in enumerate(self.of.profiled):
            for op, owner in zip(run.ops, self.owners[number], strict=True):
                self._add(number, op, owner)
        memory = self._memory()
        facts = _Facts(self.of, self.counts, self.runs)
        times = read_marked_times(self.of.timed)
        samples = {
            node.id: self._sample(node, memory, facts, times)
            for node in self.of.plan.nodes.values()
        }
        samples = _with_totals(self.of.plan, samples)
        shown = sorted(range(self.runs), key=lambda at: self.of.walls[at])[self.runs // 2]
        return Built(
            samples,
            self._accounting(),
            tuple(self._checks(times)),
            tuple(_pieces(self.of.profiled[shown].ops, self.owners[shown])),
            shown,
            self.counts.fallbacks,
        )

    def _add(self, number: int, op: Op, owner: Owner) -> None:
        if not owner.nodes:
            return
        parts = len(owner.nodes)
        kernels = sum(kernel.end - kernel.start for kernel in op.kernels)
        shares = zip(owner.nodes, split(op.nanoseconds, parts), split(kernels, parts), strict=True)
        for node, taken, on_device in shares:
            self.self_ns.setdefault(node, [0] * self.runs)[number] += taken
            self.device_ns.setdefault(node, [0] * self.runs)[number] += on_device
            self.kernels[node] += len(op.kernels)
            self.named[node, op.name] += 1
            if parts > 1:
                self.shared.add(node)

    def _memory(self) -> Mapping[int, tuple[int, int]]:
        """Bytes allocated and the peak, of the first marked run in which a node called an op."""
        found: dict[int, tuple[int, int]] = {}
        for run in self.of.marked:
            here: dict[int, tuple[int, int]] = {}
            for op, node in zip(run.ops, self.attribution.own(run.ops), strict=True):
                if node is not None and node not in found:
                    taken, peak = here.get(node, (0, 0))
                    here[node] = taken + (op.allocated or 0), max(peak, op.peak or 0)
            found |= here
        return found

    def _sample(
        self,
        node: Node,
        memory: Mapping[int, tuple[int, int]],
        facts: "_Facts",
        times: Mapping[int, MarkedTimes],
    ) -> Sample:
        counts, blocks = self.counts.nodes, self.counts.blocks
        self_ns = self.self_ns.get(node.id)
        device_ns = self.device_ns.get(node.id) if self.of.cuda else None
        allocated, peak = memory.get(node.id, (None, None))
        calls = counts.get(node.id)
        marked = times.get(node.id)
        return Sample(
            node.id,
            node.op,
            calls,
            None if self_ns is None else tuple(self_ns),
            None,
            None if device_ns is None else tuple(device_ns),
            self.kernels[node.id] if device_ns is not None else None,
            allocated,
            peak,
            facts.words(node.inputs),
            facts.words(node.outputs),
            None if node.id in self.calls_of_fallbacks else facts.flops(node.id),
            facts.moved(node, allocated) if self_ns is not None else None,
            blocks[node.id, 0] if node.op == LOOP and calls is not None else None,
            (blocks[node.id, 0], blocks[node.id, 1])
            if node.op == BRANCH and calls is not None
            else None,
            len(members(node)),
            node.id in self.shared,
            marked and marked.total,
            marked and marked.own,
        )

    def _accounting(self) -> Accounting:
        ops = attributed = shared = busy = kernels = known = device_busy = 0
        unattributed: Counter[str] = Counter()
        for run, owners in zip(self.of.profiled, self.owners, strict=True):
            for op, owner in zip(run.ops, owners, strict=True):
                ops += op.nanoseconds
                launched = sum(kernel.end - kernel.start for kernel in op.kernels)
                kernels += launched
                if owner.nodes:
                    attributed += op.nanoseconds
                    known += launched
                    shared += op.nanoseconds * (len(owner.nodes) > 1)
                else:
                    unattributed[op.name] += op.nanoseconds
            kernels += sum(kernel.end - kernel.start for kernel in run.stray)
            busy += _length((op.start, op.end) for op in run.ops)
            spans = [(k.start, k.end) for op in run.ops for k in op.kernels]
            device_busy += _length([*spans, *((k.start, k.end) for k in run.stray)])
        on_device = (kernels, known, device_busy) if self.of.cuda else (None, None, None)
        return Accounting(
            sum(self.of.walls), ops, attributed, shared, dict(unattributed), busy, *on_device
        )

    def _checks(self, times: Mapping[int, MarkedTimes]) -> Iterator[Check]:
        calls = self.counts.nodes
        if calls:
            compared = [
                node for node in self.of.plan.nodes.values()
                if self.named[node.id, node.op] and node.id not in self.shared
                and node.id in calls
            ]  # fmt: skip
            wrong = [n.id for n in compared if self.named[n.id, n.op] != calls[n.id]]
            what = "an op was seen as often as its node ran"
            yield Check(what, len(compared) - len(wrong), tuple(wrong))
        if times and calls:
            both = [node for node in times if node in calls]
            wrong = [node for node in both if times[node].calls != calls[node]]
            what = "marks around a node were passed as often as it ran"
            yield Check(what, len(both) - len(wrong), tuple(wrong))


def _length(spans: "Iterator[tuple[int, int]] | Sequence[tuple[int, int]]") -> int:
    return sum(end - start for start, end in iter_busy(spans))


def _pieces(ops: Sequence[Op], owners: Sequence[Owner]) -> Iterator[Piece]:
    zero = min((op.start for op in ops), default=0)
    for op, owner in zip(ops, owners, strict=True):
        kernels = tuple(
            (k.name, k.start - zero, k.end - zero, k.device, k.stream) for k in op.kernels
        )
        yield Piece(owner.nodes, op.name, op.start - zero, op.end - zero, op.thread, kernels)


def _with_totals(plan: Graph, samples: Mapping[int, Sample]) -> dict[int, Sample]:
    """The samples with what runs in their blocks added."""
    totals: defaultdict[int, int | None] = defaultdict(lambda: None)
    for node in reversed(tuple(plan.nodes.values())):  # what is inside comes before its owner then
        parts = [samples[node.id].cpu_ns]
        parts += [totals[inner.id] for block in node.blocks for inner in block.nodes]
        known = [part for part in parts if part is not None]
        totals[node.id] = sum(known) if known else None
    return {node: replace(sample, total_ns=totals[node]) for node, sample in samples.items()}


class _Facts:
    """Shapes, operations and bytes, from the observed runs."""

    def __init__(self, measured: Measured, counts: Counts, runs: int) -> None:
        self._runs, self._counts = runs, counts.nodes
        self._has = bool(measured.observed)
        self._tensors: dict[int, str] = {}
        self._sizes: dict[int, int | None] = {}
        self._flops: Counter[int] = Counter()
        for found in measured.observed:
            for value, words in found.tensors.items():
                known = self._tensors.setdefault(value, words)
                if known != words:
                    self._tensors[value] = _merged(known, words)
                    self._sizes[value] = None
                else:
                    self._sizes.setdefault(value, found.sizes.get(value))
            for node, flops in found.flops.items():
                self._flops[node] += int(flops)
        self._looks = len(measured.observed)

    def words(self, values: Sequence[int]) -> tuple[str, ...] | None:
        """Dtype and shape of each; `None` if no run was observed."""
        return tuple(self._tensors.get(value, "") for value in values) if self._has else None

    def flops(self, node: int) -> float | None:
        """Of one run, on average over the observed ones; `None` where PyTorch has no formula."""
        return self._flops[node] / self._looks if node in self._flops else None

    def moved(self, node: Node, allocated: int | None) -> int | None:
        """Bytes of one run; `None` where a size is not known or was not the same each time."""
        calls = self._counts.get(node.id)
        if not self._has or calls is None:
            return None
        if is_view(node.op) and not allocated:
            return 0
        touched = [value for value in (*node.inputs, *node.outputs) if value in self._tensors]
        sizes = [self._sizes.get(value) for value in touched]
        known = [size for size in sizes if size is not None]
        if len(known) < len(sizes) or not any(value in self._tensors for value in node.outputs):
            return None
        return round(sum(known) * calls / self._runs)


def _merged(one: str, other: str) -> str:
    """What two shapes of one value have in common: `f32[?, 3]`."""
    kind, _, sizes = one.partition("[")
    kind_too, _, sizes_too = other.partition("[")
    mine, theirs = sizes.rstrip("]").split(", "), sizes_too.rstrip("]").split(", ")
    if kind != kind_too or len(mine) != len(theirs) or not sizes or not sizes_too:
        return "Tensor"
    pairs = zip(mine, theirs, strict=True)
    return f"{kind}[{', '.join(a if a == b else '?' for a, b in pairs)}]"
