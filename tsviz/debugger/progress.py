"""How far a run has come, held against the runs before it."""

from collections.abc import Sequence

from tsviz.debugger.numerics import fingerprint
from tsviz.debugger.past import MOST_POSITIONS, Doubt, Past
from tsviz.debugger.places import Places


class Progress:
    """The arrivals of one run.

    Attributes:
        position: how many there were.
        number: the last of them, negative for the head of a loop; 0 before the first.
        previous: the one before.
        iterations: loop → the number of the iteration it is in, from 1 on.
    """

    def __init__(self, places: Places, past: Past, effects: frozenset[int]) -> None:
        self.position = self.number = self.previous = 0
        self.iterations: dict[int, int] = {}
        self._places = places
        self._past = past
        self._effects = effects
        self._mark: int | None = None

    def go_on(self, arrivals: Sequence[int], *, is_seen: bool) -> None:
        """Notes arrivals.

        Args:
            is_seen: whether the values after the last of them will be noted, every one.
        """
        if not arrivals:
            return
        self._close_mark()
        start = self.position
        self.position += len(arrivals)
        self.previous, self.number = ([self.number, *arrivals[-2:]])[-2:]
        self._remember(start, arrivals)
        for number in arrivals:
            if number < 0:
                self.iterations[-number] = self.iterations.get(-number, 0) + 1
            else:
                self.iterations.pop(number, None)
        self._mark = 0 if is_seen else None

    def count(self, arrivals: Sequence[int]) -> None:
        """Notes no more than how many there were: all that a recording asks for."""
        if arrivals:
            self.position += len(arrivals)
            self.number = arrivals[-1]

    def _remember(self, start: int, arrivals: Sequence[int]) -> None:
        trail = self._past.trail
        known = trail[start : start + len(arrivals)]
        for at, number in enumerate(known):
            if number != arrivals[at]:
                self._doubt(start + at + 1, arrivals[at])
                self._past.cut(start + at)
                known = known[:at]
                break
        room = max(0, MOST_POSITIONS - len(trail))
        trail.extend(arrivals[len(known) : len(known) + room])
        for at in range(len(known), len(arrivals)) if self._effects else ():
            if arrivals[at] in self._effects:
                self._past.effects.append((start + at + 1, arrivals[at]))

    def _doubt(self, position: int, number: int) -> None:
        if self._past.doubt is None:
            self._past.doubt = Doubt(position, self._places.node(number))

    # ── values ───────────────────────────────────────────────────────────────────────────────

    def see(self, value: int, what: object) -> None:
        """Notes a value; weights only by which they are."""
        if self._mark is not None and self.position <= MOST_POSITIONS:
            mark = value if value in self._places.read else fingerprint(what)
            self._mark = hash((self._mark, value, mark)) >> 1 or 1

    def end(self) -> None:
        """The run is done; all it computed was noted."""
        self._close_mark()

    def look_away(self) -> None:
        """Values that follow are not noted."""
        self._mark = None

    def _close_mark(self) -> None:
        if not self._mark or not self.position:
            return
        marks, at = self._past.marks, self.position - 1
        if at >= len(marks):
            marks.frombytes(bytes(8 * (at + 1 - len(marks))))
        if not marks[at]:
            marks[at] = self._mark
        elif marks[at] != self._mark:
            self._doubt(self.position, self.number)
            marks[at] = self._mark
