"""What can be said of one node at one pass: where it comes from, what became of it."""

from dataclasses import dataclass
from enum import StrEnum

from tsviz.location import How


class Action(StrEnum):
    """How a node came to be, or to stand where it stands."""

    CREATED = "created"
    """A pass made it for a node that stayed: a copy, a check, a profile."""
    COPIED = "copied"
    """It is a copy of a node that stayed."""
    REPLACED = "replaced"
    """It stands where another node stood."""
    MERGED = "merged"
    """It holds or stands for several nodes."""
    INLINED = "inlined"
    """It came out of a call."""
    GRADIENT = "gradient"
    """It works on the gradient of what its source computes, in a backward graph."""
    MOVED = "moved"
    """It is the same node in another block."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one node of a snapshot comes from.

    Attributes:
        node: its id.
        sources: ids of the nodes before the pass that it comes from; of a gradient, the node of
            the forward graph.
        how: `exact` where the compiler's own mark says so, else `inferred`.
    """

    node: int
    sources: tuple[int, ...]
    action: Action
    how: How

    @property
    def is_helper(self) -> bool:
        """Whether it was made beside its sources, and does nothing of their work."""
        return self.action is Action.CREATED and self.how is not How.EXACT


class Cause(StrEnum):
    """Why a node is no more."""

    REPLACED = "replaced"
    """Something else computes what it did."""
    FOLDED = "folded"
    """What it computes is a constant."""
    COMMON = "common"
    """An equal node does for both."""
    BYPASSED = "bypassed"
    """Its users take what it was given."""
    DEAD = "dead"
    """Nothing used it any more."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a node that a pass took away.

    Attributes:
        successors: ids of the nodes after the pass that do its work, () if none does.
        how: `exact` where the compiler's own mark says so, else `inferred`.
    """

    node: int
    cause: Cause
    successors: tuple[int, ...]
    how: How
