"""When a run that goes on is held again: after a step of one kind or another.

A rule is asked before every node. Its number is negative at the head of a loop's iteration.
"""

from collections.abc import Callable

from tsviz.debugger.places import Places
from tsviz.errors import Diagnostic, UsageError

Rule = Callable[[int, int], bool]
"""Position, number of the arrival → whether to hold there."""

UNITS = ("node", "line", "module")


def check_unit(by: str) -> str:
    """The unit of a step.

    Raises:
        UsageError: `TSV-D21` there is no such unit.
    """
    if by not in UNITS:
        message = f"expected by to be one of {', '.join(UNITS)}, got {by!r}"
        raise UsageError(Diagnostic("TSV-D21", message))
    return by


def never(_position: int, _number: int) -> bool:
    """Runs on."""
    return False


def at_position(wanted: int) -> Rule:
    """Holds at one position of the run."""
    return lambda position, _: position == wanted


def step_in(places: Places, start: int, by: str) -> Rule:
    """Holds at the next node, or the first of another line or module."""
    if by == "node":
        return lambda _position, _: True
    if by == "line":
        line = places.stack(abs(start))
        return lambda _position, number: _is_other(places.stack(abs(number)), line)
    scope = places.scope(abs(start))
    return lambda _position, number: places.scope(abs(number)) != scope


def step_over(places: Places, start: int, by: str) -> Rule:
    """The same, but not inside what the node, line or module here calls or holds."""
    if by == "node":
        depth = places.depth(start)
        return lambda _position, number: places.depth(number) <= depth
    if by == "line":
        line = places.stack(abs(start))
        return lambda _position, number: _is_beside(places.stack(abs(number)), line)
    scope = places.scope(abs(start))
    if not scope:
        return step_in(places, start, by)
    return lambda _position, number: not _is_within(places.scope(abs(number)), scope)


def step_out(places: Places, start: int, by: str) -> Rule:
    """Holds after the block, the function or the module that the start is in."""
    if by == "node":
        depth = places.depth(start)
        return lambda _position, number: places.depth(number) < depth
    if by == "line":
        around = places.stack(abs(start))[:-1]
        return lambda _position, number: _is_outside(places.stack(abs(number)), around)
    scope = places.scope(abs(start))
    return lambda _position, number: _has_left(places.scope(abs(number)), scope)


def _is_other(stack: tuple[object, ...], line: tuple[object, ...]) -> bool:
    return bool(stack) and stack != line


def _is_beside(stack: tuple[object, ...], line: tuple[object, ...]) -> bool:
    return bool(stack) and stack[: len(line)] != line


def _is_outside(stack: tuple[object, ...], around: tuple[object, ...]) -> bool:
    """Whether a stack has left the function that was called from `around`."""
    return bool(stack) and len(stack) <= len(around)


def _is_within(scope: str, outer: str) -> bool:
    return scope == outer or scope.startswith(f"{outer}.")


def _has_left(scope: str, inner: str) -> bool:
    return not _is_within(scope, inner) and bool(inner)
