"""Whole runs as figures: statistics, fingerprints and samples of every value, in order.

A record holds no tensors, so it is small, and two of them can be held against each other: two
inputs, two variants of a model, two machines.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from tsviz.debugger.numerics import Statistics
from tsviz.debugger.places import Places
from tsviz.debugger.state import Fault
from tsviz.display import renderer
from tsviz.errors import Diagnostic
from tsviz.frontends import Program
from tsviz.location import FileRange

if TYPE_CHECKING:
    import pandas

_ALIGNABLE = 20_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One value that was computed.

    Attributes:
        position: of the node that computed it; 0 for what the program was given.
        value: id of the value; it comes again in a loop.
        mark: a fingerprint of all its bits.
        statistics: of a tensor, `None` of anything else.
        sample: up to 64 numbers of a tensor, evenly spread.
        kept: the tensor itself, where that was asked for.
    """

    position: int
    value: int
    mark: int
    statistics: Statistics | None
    sample: tuple[float, ...] = ()
    kept: object = None


@dataclass(frozen=True)
class Record:
    """One run.

    Attributes:
        program: what ran.
        entries: what was computed, in order.
        fault: what the program raised, `None` if it came to its end.
        is_whole: whether nothing was left out because there was too much.
        notes: warnings: what is to be known about it.
        result: what the program returned.
    """

    program: Program
    entries: tuple[Recorded, ...]
    fault: Fault | None = None
    is_whole: bool = True
    notes: tuple[Diagnostic, ...] = ()
    result: object = field(default=None, compare=False)

    def compare(self, other: "Record") -> "RecordDiff":
        """Where another run computed something else."""
        return diff_records(self, other)

    @cached_property
    def places(self) -> Places:
        """Where the nodes stand."""
        return Places(self.program)

    def name(self, entry: Recorded) -> str:
        """The name of a value in the IR."""
        return f"%{self.program.graph.values[entry.value].name}"

    def op(self, entry: Recorded) -> str:
        """The op that computed a value, "" for what the program was given."""
        maker = self.places.makers[entry.value]
        return self.program.graph.nodes[maker].op if maker else ""

    def line(self, entry: Recorded) -> FileRange | None:
        """The line that a value comes from."""
        maker = self.places.makers[entry.value]
        return self.places.line(maker) if maker else None

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a value, in order."""
        return renderer("record_dataframe")(self)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        end = f", failed with {self.fault.kind}" if self.fault is not None else ""
        return f"<tsviz.Record of {self.program.name} ({len(self)} values{end})>"


# ── two records ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Pair:
    """A value of one run and the one of the other that stands for it.

    Attributes:
        drift: the largest difference between their samples, by the largest number in them; `None`
            where they have none, or not of one shape.
    """

    one: Recorded
    other: Recorded
    drift: float | None

    @property
    def is_equal(self) -> bool:
        """Whether they are equal bit for bit."""
        return self.one.mark == self.other.mark


@dataclass(frozen=True)
class RecordDiff:
    """Two runs held against each other.

    Attributes:
        pairs: what stands for each other, in order.
        alone: values of the first run that nothing stands for.
        alone_other: those of the other.
    """

    one: Record
    other: Record
    pairs: tuple[Pair, ...]
    alone: tuple[Recorded, ...]
    alone_other: tuple[Recorded, ...]

    @property
    def first(self) -> Pair | None:
        """The first two values that are not equal, what the programs were given left out."""
        differing = (pair for pair in self.pairs if not pair.is_equal)
        return next((pair for pair in differing if self.one.op(pair.one)), None)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a pair: how far the runs have drifted apart, along the depth of the program."""
        return renderer("drift_dataframe")(self)

    def __str__(self) -> str:
        equal = sum(pair.is_equal for pair in self.pairs)
        lines = [f"{equal} of {len(self.pairs)} values equal bit for bit"]
        missing = len(self.alone) + len(self.alone_other)
        if missing:
            lines[0] += f", {missing} without a counterpart"
        if self.first is not None:
            lines += _told(self.one, self.first)
        return "\n".join(lines)


def _told(record: Record, pair: Pair) -> Iterator[str]:
    place = record.line(pair.one)
    where = f" ({place.file}:{place.line})" if place is not None else ""
    yield f"first difference: {record.name(pair.one)}, by `{record.op(pair.one)}`{where}"
    if pair.drift is not None:
        yield f"  relative {pair.drift:.3g}, over {len(pair.one.sample)} numbers of it"


def diff_records(one: Record, other: Record) -> RecordDiff:
    """Pairs two runs: by the same nodes, else by line, op and kind of value in order."""
    is_same = one.program.graph is other.program.graph
    keys, keys_other = (
        [entry.value if is_same else _key(record, entry) for entry in record.entries]
        for record in (one, other)
    )
    pairs: list[Pair] = []
    for at, size, at_other in _match(keys, keys_other):
        sides = one.entries[at : at + size], other.entries[at_other : at_other + size]
        pairs += [Pair(a, b, _drift(a, b)) for a, b in zip(*sides, strict=True)]
    paired = {id(pair.one) for pair in pairs}
    paired_other = {id(pair.other) for pair in pairs}
    return RecordDiff(
        one,
        other,
        tuple(pairs),
        tuple(entry for entry in one.entries if id(entry) not in paired),
        tuple(entry for entry in other.entries if id(entry) not in paired_other),
    )


def _key(record: Record, entry: Recorded) -> object:
    place = record.line(entry)
    kind = entry.statistics.shape if entry.statistics is not None else ()
    return place and (place.file, place.line), record.op(entry), kind


def _match(one: list[object], other: list[object]) -> list[tuple[int, int, int]]:
    """(start, size, start in the other) of what is the same in both, in order."""
    ahead = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        ahead += 1
    rest, rest_other = one[ahead:], other[ahead:]
    found = [(0, ahead, 0)] if ahead else []
    if not rest or not rest_other or max(len(rest), len(rest_other)) > _ALIGNABLE:
        return found
    blocks = SequenceMatcher(None, rest, rest_other, autojunk=False).get_matching_blocks()
    return found + [(ahead + m.a, m.size, ahead + m.b) for m in blocks if m.size]


def _drift(one: Recorded, other: Recorded) -> float | None:
    if one.mark == other.mark:
        return 0.0 if one.sample else None
    if not one.sample or len(one.sample) != len(other.sample):
        return None
    size = max((abs(x) for x in (*one.sample, *other.sample)), default=0.0)
    gaps = [abs(a - b) for a, b in zip(one.sample, other.sample, strict=True) if a == a or b == b]
    worst = max((float("inf") if gap != gap else gap for gap in gaps), default=0.0)
    return worst / size if size else worst
