"""A stepped program for the wire: where it stands, why, and what there is to see.

Nodes and values are rows of the graph that is stepped; files are named by their paths.
"""

from dataclasses import dataclass

from tsviz.protocol.columns import Column
from tsviz.protocol.report_tables import DiagnosticPayload


@dataclass(frozen=True, slots=True)
class DebugFrame:
    """One call that leads to a node; lines 1-based, columns 0-based."""

    path: str
    line: int
    col: int
    end_line: int
    end_col: int
    function: str


@dataclass(frozen=True, slots=True)
class DebugBreakpoint:
    """A breakpoint.

    Attributes:
        text: where it is, as it is shown.
        when: its condition, or "".
        after: how many times it lets the program pass.
        hits: how often it was met and its condition held.
        path, line: the line it is on, "" and 0 where it is on none.
        node: the node it is on, -1 where it is on none, or on several.
        failure: what its condition raised when it was last evaluated, or "".
    """

    number: int
    text: str
    when: str
    after: int
    hits: int
    path: str
    line: int
    node: int
    failure: str


@dataclass(frozen=True, slots=True)
class DebugPin:
    """A value that is kept.

    Attributes:
        name: by which it is compared.
        shown: what it is, in a line.
        position: of the program when it was kept.
        node: the node that had computed it, -1 where it is no single value.
    """

    name: str
    shown: str
    position: int
    node: int


@dataclass(frozen=True, slots=True)
class DebugRecord:
    """A record of a run: its name, how many values it noted, and what the run raised, or ""."""

    name: str
    values: int
    fault: str


@dataclass(frozen=True, slots=True)
class DebugWatch:
    """An expression that is watched, and what it gives, or why nothing."""

    text: str
    shown: str


@dataclass(frozen=True, slots=True)
class DebugState:
    """A program that is held, runs, or is done.

    Attributes:
        serial: raised with each answer; what is older than what is shown is dropped.
        status: `none` where nothing is stepped, `running`, `paused`, `finished`, `failed`, `ended`.
        is_other: whether the graph that is stepped is not the one that was captured: what it forks
            is inlined.
        position: how many nodes it has come to; `furthest`: the last position it ever reached.
        node: the node that is next or, `is_after` it, was last; -1 for none.
        text: that node as IR text.
        is_head: whether this is the head of an iteration of that loop.
        reason: why it is held.
        iteration: of the innermost loop around, from 1 on; 0 outside of loops.
        path, line: the user's line; "" and 0 where none is known.
        frames: innermost first.
        result: what the program returned, in a line.
        fault: what it raised.
        notes: what is not as it was.
    """

    serial: int
    status: str
    is_other: bool
    position: int
    furthest: int
    node: int
    text: str
    is_head: bool
    is_after: bool
    reason: str
    scope: str
    iteration: int
    path: str
    line: int
    frames: list[DebugFrame]
    result: str
    fault: DiagnosticPayload | None
    notes: list[DiagnosticPayload]
    breakpoints: list[DebugBreakpoint]
    watches: list[DebugWatch]
    pins: list[DebugPin]
    records: list[DebugRecord]


@dataclass(frozen=True, slots=True)
class DebugValue:
    """A value where the program is held, as a summary.

    Attributes:
        row: of the value; -1 for what is none of the graph's: `name` is an expression then.
        text: what it is, in a line; "" where `note` says why there is nothing to show.
        kind: of a tensor, such as `f32[2, 3]`; else "".
        least, most, mean: of the numbers that are finite.
        is_edited: whether it stands for another one.
        is_changed: whether a bit of it is another one than at the last stop, where it was seen.
        is_new: whether it was not in sight at the last stop.
        is_used: whether the node that is next takes it.
    """

    name: str
    row: int
    type: str
    text: str
    kind: str
    device: str
    least: float | None
    most: float | None
    mean: float | None
    nans: int
    infinities: int
    note: str
    is_edited: bool
    is_changed: bool
    is_new: bool
    is_used: bool


@dataclass(frozen=True, slots=True)
class DebugValues:
    """Values in sight: `total` in all, here those from `first` on, the last one made first."""

    serial: int
    first: int
    total: int
    rows: list[DebugValue]


@dataclass(frozen=True, slots=True)
class DebugPage:
    """Numbers or items of what an expression gives: `total` in all, here those from `first` on.

    `shape` of a tensor, whose items are numbers in the order of its last dimension; else null.
    """

    title: str
    first: int
    total: int
    items: list[str]
    shape: list[int] | None


@dataclass(frozen=True, slots=True)
class DebugStatistics:
    """Of a tensor; numbers that JSON has not, and those that were not counted, are null."""

    least: float | None
    most: float | None
    mean: float | None
    deviation: float | None
    nans: int
    infinities: int
    zeros: int | None


@dataclass(frozen=True, slots=True)
class DebugHistogram:
    """How finite numbers are spread: equally wide bars from `low` to `high`."""

    low: float
    high: float
    counts: list[int]


@dataclass(frozen=True, slots=True)
class DebugPicture:
    """Pixels of three bytes, row by row, and what they show."""

    width: int
    height: int
    pixels: Column
    words: str


@dataclass(frozen=True, slots=True)
class DebugDetail:
    """What an expression gives, at one look.

    Attributes:
        title: what it is, in a line.
        kind, device: of a tensor; else "".
        facts: further ones, in words.
        count: of its numbers; `looked_at`: how many the histogram and the course are made of.
        least_course, most_course: the numbers in their order, the ends of equally long stretches;
            NaN where nothing is finite.
    """

    title: str
    kind: str
    device: str
    facts: list[str]
    count: int
    looked_at: int
    statistics: DebugStatistics | None
    histogram: DebugHistogram | None
    least_course: Column
    most_course: Column
    picture: DebugPicture | None


@dataclass(frozen=True, slots=True)
class DebugSide:
    """One side of a comparison.

    Attributes:
        name: of a pin, or an expression.
        position: of the program where it was that.
        node: the node that had computed it, -1 for none.
        number: the one at the place of the largest difference, as text.
    """

    name: str
    position: int
    node: int
    number: str


@dataclass(frozen=True, slots=True)
class DebugApart:
    """How far two tensors are apart.

    Attributes:
        differing: how many numbers differ, of `count`.
        absolute, relative: the largest differences, as text: infinities are among them.
        ulps: the largest number of steps between neighbouring floats, null for others.
        where: the index of the largest absolute difference.
    """

    words: str
    differing: int
    count: int
    absolute: str
    relative: str
    ulps: int | None
    where: list[int]
    one: DebugSide
    other: DebugSide


@dataclass(frozen=True, slots=True)
class DebugDrift:
    """Two records held against each other, value by value along the program.

    Attributes:
        words: how they part, in a few lines.
        first: the row of the first difference, -1 where there is none.
        pairs: how many values stand for each other; of many, rows are taken evenly.
        position, node: of the first record's values; -1 for nodes of another graph.
        drift: the largest difference of samples, by the largest number in them; NaN for no numbers.
        equal: whether they are equal bit for bit.
        names, others, ops, places: as texts; `names` of the first record, `others` of the other.
    """

    words: str
    first: int
    pairs: int
    position: Column
    node: Column
    drift: Column
    equal: Column
    names: list[str]
    others: list[str]
    ops: list[str]
    places: list[str]
