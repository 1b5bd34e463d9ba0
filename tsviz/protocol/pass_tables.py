"""A recorded pipeline as tables; conventions as in `tsviz.protocol.tables`."""

from dataclasses import dataclass

from tsviz.protocol.columns import Column


@dataclass(frozen=True, slots=True)
class PassPayload:
    """One step of a pipeline.

    Attributes:
        name, stage: of the pass, and the phase it belongs to.
        run: number of the run that caused it, 0 where none did.
        part: number of the part it worked on, 0 for the program.
        graph: row of the graph after it; that of an earlier step if it changed nothing; -1 where
            it does not travel.
        added, removed, changed, moved: numbers of nodes.
        summary: what such a pass does, in a sentence or two, or "".
        lesson: the pass whose lesson shows that, or "".
        words: the largest rewrites, a sentence each.
        seconds: what it took, `None` where that was not measured.
        is_checked: whether `lint` and the verifier ran after it; what they found is the failure.
        failure: what went wrong in it, or "".
        gone, cause, heirs_at, heirs: a row a node that is no more: its number, why (0 replaced
            · 1 folded · 2 common · 3 bypassed · 4 dead), and the nodes that stand for it.
        made, action, exact, sources_at, sources: a row a new node: its number, how it came to be
            (0 created · 1 copied · 2 replaced · 3 merged · 4 inlined · 5 gradient · 6 moved),
            whether the compiler's own mark says so, and the nodes it comes from.
    """

    name: str
    stage: str
    run: int
    part: int
    graph: int
    added: int
    removed: int
    changed: int
    moved: int
    summary: str
    lesson: str
    words: list[str]
    seconds: float | None
    is_checked: bool
    failure: str
    gone: Column
    cause: Column
    heirs_at: Column
    heirs: Column
    made: Column
    action: Column
    exact: Column
    sources_at: Column
    sources: Column


@dataclass(frozen=True, slots=True)
class RunPayload:
    """One run of a warm-up.

    Attributes:
        number: from 1 on.
        seconds: wall time, compiling and printing of the log included.
        steps: how many steps it caused.
        parts: how many parts of the program were first compiled in it.
        bailouts: how many of these are what runs instead where a check of a plan fails.
        plan: row of the step that left the plan it ran, -1 where that is not known.
    """

    number: int
    seconds: float
    steps: int
    parts: int
    bailouts: int
    plan: int


@dataclass(frozen=True, slots=True)
class PartPayload:
    """A part of the program that was compiled by itself.

    Attributes:
        number: from 1 on, in the order in which their steps begin.
        kind: the op of the node it is the subgraph of, `backward` for a backward graph, "" where
            that is not known.
        parent: row of the last step of the program before it.
        within: number of the part that it was taken from, 0 for the program.
        graph: row of the graph it begins with, -1 where there is none.
        travels: whether its graphs are in the document.
    """

    number: int
    kind: str
    parent: int
    within: int
    graph: int
    travels: bool


@dataclass(frozen=True, slots=True)
class PassesPayload:
    """A recorded pipeline; steps have the rows they have in `PassTrace`."""

    pipeline: str
    records: list[PassPayload]
    runs: list[RunPayload]
    parts: list[PartPayload]
