"""Recording: one run from its start to its end, of which every value is noted."""

from collections.abc import Callable, Sequence

import torch

from tsviz.debugger.breakpoints import Breakpoints, find_spot
from tsviz.debugger.faults import read_fault
from tsviz.debugger.numerics import fingerprint, quick_statistics, sample
from tsviz.debugger.past import Past
from tsviz.debugger.places import Places
from tsviz.debugger.records import Record, Recorded
from tsviz.debugger.run import Plan, Run

_MOST = 200_000
"""So many values are noted at most."""


def record_run(
    make: Callable[[Callable[[int, int, object], object]], Plan],
    places: Places,
    keep: Sequence[str],
) -> Record:
    """Runs a program on fresh copies.

    Args:
        make: makes the plan.
        keep: the nodes whose tensors are kept, named as for a breakpoint.

    Raises:
        KeyboardInterrupt: Ctrl-C; the run ends.
    """
    nodes = frozenset[int]().union(*(find_spot(places, target).nodes for target in keep))
    recorder = Recorder(places, lambda value: places.makers[value] in nodes)
    run = Run(make(recorder.hear), Past(), Breakpoints(places), 0, "")
    try:
        run.wait()
    finally:
        run.end()
    fault = read_fault(run.error) if run.error is not None else None
    entries = tuple(recorder.entries)
    return Record(places.program, entries, fault, recorder.is_whole, run.result)


class Recorder:
    """Hears of every value of a run.

    Args:
        places: of the program.
        keep: which values' tensors are kept.
    """

    def __init__(self, places: Places, keep: Callable[[int], bool]) -> None:
        self.entries: list[Recorded] = []
        self.is_whole = True
        self._places = places
        self._keep = keep
        self._known: dict[tuple[int, int, int], Recorded] = {}
        self._alive: list[object] = []

    def hear(self, position: int, value: int, what: object) -> None:
        """Notes one value; of a parameter that is read again what is known of it."""
        if len(self.entries) >= _MOST:
            self.is_whole = False
            return
        if value not in self._places.read or not isinstance(what, torch.Tensor):
            self.entries.append(self._noted(position, value, what))
            return
        key = (id(what), value, 0 if what.is_inference() else what._version)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._noted(position, value, what)
            self._alive.append(what)
        self.entries.append(
            Recorded(position, value, known.mark, known.statistics, known.sample, known.kept)
        )

    def _noted(self, position: int, value: int, what: object) -> Recorded:
        mark = fingerprint(what)
        if not isinstance(what, torch.Tensor):
            return Recorded(position, value, mark, None)
        kept = what.detach().clone() if self._keep(value) else None
        return Recorded(position, value, mark, quick_statistics(what), sample(what), kept)
