"""What can be done without editing, where the code is not the user's: only what was tried."""

from collections.abc import Iterator

from tsviz.diagnosis.findings import Obstacle, Workaround
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.trying import Outcome


def find_workarounds(
    world: World, obstacles: list[Obstacle], eager: Outcome | None
) -> Iterator[Workaround]:
    """Tries what can be tried on this model."""
    yield from ()
