"""What a program did so far: the road that a repeated run is held against."""

from array import array
from dataclasses import dataclass, field

from tsviz.debugger.results import Results
from tsviz.ir import Node

MOST_POSITIONS = 4_000_000
"""So many positions are remembered; a loop may go on for ever."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A repeated run did not do what the first did.

    Attributes:
        position: where that was found.
        node: the node there.
    """

    position: int
    node: Node


@dataclass(slots=True)
class Past:
    """The positions that a run has passed, and fingerprints of what was computed after them.

    Attributes:
        trail: numbers of the arrivals, in order; position 1 is `trail[0]`.
        marks: for every position a fingerprint of the values between it and the next; 0 where
            nobody saw them.
        effects: (position, node) of nodes that must not run twice.
        results: what such nodes gave, where that can stand for them.
        keeps_values: whether runs keep what they compute as they run on: once one was held in the
            midst, others will be, too.
        doubt: where a repeated run first went another way.
        unordered: whether forks ran beside each other.
    """

    trail: "array[int]" = field(default_factory=lambda: array("q"))
    marks: "array[int]" = field(default_factory=lambda: array("q"))
    effects: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    results: Results = field(default_factory=lambda: Results(0))
    keeps_values: bool = False
    doubt: Doubt | None = None
    unordered: bool = False

    @property
    def furthest(self) -> int:
        """The last position that was reached."""
        return len(self.trail)

    def cut(self, position: int) -> None:
        """Forgets what came after a position was reached: it will be otherwise."""
        if position < len(self.trail):
            del self.trail[position:], self.marks[max(0, position - 1) :]
            self.results.cut(position)
            self.effects = [one for one in self.effects if one[0] <= position]
