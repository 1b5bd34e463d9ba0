"""What a program did so far: the road that a repeated run is held against."""

from array import array
from dataclasses import dataclass, field

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
    """The positions that a run has passed, and fingerprints of what was computed between them.

    Attributes:
        trail: numbers of the arrivals, in order; position 1 is `trail[0]`.
        marks: a fingerprint for every value, in order.
        seen: for every position how many values had been computed.
        effects: (position, node) of nodes that must not run twice.
        doubt: where a repeated run first went another way.
        unordered: whether forks ran beside each other.
    """

    trail: "array[int]" = field(default_factory=lambda: array("q"))
    marks: "array[int]" = field(default_factory=lambda: array("q"))
    seen: "array[int]" = field(default_factory=lambda: array("Q"))
    effects: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    doubt: Doubt | None = None
    unordered: bool = False

    @property
    def furthest(self) -> int:
        """The last position that was reached."""
        return len(self.trail)

    def cut(self, position: int) -> None:
        """Forgets what came after a position was reached: it will be otherwise."""
        if position < len(self.trail):
            del self.marks[self.seen[position - 1] if position else 0 :]
            del self.trail[position:], self.seen[position:]
            self.effects = [one for one in self.effects if one[0] <= position]
