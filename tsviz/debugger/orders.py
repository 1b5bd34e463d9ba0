"""What a run is made of, what it does, and who decides where it is held."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tsviz.debugger.edits import Edit
from tsviz.debugger.places import Places
from tsviz.errors import Diagnostic
from tsviz.jit.stepping import Start, Stepped

if TYPE_CHECKING:
    from tsviz.debugger.run import Run


class Status(StrEnum):
    """What a run does."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    FAILED = "failed"
    ENDED = "ended"


class Gate(Protocol):
    """Decides, beside the rule of a step, whether a run is held."""

    nodes: frozenset[int]
    """Nodes that it wants to be asked about."""
    outputs: frozenset[int]
    """Values that it wants to be asked about when they are computed."""
    values: frozenset[int]
    """Values that it looks at when it is asked."""

    def before(self, run: "Run", number: int) -> str:
        """Why the run is to be held before a node, or ""."""
        ...

    def after(self, run: "Run", value: int) -> str:
        """Why the run is to be held now that a value was computed, or ""."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is made of.

    Attributes:
        effects: nodes that must not run twice.
        limit: bytes of tensors that are held.
        on_value: hears of every value, if there is one: position, id, what. Then the run is not
            held anywhere, keeps nothing, and is not held against earlier ones.
        edits: position → what is replaced there.
    """

    stepped: Stepped
    places: Places
    start: Start
    edits: Mapping[int, tuple[Edit, ...]]
    effects: frozenset[int]
    limit: int
    on_value: Callable[[int, int, object], object] | None = None

    @property
    def repeats(self) -> bool:
        """Whether it may be run again to see its values."""
        return not self.effects and self.on_value is None


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a run is to be held: before a node, or after it has yielded a value.

    Attributes:
        position: 0 for nowhere.
        value: its id, or 0.
        reason: what is said there.
        notes: what is to be said beside it.
    """

    position: int
    value: int
    reason: str
    notes: tuple[Diagnostic, ...] = ()
