"""What two recordings of one model do not have in common, and what belongs together in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tsviz.comparison.events import Decision, Events, Leak
from tsviz.comparison.sites import Site
from tsviz.location import FileRange


@dataclass(frozen=True, slots=True)
class Spot:
    """A place where what Python decided or took out of tensors can differ from run to run.

    Attributes:
        place: the expression.
        site: what it decides; `None` where a value is taken out for something else.
    """

    place: FileRange
    site: Site | None = None

    @property
    def line(self) -> tuple[str, int]:
        """Its file and line."""
        return self.place.file, self.place.line


@dataclass(frozen=True, slots=True)
class Change:
    """A spot at which two recordings differ.

    Attributes:
        pins: leak's key → what it gave in the first recording; empty where nothing can be held.
        before, after: what was decided, or taken out, in both.
        is_decision: whether the way that was taken changed, not only a value.
    """

    spot: Spot
    pins: Mapping[object, list[object]]
    before: tuple[object, ...]
    after: tuple[object, ...]
    is_decision: bool


def spot_of(event: Decision | Leak) -> Spot:
    """What an event is put under: the site it decides, else its own place."""
    site = event.site
    if site is not None:
        return Spot(site.place, site)
    assert isinstance(event, Leak)
    return Spot(event.place)


def find_changes(first: Events, second: Events) -> tuple[Change, ...]:
    """Where two recordings differ, in the order of the first.

    What only one of them came by is a consequence and no change of its own.
    """
    before, after = _by_spot(first), _by_spot(second)
    return tuple(
        change
        for spot, events in before.items()
        if spot in after and (change := _change(spot, events, after[spot])) is not None
    )


def values_at(events: Events, spot: Spot) -> tuple[object, ...]:
    """What was decided at a spot, or else taken out of tensors there.

    Nothing where different things were: a call of PyTorch's own code takes out many.
    """
    here = [event for event in events.order if spot_of(event) == spot]
    decided = [event.outcome for event in here if isinstance(event, Decision)]
    if decided:
        return tuple(decided)
    names = {event.key for event in here}
    return tuple(e.value for e in here if isinstance(e, Leak)) if len(names) == 1 else ()


_Events = dict[object, list[Decision | Leak]]


def _by_spot(events: Events) -> dict[Spot, _Events]:
    found: dict[Spot, _Events] = {}
    for event in events.order:
        found.setdefault(spot_of(event), {}).setdefault(event.key, []).append(event)
    return found


def _change(spot: Spot, before: _Events, after: _Events) -> Change | None:
    differing = [
        key
        for key in before.keys() | after.keys()
        if _differ(_values(before.get(key, [])), _values(after.get(key, [])))
    ]
    if not differing:
        return None
    decided = [key for key in differing if _is_decision(before, key)]
    told = next((key for key in before if key in (decided or differing)), None)
    if told is None:
        return None
    return Change(
        spot,
        dict(_pins(before, differing)),
        _values(before[told]),
        _values(after.get(told, [])),
        bool(decided),
    )


def _differ(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Whether values are others; that there are more of them follows from something else."""
    return any(one != other for one, other in zip(before, after, strict=False))


def _is_decision(events: _Events, key: object) -> bool:
    return key in events and isinstance(events[key][0], Decision)


def _values(events: list[Decision | Leak]) -> tuple[object, ...]:
    return tuple(event.outcome if isinstance(event, Decision) else event.value for event in events)


def _pins(events: _Events, keys: list[object]) -> Iterator[tuple[object, list[object]]]:
    for key in keys:
        raws = [event.raw for event in events.get(key, []) if isinstance(event, Leak)]
        if raws and all(raw is not None for raw in raws):
            yield key, raws
