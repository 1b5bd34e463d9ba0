"""The pipeline of PyTorch's executor, recorded from the real thing while a program warms up."""

from dataclasses import dataclass, field

from tsviz.frontends import Program
from tsviz.jit.executor_log import Dump
from tsviz.jit.recording import Recorder, Run
from tsviz.passes.snapshots import Line, Snapshots, first_line, part_line
from tsviz.passes.steps import FIRST_TITLE, PREOPTIMIZE, Step, find_step
from tsviz.passes.trace import PassRecord


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
    """

    program: Program
    recorder: Recorder
    records: list[PassRecord] = field(default_factory=list[PassRecord])
    natives: dict[int, object] = field(default_factory=dict[int, object])
    _executors: dict[str, _Executor] = field(default_factory=dict[str, _Executor])
    _parts: int = 0
    _shared: Snapshots = field(init=False)
    _main: _Executor = field(init=False)

    def __post_init__(self) -> None:
        graph = self.program.graph
        self._shared = Snapshots.of(graph)
        self._main = _Executor(first_line(graph, self.recorder.first), -1, 0)

    def add(self, run: Run) -> None:
        """Adds the records of one run."""
        for dump in run.dumps:
            self._add(dump, run.number)
        if run.dumps and run.plan.strip() == self._main.line.text.strip():
            self.natives[self._last_of_main()] = run.native

    def _add(self, dump: Dump, run: int) -> None:
        executor = self._executor(dump)
        step = find_step(dump.title, executor.step)
        if step is None:
            return
        begins, executor.step, executor.is_new = executor.is_new, step, False
        before = executor.line.current.graph
        after, origins = self._shared.follow(executor.line, dump.text)
        if begins and executor is not self._main:
            return  # what a part of the program is compiled from is no pass's work
        name = step.name or (PREOPTIMIZE if begins else "Copy")
        stage = "before the executor" if begins else step.stage
        if step.name or before is not after:
            self.records.append(
                PassRecord(
                    len(self.records),
                    executor.parent,
                    executor.part,
                    name,
                    stage,
                    run,
                    before,
                    after,
                    origins,
                )
            )

    def _executor(self, dump: Dump) -> _Executor:
        known = self._executors.get(dump.executor)
        if known is not None and not known.is_new and dump.title.startswith(FIRST_TITLE):
            known = None  # the memory of one that is gone was used again
        if known is None:
            if not self._executors:
                known = self._main
            else:
                current = self._main.line.current
                self._parts += 1
                known = _Executor(part_line(current), self._last_of_main(), self._parts)
            self._executors[dump.executor] = known
        return known

    def _last_of_main(self) -> int:
        own = (record.index for record in reversed(self.records) if record.parent < 0)
        return next(own, 0)
