"""What happens while a model runs in Python, as far as a trace can lose it."""

from dataclasses import dataclass, field
from types import CodeType

from tsviz.comparison.sites import Site
from tsviz.location import FileRange

MOST_EVENTS = 200_000
"""What happens later in a run is not kept."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How a site went, once.

    Attributes:
        outcome: true or false of a test, iterations of a loop, else the numbers of the parts that
            ran.
    """

    site: Site
    outcome: object

    @property
    def key(self) -> object:
        """Equal for the same place in every run."""
        return self.site.place, self.site.kind


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that left its tensors for Python.

    Attributes:
        place: the expression in the user's code.
        name: of what was called, such as `__bool__` or `size`.
        value: what came out, comparable: tensors in containers are `Tensor`.
        raw: the same as it came; `None` where it holds tensors.
        site: the site whose test or loop bound it was part of, if any.
    """

    place: FileRange
    name: str
    value: object
    raw: object = field(default=None, compare=False, repr=False)
    site: Site | None = field(default=None, compare=False)

    @property
    def key(self) -> object:
        """Equal for the same place in every run."""
        return self.place, self.name


@dataclass(frozen=True, slots=True)
class Chosen:
    """Stands for a function or class that Python picked: the trace holds what that one did."""

    name: str

    def __repr__(self) -> str:
        return f"`{self.name}`"


@dataclass(frozen=True, slots=True)
class Store:
    """An attribute that was set.

    Attributes:
        place: the assignment's target.
        name: of the attribute.
    """

    place: FileRange
    name: str


@dataclass(slots=True)
class Events:
    """What happened, in its order.

    Attributes:
        order: decisions and leaks.
        stores: attributes that were set.
        codes: all functions that ran.
        sites: of all functions that ran, also those that nothing reached.
        is_whole: whether all was kept.
    """

    order: list[Decision | Leak] = field(default_factory=list["Decision | Leak"])
    stores: list[Store] = field(default_factory=list[Store])
    codes: dict[CodeType, None] = field(default_factory=dict[CodeType, None])
    sites: dict[Site, None] = field(default_factory=dict[Site, None])
    is_whole: bool = True

    def add(self, event: Decision | Leak) -> None:
        """Notes an event, while there is room."""
        if len(self.order) < MOST_EVENTS:
            self.order.append(event)
        else:
            self.is_whole = False

    def by_key(self) -> dict[object, list[Decision | Leak]]:
        """Events by their place, places in the order in which they were first met."""
        found: dict[object, list[Decision | Leak]] = {}
        for event in self.order:
            found.setdefault(event.key, []).append(event)
        return found
