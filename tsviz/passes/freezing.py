"""The pipelines of `torch.jit.freeze` and `optimize_for_inference`, as they really ran."""

from tsviz.frontends import Program
from tsviz.ir import Graph, adopt_ids, read_graph
from tsviz.jit.executor_log import Dump
from tsviz.jit.freeze_log import FROZEN, OPTIMIZED, record_freezing
from tsviz.passes.snapshots import Line, Snapshots, first_line
from tsviz.passes.steps import Step, find_step
from tsviz.passes.trace import PassRecord, PassTrace

_PROPAGATE = "PropagateAttributes"
_NAMES = {
    FROZEN: "FrozenConcatLinear + FoldFrozenConvAndLinear",
    "Before FrozenConcatLinear": "LowerSimpleTuples + RemoveDropout",
    "Before convert frozen ops to mkldnn": "FuseFrozenConvAddRelu",
    "After convert frozen ops to mkldnn": "ConvertFrozenOpsToMKLDNN",
    "No mkldnn compatible frozen nodes": "ConvertFrozenOpsToMKLDNN",
    OPTIMIZED: "FrozenLinearTranspose",
}
"""What ran before a graph, by the source of freezing, where the title does not say."""


def record_frozen(program: Program, *, optimize: bool) -> PassTrace:
    """Records freezing, and optimising for inference if asked, on a clone."""
    log = record_freezing(program.native, program.method, optimize=optimize)
    shared = Snapshots.of(program.graph)
    line = _first(program.graph, log.first)
    records: list[PassRecord] = []
    last: Step | None = None
    for dump in log.dumps:
        step = _step(dump, last, begins=not records)
        last = step
        before = line.current.graph
        after, origins = shared.follow(line, dump.text)
        if step.name or before is not after:
            name = step.name or step.stage
            records.append(
                PassRecord(len(records), -1, 0, name, step.stage, 0, before, after, origins)
            )
    return PassTrace(program, "optimize" if optimize else "freeze", program.graph, tuple(records))


def _first(graph: Graph, text: str) -> Line:
    """Forks are inlined before freezing; then the clone is not what was captured."""
    try:
        return first_line(graph, text)
    except ValueError:
        return first_line(adopt_ids(graph, read_graph(text, graph.name).graph), text)


def _step(dump: Dump, last: Step | None, *, begins: bool) -> Step:
    stage = "optimize_for_inference" if last is not None and _is_frozen(last) else "freeze"
    named = next((name for title, name in _NAMES.items() if dump.title.startswith(title)), "")
    if begins:
        named = _PROPAGATE
    if last is not None and named == last.name:
        return Step("", stage)  # the graph as it came out, after a last title of its own
    if named:
        following = dump.title.partition("Before ")[2].partition(" (")[0]
        return Step(named, stage, following if begins else "")
    found = find_step(dump.title, last) or Step("", stage)
    return Step(found.name, stage, found.following)


def _is_frozen(step: Step) -> bool:
    return step.name == _NAMES[FROZEN] or step.stage == "optimize_for_inference"
