"""Recording: one run from its start to its end, of which every value is noted."""

from collections.abc import Callable, Sequence
from dataclasses import replace

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

Known = dict[int, Recorded]
"""What was noted of weights, which are the same in all runs of a session, by value."""


def record_run(
    make: Callable[[Callable[[int, int, object], object]], Plan],
    places: Places,
    keep: Sequence[str],
    known: Known,
    on_run: Callable[[Run], object] = lambda run: None,
) -> Record:
    """Runs a program on fresh copies.

    Args:
        make: makes the plan.
        keep: the nodes whose tensors are kept, named as for a breakpoint.
        known: what is known of weights; it is added to.
        on_run: hears of the run when it begins, so that somebody else can end it.

    Raises:
        KeyboardInterrupt: Ctrl-C; the run ends.
    """
    nodes = frozenset[int]().union(*(find_spot(places, target).nodes for target in keep))
    recorder = Recorder(places, lambda value: places.makers[value] in nodes, known)
    run = Run(make(recorder.hear), Past(), Breakpoints(places), 0, "")
    on_run(run)
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
        known: what was noted of weights that no run wrote into; it is added to.
    """

    def __init__(self, places: Places, keep: Callable[[int], bool], known: Known) -> None:
        self.entries: list[Recorded] = []
        self.is_whole = True
        self._places = places
        self._keep = keep
        self._known = known

    def hear(self, position: int, value: int, what: object) -> None:
        """Notes one value; of a weight what is known of it, unless it was written into."""
        if len(self.entries) >= _MOST:
            self.is_whole = False
            return
        if value not in self._places.read or not _is_as_copied(what) or self._keep(value):
            self.entries.append(self._noted(position, value, what))
            return
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = self._noted(position, value, what)
        self.entries.append(replace(known, position=position))

    def _noted(self, position: int, value: int, what: object) -> Recorded:
        mark = fingerprint(what)
        if not isinstance(what, torch.Tensor):
            return Recorded(position, value, mark, None)
        kept = what.detach().clone() if self._keep(value) else None
        return Recorded(position, value, mark, quick_statistics(what), sample(what), kept)


def _is_as_copied(what: object) -> bool:
    """Whether a tensor of the run's own copy of the module was never written into."""
    return isinstance(what, torch.Tensor) and not what.is_inference() and what._version == 0
