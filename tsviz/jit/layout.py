"""An entry point with all calls replaced by what they call, compared with what PyTorch inlined.

Optimising takes nodes away and moves constants; hardly ever does it add anything else. So what
PyTorch inlined is this layout with something left out. Where there is one way only to leave it out,
every node is known by its place in the order.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import is_
from typing import NamedTuple

from tsviz.jit.calls import Call, Place
from tsviz.jit.outlines import Outline


class Constant(NamedTuple):
    """A constant that passes may move.

    Attributes:
        moved: what it is known by.
        gap: how many of the items that keep their place come before it.
        outermost: which call of the entry point it lies in, from 1 on; 0 for none.
    """

    moved: str
    place: Place
    gap: int
    outermost: int


@dataclass(slots=True)
class Layout:
    """All that an entry point comes to.

    Attributes:
        kinds: of what keeps its place, brackets included.
        calls: for each, the call that it stands in.
        ats: for each, which node of the function it is, as in `Place`.
        entered: the calls of the entry point.
        bounds: where each of these begins and ends.
        constants: what does not keep its place.
    """

    root: Call
    kinds: list[str] = field(default_factory=list[str])
    calls: list[Call] = field(default_factory=list[Call])
    ats: list[int] = field(default_factory=list[int])
    entered: list[Call] = field(default_factory=list[Call])
    bounds: list[int] = field(default_factory=list[int])
    constants: list[Constant] = field(default_factory=list[Constant])

    def outermost(self, at: int) -> int:
        """Which call of the entry point an item lies in, from 1 on; 0 for none."""
        passed = bisect_right(self.bounds, at)
        return (passed + 1) // 2 if passed % 2 else 0

    def first_difference(self, kinds: list[str]) -> int:
        """Where an order of kinds departs from this one."""
        pairs = enumerate(zip(self.kinds, kinds, strict=False))
        return next((at for at, (one, other) in pairs if one != other), len(kinds))

    def assign(self, target: Outline) -> list[Place] | None:
        """A place for every node of a graph.

        Returns:
            `None` if something was left out or changed, and it cannot be told what.
        """
        left = self._find_left([item.kind for item in target.items if not item.moved])
        return None if left is None else _Assignment(self, left).run(target)

    def _find_left(self, kinds: list[str]) -> Sequence[int] | None:
        """Which items are left, `None` where that can be told in several ways, or none."""
        if kinds == self.kinds:
            return range(len(kinds))
        first = _find_each(kinds, self.kinds)
        if first is None:
            return None
        from_end = _find_each(kinds[::-1], self.kinds[::-1]) or ()
        last = (len(self.kinds) - 1 - at for at in reversed(from_end))
        calls = ([self.calls[at] for at in found] for found in (first, last))
        return first if all(map(is_, *calls)) else None


def _find_each(part: list[str], whole: list[str]) -> list[int] | None:
    """Where the items of `part` stand in `whole`, in the same order, each as early as can be."""
    found: list[int] = []
    at = -1
    try:
        for kind in part:
            at = whole.index(kind, at + 1)
            found.append(at)
    except ValueError:
        return None
    return found


class _Assignment:
    """Gives the nodes of a graph places, once it is known which items are left."""

    def __init__(self, layout: Layout, left: Sequence[int]) -> None:
        self._layout = layout
        self._left = left
        self._own: dict[int, deque[Constant]] = {}
        self._called: dict[int, dict[str, list[Place]]] = {}
        self._starts: dict[int, list[int]] = {}
        for constant in layout.constants:
            self._add(constant)

    def run(self, target: Outline) -> list[Place]:
        places: list[Place] = []
        gap = 0
        for item in target.items:
            if item.moved:
                places.append(self._find_constant(item.moved, gap))
                continue
            if item.at >= 0:
                at = self._left[gap]
                places.append(Place(self._layout.calls[at], self._layout.ats[at]))
            gap += 1
        return places

    def _add(self, constant: Constant) -> None:
        gap = bisect_left(self._left, constant.gap)
        if not constant.outermost:
            self._own.setdefault(gap, deque()).append(constant)
            return
        if constant.outermost not in self._called:
            self._called[constant.outermost] = {}
            self._starts.setdefault(gap, []).append(constant.outermost)
        self._called[constant.outermost].setdefault(constant.moved, []).append(constant.place)

    def _first_left(self, places: list[Place]) -> Place:
        """Which of equal constants is left: the first that something used when they became one.

        Most often that is the first that something uses still.
        """
        first = places[0]
        if all(place.call is first.call for place in places) or self._is_used(first):
            return first
        likely = next(filter(self._is_used, places), first)
        return likely._replace(sure=False)

    def _is_used(self, constant: Place) -> bool:
        """Whether a node that is left uses a constant, directly or as an argument of calls."""
        if len(self._left) == len(self._layout.kinds):
            return True
        if constant.call.code is None or constant.at < 0:
            return False
        used = [(constant.call, constant.call.code.outline.nodes[constant.at].outputs[0])]
        for call, value in used:
            assert call.code is not None
            outline = call.code.outline
            for use in outline.graph.users.get(value, ()):
                user = outline.indices.get(use.node, -1)
                if (id(call), user) in self._nodes_left:
                    return True
                number = call.number_of(user)
                inner = call.inner(number) if number >= 0 else None
                if inner is not None and inner.code is not None:
                    used.append((inner, inner.code.outline.parameter(outline.nodes[user], use)))
        return False

    @cached_property
    def _nodes_left(self) -> set[tuple[int, int]]:
        calls, ats = self._layout.calls, self._layout.ats
        return {(id(calls[at]), ats[at]) for at in self._left}

    def _find_constant(self, moved: str, gap: int) -> Place:
        """Where the constant that is next in a gap stands.

        Those of the function itself stay in their gap, those of a callee come before the first
        other node of the call. What is not among them was made by a pass.
        """
        own = self._own.get(gap)
        if own and own[0].moved == moved:
            return own.popleft().place
        around = [self._layout.outermost(at) for at in self._left[gap : gap + 1]]
        calls = [call for call in (*self._starts.get(gap, ()), *around) if call]
        for call in calls:
            places = self._called.get(call, {}).get(moved)
            if places:
                return self._first_left(places)
        made_in = self._layout.entered[calls[0] - 1] if calls else self._layout.root
        return Place(made_in.lost(), -1)
