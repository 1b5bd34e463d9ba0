"""The pipeline of PyTorch's executor, recorded from the real thing while a program warms up."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from tsviz.frontends import Program, find_model_frame
from tsviz.ir import Graph, read_graph
from tsviz.jit.autodiff_log import Differentiation
from tsviz.jit.executor_log import Dump
from tsviz.jit.recording import Recorder, Run
from tsviz.jit.tags import read_tags
from tsviz.location import FileRange
from tsviz.passes.gradients import pair_gradients
from tsviz.passes.parts import Parts
from tsviz.passes.records import Origin
from tsviz.passes.snapshots import Line, Snapshots, first_line, part_line
from tsviz.passes.steps import BACKWARD_TITLE, FIRST_TITLE, PREOPTIMIZE, Step, find_step
from tsviz.passes.trace import PassRecord, RunRecord

DIFFERENTIATE = "differentiate"
_FALLBACK = "prim::FallbackGraph"
_SHAPED = re.compile(r"\b[A-Z]\w*\([^()]*(?:requires_grad|device|strides)=[^()]*\)")


@dataclass(slots=True)
class _Executor:
    """What is known of one executor: its program so far, and its last step."""

    line: Line
    parent: int
    part: int
    step: Step | None = None
    is_new: bool = True


@dataclass(slots=True)
class RuntimeBuilder:
    """Turns the dumps of runs into records.

    Attributes:
        natives: live graphs of the program by the index of the step they stand after.
        runs: what each run did.
        groups: number of a part → op of the node that it is the subgraph of.
    """

    program: Program
    recorder: Recorder
    records: list[PassRecord] = field(default_factory=list[PassRecord])
    runs: list[RunRecord] = field(default_factory=list[RunRecord])
    natives: dict[int, object] = field(default_factory=dict[int, object])
    groups: dict[int, str] = field(default_factory=dict[int, str])
    _executors: dict[str, _Executor] = field(default_factory=dict[str, _Executor])
    _count: int = 0
    _bailouts: int = 0
    _parts: Parts = field(default_factory=Parts)
    _gradient: list[int] = field(default_factory=list[int])
    _backward: defaultdict[str, list[list[int]]] = field(
        default_factory=lambda: defaultdict[str, list[list[int]]](list)
    )
    _shared: Snapshots = field(init=False)
    _main: _Executor = field(init=False)

    def __post_init__(self) -> None:
        graph = self.program.graph
        self._shared = Snapshots.of(graph, model_files(self.program))
        self._main = _Executor(first_line(graph, self.recorder.first), -1, 0)

    def add(self, run: Run) -> None:
        """Adds the records of one run."""
        records, parts, bailouts = len(self.records), self._count, self._bailouts
        plan = self.runs[-1].plan if self.runs else -1
        for dump in run.dumps:
            if dump.differentiation is not None:
                self._gradient = self._pair(dump.differentiation)
            elif dump.title.startswith(BACKWARD_TITLE):
                self._backward[_body(dump.text)].append(self._gradient)
            else:
                self._add(dump, run.number)
        if run.dumps and run.plan.strip() == self._main.line.text.strip():
            plan = self._last_of_main()
            self.natives[plan] = run.native
        steps, parts = len(self.records) - records, self._count - parts
        bailouts = self._bailouts - bailouts
        self.runs.append(RunRecord(run.number, run.seconds, steps, parts, bailouts, plan))

    def _add(self, dump: Dump, run: int) -> None:
        executor = self._executor(dump)
        step = find_step(dump.title, executor.step)
        if step is None:
            return
        begins, executor.step, executor.is_new = executor.is_new, step, False
        if begins and executor.part:
            self._begin_part(executor, dump.text, run)
            return
        before = executor.line.current.graph
        after, origins = self._shared.follow(executor.line, dump.text)
        if before is not after:
            self._parts.see(executor.line.current)
        name = step.name or (PREOPTIMIZE if begins else "Copy")
        stage = "before the executor" if begins else step.stage
        if step.name or before is not after:
            self._record(executor, name, stage, run, before, after, origins)

    def _begin_part(self, executor: _Executor, text: str, run: int) -> None:
        """Reads what a part is compiled from: a group of the program, or a backward graph."""
        gradients = self._backward.get(_body(text))
        line = executor.line
        before = line.current.graph
        if gradients:
            # backward runs from the end; of equal graphs the last is the first to run
            forward = gradients.pop() if len(gradients) > 1 else gradients[0]
            after, origins = self._shared.begin_backward(line, text, forward)
            self._record(executor, DIFFERENTIATE, "gradients", run, before, after, origins)
            return
        reading = read_graph(text)
        found = self._parts.find(reading.graph, read_tags(reading.comments))
        if found is not None:
            self.groups[executor.part] = found.op
            self._bailouts += found.op == _FALLBACK
        executor.line = line = part_line(found and found.group, before)
        before = line.current.graph
        after, origins = self._shared.follow(line, text)
        if before is not after:
            self._record(executor, "Copy", "compiled apart", run, before, after, origins)

    def _record(
        self,
        executor: _Executor,
        name: str,
        stage: str,
        run: int,
        before: Graph,
        after: Graph,
        origins: tuple[Origin, ...],
    ) -> None:
        index = len(self.records)
        self.records.append(
            PassRecord(
                index, executor.parent, executor.part, name, stage, run, before, after, origins
            )
        )

    def _pair(self, found: Differentiation) -> list[int]:
        """For the nodes of a backward graph, in printed order, the forward nodes."""
        read = read_graph(found.forward)
        backward = read_graph(found.backward).graph
        pairs = pair_gradients(found, read.graph, backward)
        ids = self._parts.identify(read.graph, read_tags(read.comments))
        known = dict(zip(read.graph.nodes, ids, strict=True))
        return [known.get(pairs.get(node.id, 0), 0) for node in backward.iter_nodes()]

    def _executor(self, dump: Dump) -> _Executor:
        known = self._executors.get(dump.executor)
        if known is not None and not known.is_new and dump.title.startswith(FIRST_TITLE):
            known = None  # the memory of one that is gone was used again
        if known is None:
            if not self._executors:
                known = self._main
            else:
                self._count += 1
                line = part_line(None, self._main.line.current.graph)
                known = _Executor(line, self._last_of_main(), self._count)
            self._executors[dump.executor] = known
        return known

    def _last_of_main(self) -> int:
        own = (record.index for record in reversed(self.records) if record.parent < 0)
        return next(own, 0)


def _body(text: str) -> str:
    """A graph without its arguments and without shapes, which are forgotten when it is compiled."""
    return _SHAPED.sub("Tensor", text.partition("):\n")[2])


def model_files(program: Program) -> frozenset[str]:
    """The files of a program's own code, PyTorch's left out."""
    return frozenset(file for file in program.sources if find_model_frame(FileRange(file, 1)))
