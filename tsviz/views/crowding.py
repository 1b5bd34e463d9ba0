"""Keeping containers small: no unfolding ever shows more than `CROWD` boxes at once."""

from collections.abc import Callable
from itertools import groupby
from math import ceil

from tsviz.location import FileRange
from tsviz.views.tree import Container, Kind

CROWD = 60
"""Most boxes that one container holds."""

_RUN = 3
"""Fewest neighbours on one source line that make a group."""

LineOf = Callable[[int], FileRange | None]
"""A node id → its model line."""

_Unit = list[Container | int]
"""What must stay together: a node, a container, or a node with the container that draws it."""


def limit_crowds(root: Container, line_of: LineOf) -> None:
    """Groups the children of every crowded container by source line, then in graph order.

    Stubs must not have been placed yet: they are no boxes.
    """
    pending = [root]
    while pending:
        container = pending.pop()
        units = _units(container)
        if len(units) > CROWD and container.kind is not Kind.LINES:
            units = _by_line(container, units, line_of)
        if len(units) > CROWD:
            units = _in_order(container, units)
        container.children = []
        for unit in units:
            container.adopt(unit)
        pending += container.inner


def _units(container: Container) -> list[_Unit]:
    units: list[_Unit] = []
    for child in container.children:
        if isinstance(child, Container) and units and units[-1] == [child.node]:
            units[-1].append(child)
        else:
            units.append([child])
    return units


def _by_line(container: Container, units: list[_Unit], line_of: LineOf) -> list[_Unit]:
    """Gathers neighbouring nodes of one source line."""

    def line(unit: _Unit) -> tuple[str, int] | None:
        here = line_of(unit[0]) if isinstance(unit[0], int) and len(unit) == 1 else None
        return (here.file, here.line) if here is not None else None

    grouped: list[_Unit] = []
    for place, run in groupby(units, line):
        found = list(run)
        if place is None or len(found) < _RUN:
            grouped += found
            continue
        first = found[0][0]
        frame = line_of(first) if isinstance(first, int) else None
        group = Container(
            Kind.LINES, _short(*place), f"{len(found)} nodes", container.path, frame=frame
        )
        for unit in found:
            group.adopt(unit)
        grouped.append([group])
    return grouped


def _in_order(container: Container, units: list[_Unit]) -> list[_Unit]:
    """Cuts the units into at most `CROWD` runs of equal length."""
    size = ceil(len(units) / CROWD)
    grouped: list[_Unit] = []
    for start in range(0, len(units), size):
        run = units[start : start + size]
        if len(run) == 1:
            grouped += run
            continue
        label = f"{start + 1} to {start + len(run)} of {len(units)}"
        group = Container(Kind.LINES, label, "in graph order", container.path)
        for unit in run:
            group.adopt(unit)
        grouped.append([group])
    return grouped


def _short(file: str, line: int) -> str:
    return f"{file.replace(chr(92), '/').rpartition('/')[2]}:{line}"
