"""Switches: which taps of a run call Python.

A tap that calls Python takes microseconds and Python's lock. So each stands behind a switch, an
element of a list that the interpreter itself reads: a run that nobody asks about takes no longer
than one without taps. The places it passes it notes in another list, so that its position is known
to whoever asks next. Both lists are PyTorch's own, which Python and the interpreter share.

Switches are turned while the program is held, or, one by one, while it runs: the interpreter sees
an element as it was or as it is.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, cast

import torch

from tsviz.jit.internals import jit
from tsviz.jit.making import insert_value, set_type, type_constructors
from tsviz.jit.types_shown import scalar_type

_EVERYWHERE, _ALL_VALUES = 0, 1
_MOST_PASSED = 4096
"""So many places may be passed before a loop tells of them: else one without end fills memory."""

_MakeNode = Callable[[str, list[torch._C.Value], int], torch._C.Node]


class Layout:
    """The numbers of switches.

    Attributes:
        sites: arrival, negative for the head of a loop → switch.
        shown: value id → switch.
        keys: switch → arrival or value id.
    """

    def __init__(self) -> None:
        self.sites: dict[int, int] = {}
        self.shown: dict[int, int] = {}
        self.keys = [_EVERYWHERE, _ALL_VALUES]

    def add(self, kind: dict[int, int], key: int) -> int:
        """A new switch for an arrival or a value."""
        kind[key] = len(self.keys)
        self.keys.append(key)
        return kind[key]


class _SharedList(Protocol):
    def __getitem__(self, at: int) -> int: ...
    def __setitem__(self, at: int, item: object) -> None: ...
    def __len__(self) -> int: ...
    def clear(self) -> None: ...


class Switches:
    """The switches of one run, all off."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._flags = _shared([False] * len(layout.keys))
        self._passed = _shared([0])
        self._passed.clear()
        self._on = set[int]()

    @property
    def arguments(self) -> tuple[object, object]:
        """What the graph takes for them."""
        return self._flags, self._passed

    @property
    def passed(self) -> int:
        """How many arrivals were not taken yet; while the program runs, as it was a moment ago."""
        return len(self._passed)

    def listen(
        self, *, everywhere: bool, all_values: bool, at: Iterable[int], to: Iterable[int]
    ) -> None:
        """Turns on what is asked for, and all else off.

        Args:
            at: the nodes before which the run is heard, loops also at their heads.
            to: the values that are shown.
        """
        sites, shown = self._layout.sites, self._layout.shown
        wanted = {sites[key] for node in at for key in (node, -node) if key in sites}
        wanted |= {shown[value] for value in to if value in shown}
        wanted |= {_EVERYWHERE} if everywhere else set[int]()
        wanted |= {_ALL_VALUES} if all_values else set[int]()
        for switch in wanted - self._on:
            self._flags[switch] = True
        for switch in self._on - wanted:
            self._flags[switch] = False
        self._on = wanted

    def listen_everywhere(self) -> None:
        """Has the run be heard before its next node, whichever that is."""
        self._flags[_EVERYWHERE] = True
        self._on.add(_EVERYWHERE)

    def take(self) -> list[int]:
        """The arrivals since it was asked last; from the program's thread only."""
        keys, switches = self._layout.keys, self._passed
        passed = [keys[switches[at]] for at in range(len(switches))]  # its iterator is slow
        switches.clear()
        return passed


def _shared(items: list[object]) -> _SharedList:
    return cast("_SharedList", cast("Callable[[object], object]", jit.script)(items))


class Wires:
    """The switches in a live graph, which takes them as two more arguments."""

    def __init__(self, native: torch._C.Graph, layout: Layout) -> None:
        self._native = native
        self._layout = layout
        self._flags = self._argument("BoolType")
        self._passed = self._argument("IntType")
        with native.insert_point_guard(next(iter(native.nodes()), native.return_node())):
            self._all = [insert_value(native, at) for at in (_EVERYWHERE, _ALL_VALUES)]

    def _argument(self, kind: str) -> torch._C.Value:
        made = self._native.addInput()
        set_type(made, type_constructors.ListType(scalar_type(kind)))
        return made

    def arrive(self, number: int, make: _MakeNode) -> torch._C.Value:
        """Notes an arrival; yields whether the run is to be heard there."""
        switch = self._number(self._layout.add(self._layout.sites, number))
        noted = make("aten::append", [self._passed, switch], 1).output()
        set_type(noted, type_constructors.ListType(scalar_type("IntType")))
        asked = self._either(_EVERYWHERE, switch, make)
        if number > 0:
            return asked
        many = _yielding("IntType", make("aten::len", [self._passed], 1))
        is_full = _yielding("BoolType", make("aten::gt", [many, self._number(_MOST_PASSED)], 1))
        return _yielding("BoolType", make("aten::__or__", [asked, is_full], 1))

    def show(self, value: int, make: _MakeNode) -> torch._C.Value:
        """Yields whether a value is to be shown."""
        switch = self._number(self._layout.add(self._layout.shown, value))
        return self._either(_ALL_VALUES, switch, make)

    def _number(self, number: int) -> torch._C.Value:
        return insert_value(self._native, number)

    def _either(self, every: int, one: torch._C.Value, make: _MakeNode) -> torch._C.Value:
        read = [make("aten::__getitem__", [self._flags, at], 1) for at in (self._all[every], one)]
        sides = [_yielding("BoolType", node) for node in read]
        return _yielding("BoolType", make("aten::__or__", sides, 1))


def _yielding(kind: str, node: torch._C.Node) -> torch._C.Value:
    set_type(node.output(), scalar_type(kind))
    return node.output()
