"""The pipelines of `torch.jit.freeze` and `optimize_for_inference`, as they really ran."""

from dataclasses import dataclass, field

from tsviz.frontends import Program
from tsviz.ir import Graph, adopt_ids, read_graph
from tsviz.jit.executor_log import Dump
from tsviz.jit.freeze_log import FROZEN, OPTIMIZED, record_freezing
from tsviz.passes.snapshots import Line, Snapshots, first_line, part_line
from tsviz.passes.steps import Step, find_step
from tsviz.passes.trace import PassRecord, PassTrace

_FROZEN = "FrozenConcatLinear + FoldFrozenConvAndLinear"
_OPTIMIZED = ("FuseFrozenConvAddRelu", "ConvertFrozenOpsToMKLDNN", "FrozenLinearTranspose")
_NAMES = {
    FROZEN: _FROZEN,
    "Before FrozenConcatLinear": "LowerSimpleTuples + RemoveDropout",
    "Before convert frozen ops to mkldnn": _OPTIMIZED[0],
    "After convert frozen ops to mkldnn": _OPTIMIZED[1],
    "No mkldnn compatible frozen nodes": _OPTIMIZED[1],
    OPTIMIZED: _OPTIMIZED[2],
}
"""What ran before a graph, by the source of freezing, where the title does not say."""


def record_frozen(program: Program, *, optimize: bool) -> PassTrace:
    """Records freezing, and optimising for inference if asked, on a clone."""
    log = record_freezing(program.native, program.method, optimize=optimize)
    shared = Snapshots.of(program.graph)
    works = {"": _Work(_first(program.graph, log.first), "PropagateAttributes")}
    records: list[PassRecord] = []
    kept: dict[int, object] = {}
    for dump in log.dumps:
        work = works.get(dump.executor)
        if work is None:
            main = works[""]
            line = part_line(main.line.current, program.graph)
            work = works[dump.executor] = _Work(line, "", main.index, len(works))
        step = work.next_step(dump)
        before = work.line.current.graph
        after, origins = shared.follow(work.line, dump.text)
        if step.name or (before is not after and not work.begins):
            work.index = len(records)
            records.append(
                PassRecord(
                    len(records),
                    work.parent,
                    work.part,
                    step.name or step.stage,
                    step.stage,
                    0,
                    before,
                    after,
                    origins,
                )
            )
        work.begins = False
        if dump.title in log.natives:
            kept[work.index] = log.natives[dump.title]
    name = "optimize" if optimize else "freeze"
    return PassTrace(program, name, program.graph, tuple(records), (), kept)


@dataclass(slots=True)
class _Work:
    """The steps of one graph: the program's, or that of something it forks.

    Attributes:
        line: its snapshots.
        start: what ran before its first graph.
        parent, part: as those of its records.
        index: of its last record.
    """

    line: Line
    start: str
    parent: int = -1
    part: int = 0
    index: int = 0
    begins: bool = True
    last: Step | None = field(default=None)

    def next_step(self, dump: Dump) -> Step:
        """What ran before a graph."""
        self.last = self._step(dump)
        return self.last

    def _step(self, dump: Dump) -> Step:
        last = self.last
        stage = "optimize_for_inference" if last is not None and _is_frozen(last) else "freeze"
        if last is None:
            return Step(self.start, stage, dump.title.partition("Before ")[2].partition(" (")[0])
        named = next((name for title, name in _NAMES.items() if dump.title.startswith(title)), "")
        if dump.title == OPTIMIZED and last.name == _FROZEN:
            named = " + ".join(_OPTIMIZED)  # their graphs could not be printed
        if named:
            return Step("" if named == last.name else named, stage)
        found = find_step(dump.title, last) or Step("", stage)
        return Step(found.name, stage, found.following)


def _first(graph: Graph, text: str) -> Line:
    """Forks are inlined before freezing; then the clone is not what was captured."""
    try:
        return first_line(graph, text)
    except ValueError:
        return first_line(adopt_ids(graph, read_graph(text, graph.name).graph), text)


def _is_frozen(step: Step) -> bool:
    return step.name == _FROZEN or step.stage == "optimize_for_inference"
