"""All that a pipeline did, and the way of one node through it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Program, find_model_frame
from tsviz.ir import Graph, GraphDiff, Node, diff_graphs
from tsviz.location import FileRange, How
from tsviz.passes.blame import ATOL, RTOL, Blame, find_blame
from tsviz.passes.fates import find_fates
from tsviz.passes.inputs import find_inputs
from tsviz.passes.records import Cause, Fate, Origin
from tsviz.passes.saved_check import SavedCheck, check_saved

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class PassRecord:
    """One step of a pipeline.

    Attributes:
        index: its place in the trace.
        parent: index of the last step of the program before this one, where this one works on a
            part of it that is compiled by itself; -1 where it works on the program.
        part: number of that part, from 1 on; 0 for the program.
        name: of the pass, as the compiler calls it.
        stage: the phase of the pipeline.
        run: number of the run that caused it, from 1 on; 0 where none did.
        before, after: the graph; the same object if nothing changed. A backward graph comes from
            nothing: its nodes have the forward nodes for origins.
        origins: of the nodes that are new, or stand in another block.
        seconds: what it took; `None` where that was not measured.
        failure: what went wrong in it, or "".
        is_checked: whether `lint` and the verifier ran after it; what they found is the failure.
    """

    index: int
    parent: int
    part: int
    name: str
    stage: str
    run: int
    before: Graph
    after: Graph
    origins: tuple[Origin, ...] = ()
    seconds: float | None = None
    failure: str = ""
    is_checked: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether the pass changed anything."""
        return bool(self.diff)

    @cached_property
    def diff(self) -> GraphDiff:
        """What the pass changed, by identity."""
        return GraphDiff() if self.before is self.after else diff_graphs(self.before, self.after)

    @cached_property
    def sources(self) -> Mapping[int, Origin]:
        """Node id → its origin, for the nodes that have one in this step."""
        return {origin.node: origin for origin in self.origins}

    @cached_property
    def heirs(self) -> Mapping[int, tuple[int, ...]]:
        """Node id → ids of the nodes that this step made from it."""
        heirs: dict[int, list[int]] = {}
        for origin in self.origins:
            for source in origin.sources:
                heirs.setdefault(source, []).append(origin.node)
        return {source: tuple(nodes) for source, nodes in heirs.items()}

    @cached_property
    def fates(self) -> Mapping[int, Fate]:
        """Node id → what became of it, for the nodes that are gone."""
        return find_fates(self.before, self.after, self.diff.removed, self.origins)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a warm-up.

    Attributes:
        number: from 1 on.
        seconds: wall time, compiling and printing of the log included.
        steps: how many steps it caused.
        parts: how many parts of the program were first compiled in it.
        bailouts: how many of these are what runs instead where a check of a plan fails.
        plan: index of the step that left the plan it ran, -1 where the log does not say.
    """

    number: int
    seconds: float
    steps: int
    parts: int
    bailouts: int
    plan: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a node, or to what it came from or became.

    Attributes:
        record: index of the step.
        node: the id it happened to.
        what: its origin, its fate, or `None` where the step changed it in place.
    """

    record: int
    node: int
    what: Origin | Fate | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The way of a node through a pipeline.

    Attributes:
        node: its id.
        roots: ids of the nodes of the first snapshot that it comes from.
        ends: ids of the nodes of the last snapshot that come from it.
        events: all that happened on the way, in order.
    """

    node: int
    roots: tuple[int, ...]
    ends: tuple[int, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class PassTrace:
    """Every step of one pipeline over one program.

    Attributes:
        program: what was compiled.
        pipeline: its name.
        first: the graph before the first step.
        records: the steps, in order.
        diagnostics: what has to be said about it.
        natives: live graphs that were kept, by the index of their step.
        runs: what each run of the warm-up did, where there was one.
        groups: number of a part → op of the node that it is the subgraph of, where that is known.
    """

    program: Program
    pipeline: str
    first: Graph
    records: tuple[PassRecord, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    natives: Mapping[int, object] = field(default_factory=dict[int, object], repr=False)
    runs: tuple[RunRecord, ...] = ()
    groups: Mapping[int, str] = field(default_factory=dict[int, str])

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[PassRecord]:
        return iter(self.records)

    def __getitem__(self, index: int) -> PassRecord:
        return self.records[index]

    @property
    def last(self) -> Graph:
        """The graph after the last step of the program itself: what runs."""
        own = [record.after for record in self.records if record.parent < 0]
        return own[-1] if own else self.first

    @property
    def changed(self) -> tuple[PassRecord, ...]:
        """The steps that changed something."""
        return tuple(record for record in self.records if record.is_changed)

    @cached_property
    def _touching(self) -> Mapping[int, tuple[int, ...]]:
        """Node id → the steps that made, moved, changed or removed it or made something of it."""
        steps: dict[int, dict[int, None]] = {}
        for record in self.records:
            diff = record.diff
            touched = (
                *(origin.node for origin in record.origins),
                *(change.node for change in diff.changed),
                *diff.removed,
                *record.heirs,
            )
            for node in touched:
                steps.setdefault(node, {})[record.index] = None
        return {node: tuple(found) for node, found in steps.items()}

    def model_line(self, node: Node | int) -> FileRange | None:
        """The innermost frame outside PyTorch of a node of any snapshot, or `None`."""
        identity = node if isinstance(node, int) else node.id
        tables = (self.first.links, *(record.after.links for record in self.records))
        link = next((table[identity] for table in tables if identity in table), None)
        unknown = link is None or link.how is How.NONE
        return None if unknown or link is None else find_model_frame(link.location)

    def lineage(self, node: Node | int) -> Lineage:
        """Where a node of any snapshot comes from, and all that became of it.

        Args:
            node: of any snapshot, or its id.

        Raises:
            UsageError: `TSV-S16` no snapshot has such a node.
        """
        identity = node if isinstance(node, int) else node.id
        if identity not in self._known:
            message = f"expected a node of this trace, got the id {identity}"
            help = "take one from `trace.first.nodes` or from a record's graphs"
            raise UsageError(Diagnostic("TSV-S16", message, help=help))
        back, roots = self._back(identity)
        forth, ends = self._forth(identity)
        events = {(e.record, e.node, type(e.what)): e for e in (*back, *forth)}
        ordered = sorted(events.values(), key=lambda event: event.record)
        return Lineage(identity, roots, ends, tuple(ordered))

    def roots(self, node: int) -> tuple[int, ...]:
        """Ids of the nodes of the first snapshot that a node of any snapshot comes from."""
        return self._back(node)[1]

    @cached_property
    def _known(self) -> frozenset[int]:
        made = (node for record in self.records for node in record.diff.added)
        return frozenset((*self.first.nodes, *made))

    def _back(self, node: int) -> tuple[list[Event], tuple[int, ...]]:
        events: list[Event] = []
        roots: dict[int, None] = {}
        todo, seen = [node], {node}
        while todo:
            identity = todo.pop()
            if identity in self.first.nodes:
                roots[identity] = None
            for index in self._touching.get(identity, ()):
                origin = self.records[index].sources.get(identity)
                if origin is None:
                    continue
                events.append(Event(index, identity, origin))
                todo += [source for source in origin.sources if source not in seen]
                seen.update(origin.sources)
        return events, tuple(sorted(roots))

    def _forth(self, node: int) -> tuple[list[Event], tuple[int, ...]]:
        events: list[Event] = []
        ends: dict[int, None] = {}
        todo, seen = [node], {node}
        last = self.last.nodes
        while todo:
            identity = todo.pop()
            if identity in last:
                ends[identity] = None
            for index in self._touching.get(identity, ()):
                record = self.records[index]
                heirs = tuple(
                    heir
                    for heir in record.heirs.get(identity, ())
                    if not record.sources[heir].is_helper
                )
                fate = record.fates.get(identity)
                if fate is not None:
                    events.append(Event(index, identity, fate))
                    heirs = (*heirs, *(() if fate.cause is Cause.BYPASSED else fate.successors))
                elif any(change.node == identity for change in record.diff.changed):
                    events.append(Event(index, identity, None))
                events += [
                    Event(index, heir, record.sources[heir])
                    for heir in heirs
                    if heir in record.sources
                ]
                todo += [heir for heir in heirs if heir not in seen]
                seen.update(heirs)
        return events, tuple(sorted(ends))

    def blame(
        self,
        args: Sequence[object] | None = None,
        kwargs: Mapping[str, object] | None = None,
        *,
        rtol: float = RTOL,
        atol: float = ATOL,
    ) -> Blame:
        """Runs the snapshots and names the first step after which results are another.

        Every run is made on copies, unoptimised and from one random seed.

        Args:
            args, kwargs: example inputs; by default those the program was captured with.
            rtol, atol: as those of `torch.allclose`.

        Raises:
            UsageError: `TSV-S11` no example inputs; as `Program.get_native`.
            PassError: `TSV-S06` the program itself fails.
        """
        self.program.get_native()
        inputs = find_inputs(self.program, args, kwargs)
        own = [record for record in self.records if not record.part]
        given = (inputs.args, inputs.kwargs)
        return find_blame(self.program, own, self.natives, given, rtol=rtol, atol=atol)

    def check_saved(
        self,
        args: Sequence[object] | None = None,
        kwargs: Mapping[str, object] | None = None,
        *,
        rtol: float = RTOL,
        atol: float = ATOL,
    ) -> SavedCheck:
        """Freezes as this pipeline does, saves and loads, and compares what each returns.

        Args:
            args, kwargs: example inputs; by default those the program was captured with.
            rtol, atol: as those of `torch.allclose`.

        Raises:
            UsageError: `TSV-S22` this is no trace of `freeze` or `optimize`; `TSV-S11` no example
                inputs; as `Program.get_native`.
            PassError: `TSV-S06` the program itself fails.
        """
        if self.pipeline not in ("freeze", "optimize"):
            message = f"expected a trace of `freeze` or `optimize`, got one of `{self.pipeline}`"
            help = 'run_passes(program, pipeline="freeze").check_saved()'
            raise UsageError(Diagnostic("TSV-S22", message, help=help))
        self.program.get_native()
        inputs = find_inputs(self.program, args, kwargs)
        optimize = self.pipeline == "optimize"
        given = (inputs.args, inputs.kwargs)
        return check_saved(self.program, given, optimize=optimize, rtol=rtol, atol=atol)

    # ── as a table ───────────────────────────────────────────────────────────────────────────

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a step: stage, name, run, nodes before and after, what changed, seconds."""
        return renderer("passes_dataframe")(self)

    def __repr__(self) -> str:
        changed = len(self.changed)
        name = f"{self.program.title}.{self.program.method}"
        return f"<PassTrace {self.pipeline} of {name}: {len(self)} steps, {changed} changed it>"
