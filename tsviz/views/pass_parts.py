"""The parts of a program that were compiled by themselves, and which of their graphs travel."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tsviz.passes import PassRecord, PassTrace

PART_NODES = 60_000
"""How many nodes of snapshots of parts go into a document; those of the program always do."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part and its steps.

    Attributes:
        number: from 1 on.
        within: number of the part that it was taken from, 0 for the program.
        records: its steps, in order.
        travels: whether its graphs go into the document.
    """

    number: int
    within: int
    records: tuple[PassRecord, ...]
    travels: bool

    @property
    def has_beginning(self) -> bool:
        """Whether there is a graph before its first step: a backward graph comes from nothing."""
        return bool(self.records[0].before.nodes)


def find_parts(trace: PassTrace, most: int = PART_NODES) -> dict[int, Part]:
    """The parts of a trace by number, in the order in which their steps begin.

    Whole parts travel in that order until the next one is too large.

    Args:
        most: how many nodes of their snapshots travel.
    """
    steps: dict[int, list[PassRecord]] = {}
    for record in trace:
        if record.part:
            steps.setdefault(record.part, []).append(record)
    within = _find_within(trace, {records[0].index for records in steps.values()})
    parts: dict[int, Part] = {}
    left = most
    for number, records in steps.items():
        left -= _count_nodes(records)
        first = records[0].index
        parts[number] = Part(number, within[first], tuple(records), left >= 0)
    return parts


def _count_nodes(records: Iterable[PassRecord]) -> int:
    first, *_ = records = list(records)
    return len(first.before.nodes) + sum(len(r.after.nodes) for r in records if r.is_changed)


def _find_within(trace: PassTrace, firsts: set[int]) -> dict[int, int]:
    """Index of the first step of a part → where most of what that begins with was made."""
    makers = dict.fromkeys(trace.first.nodes, 0)
    within: dict[int, int] = {}
    for record in trace:
        if record.index in firsts:
            within[record.index] = _find_maker(record, makers)
        for node in record.diff.added:
            makers.setdefault(node, record.part)
    return within


def _find_maker(record: PassRecord, makers: Mapping[int, int]) -> int:
    begins = list(record.before.nodes) or [s for o in record.origins for s in o.sources]
    counts = Counter(makers[node] for node in begins if node in makers)
    return max(counts, key=counts.__getitem__, default=0)
