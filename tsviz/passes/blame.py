"""Which pass changed the numbers: every snapshot is made runnable again, run, and compared.

All runs begin from one state: copies of the module and the inputs, one random seed, no optimiser.
So what differs between two snapshots is what the pass between them did.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program
from tsviz.ir import Graph
from tsviz.jit.differences import Difference, difference
from tsviz.jit.emit import Emitter
from tsviz.jit.natives import inlined_graph
from tsviz.jit.running import SEED, Runner
from tsviz.passes.narrowing import Divergence, Scene
from tsviz.passes.outcomes import Outcome, first_result
from tsviz.passes.reproducing import Case

if TYPE_CHECKING:
    import pandas

    from tsviz.passes.trace import PassRecord

RTOL, ATOL = 1e-5, 1e-6


@dataclass(frozen=True, slots=True)
class Verdict:
    """One snapshot, run.

    Attributes:
        record: index of the step it stands after; -1 for the first snapshot.
        difference: from the first snapshot; `None` where it could not be run.
        reason: why it could not, or "".
    """

    record: int
    difference: Difference | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Blame:
    """Which pass is to blame.

    Attributes:
        culprit: index of the first step after which results are out of tolerance, or `None`.
        since: index of the last step after which they were not; what lies between could not run.
        nodes: ids of the nodes that those steps made or changed, and that results depend on; only
            those with which the numbers part, where that could be seen.
        divergences: the first values that differ although what they are computed from agrees.
        verdicts: of every snapshot that differs from the one before.
        rtol, atol: the tolerance.
        is_steady: whether the first snapshot gives the same twice.
        is_random: whether runs draw random numbers; every run does from the same seed, `SEED`.
    """

    culprit: int | None
    since: int
    nodes: tuple[int, ...]
    verdicts: tuple[Verdict, ...]
    rtol: float
    atol: float
    is_steady: bool
    is_random: bool = False
    divergences: tuple[Divergence, ...] = ()
    _case: Case | None = field(default=None, repr=False, compare=False)

    @property
    def runnable(self) -> float:
        """The share of snapshots that could be run."""
        ran = sum(verdict.difference is not None for verdict in self.verdicts)
        return ran / len(self.verdicts)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a snapshot: what could be run, and how far it is from the first."""
        return renderer("blame_dataframe")(self)

    def write_reproducer(self, path: str | Path) -> str:
        """Writes a script that shows the first divergence with PyTorch alone.

        It runs the nodes responsible, before and after, on what they were given, prints the
        difference, and exits with 1 if there is one. Its inputs lie in a file beside it.

        Args:
            path: of the script, such as `fault.py`.

        Returns:
            One line on what was written.

        Raises:
            PassError: `TSV-S20` the nodes alone show no difference, or cannot be written as text.
            UsageError: `TSV-S21` there is no divergence to show.
        """
        if self._case is None:
            what = "no pass is to blame" if self.culprit is None else "it is not known where"
            message = f"expected a divergence to show in a script, but {what}"
            raise UsageError(Diagnostic("TSV-S21", message))
        return self._case.write(Path(path).expanduser())

    def __repr__(self) -> str:
        seed = f", random numbers from seed {SEED}" if self.is_random else ""
        if self.culprit is None:
            ran = f"{self.runnable:.0%} of {len(self.verdicts)} snapshots ran"
            return f"<Blame: no pass, {ran}{seed}>"
        return f"<Blame: step {self.culprit}, {len(self.nodes)} nodes{seed}>"


def find_blame(
    program: Program,
    records: Sequence["PassRecord"],
    natives: Mapping[int, object],
    inputs: tuple[Sequence[object], Mapping[str, object]],
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Blame:
    """Runs every distinct snapshot and compares it with the first.

    Args:
        records: the steps of the program itself.
        natives: live graphs that were kept, by the index of their step.
        inputs: args and kwargs.
        rtol, atol: as those of `torch.allclose`.

    Raises:
        PassError: `TSV-S06` the program itself fails.
    """
    native = inlined_graph(program.native, program.method)
    emitter = Emitter(program.graph, native, program.native)
    for record in records:
        if record.index in natives:
            emitter.learn(record.after, natives[record.index])
    runner = Runner(program.native, program.method, *inputs)
    first = first_result(program, lambda: runner.run(native))
    again = Outcome.of(lambda: runner.run(native))
    steady = not difference(first, again.result, rtol=0, atol=0).beyond

    def judge(index: int, graph: Graph) -> Verdict:
        outcome = Outcome.of(lambda: runner.run(emitter.emit(graph)))
        if outcome.error is not None:
            return Verdict(index, None, outcome.reason)
        return Verdict(index, difference(first, outcome.result, rtol=rtol, atol=atol))

    verdicts = [judge(-1, program.graph)]
    verdicts += [judge(record.index, record.after) for record in records if record.is_changed]
    culprit, since = _first_beyond(verdicts)
    blame = Blame(culprit, since, (), tuple(verdicts), rtol, atol, steady, runner.is_random)
    if culprit is None:
        return blame
    after = {-1: program.graph, **{record.index: record.after for record in records}}
    touched = tuple(_responsible(records, since, culprit))
    scene = Scene(after[since], after[culprit], emitter, runner, rtol, atol)
    found = Outcome.of(lambda: scene.find_divergences(touched))
    divergences = cast("tuple[Divergence, ...]", found.result or ())
    named = dict.fromkeys(node for divergence in divergences for node in divergence.nodes)
    passes = [r.name for r in records if since < r.index <= culprit and r.is_changed]
    return replace(
        blame,
        nodes=tuple(named) or touched,
        divergences=divergences,
        _case=Case(scene, divergences[0], f"{program.name}, {', '.join(passes)}")
        if divergences
        else None,
    )


def _first_beyond(verdicts: list[Verdict]) -> tuple[int | None, int]:
    since = -1
    for verdict in verdicts:
        if verdict.difference is None:
            continue
        if verdict.difference.beyond:
            return verdict.record, since
        since = verdict.record
    return None, since


def _responsible(records: Sequence["PassRecord"], since: int, culprit: int) -> Iterator[int]:
    """What the steps after `since`, up to the culprit, made, or changed in what it computes."""
    found: dict[int, None] = {}
    last = records[0].after
    for record in records:
        if since < record.index <= culprit:
            last = record.after
            found.update(dict.fromkeys(record.diff.added))
            for change in record.diff.changed:
                if any(edit.what in ("attribute", "input", "op") for edit in change.edits):
                    found[change.node] = None
    used = _used(last)
    yield from (node for node in found if node in used)


def _used(graph: Graph) -> set[int]:
    """The nodes that what the graph returns depends on."""
    found: set[int] = set()
    todo = list(graph.block.returns)
    while todo:
        maker = graph.producers.get(todo.pop())
        if maker is not None and maker.id not in found:
            found.add(maker.id)
            todo += maker.inputs
            todo += (value for block in maker.blocks for value in block.returns)
    return found
