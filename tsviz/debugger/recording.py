"""Recording: one run from its start to its end, of which every value is noted."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from tsviz.debugger.breakpoints import Breakpoints, find_spot
from tsviz.debugger.faults import read_fault
from tsviz.debugger.noting import Noting
from tsviz.debugger.numerics import fingerprint
from tsviz.debugger.orders import Plan
from tsviz.debugger.past import Past
from tsviz.debugger.places import Places
from tsviz.debugger.records import Record, Recorded
from tsviz.debugger.results import Results
from tsviz.debugger.run import Run
from tsviz.errors import Diagnostic

_LOOK = 0.1
_MOST = 200_000
"""So many values are noted at most."""

Known = dict[int, Recorded]
"""What was noted of weights, which are the same in all runs of a session, by value."""


def always(position: int) -> bool:
    """The run is wanted to its end."""
    return True


def record_run(
    make: Callable[[Callable[[int, int, object], object]], Plan],
    places: Places,
    keep: Sequence[str],
    known: Known,
    results: Results,
    is_wanted: Callable[[int], bool],
) -> Record:
    """Runs a program on fresh copies.

    Args:
        make: makes the plan.
        keep: the nodes whose tensors are kept, named as for a breakpoint.
        known: what is known of weights; it is added to.
        results: what nodes that must not run twice gave before.
        is_wanted: asked now and then with the positions passed; the run ends where it says no.

    Raises:
        KeyboardInterrupt: Ctrl-C; the run ends.
    """
    nodes = frozenset[int]().union(*(find_spot(places, target).nodes for target in keep))
    recorder = Recorder(places, lambda value: places.makers[value] in nodes, known)
    run = Run(make(recorder.hear), Past(results=results), Breakpoints(places), 0, "")
    try:
        while not run.wait(_LOOK) and is_wanted(run.position):
            pass
    finally:
        run.end()
    fault = read_fault(run.error) if run.error is not None else None
    entries = tuple(recorder.entries)
    return Record(places.program, entries, fault, recorder.is_whole, recorder.notes, run.result)


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
        self.notes: tuple[Diagnostic, ...] = ()
        self._places = places
        self._keep = keep
        self._known = known
        self._noting = Noting()

    def hear(self, position: int, value: int, what: object) -> None:
        """Notes one value; of a weight what is known of it, unless it was written into."""
        if len(self.entries) >= _MOST:
            self.is_whole = False
            return
        try:
            self._hear(position, value, what)
        except (MemoryError, RuntimeError) as error:
            if not _is_memory(error):
                raise
            self._let_go(value)

    def _let_go(self, value: int) -> None:
        """Makes room: the program goes on, and of this value nothing is noted."""
        self.is_whole = False
        self._keep = _nothing
        self.entries = [replace(entry, kept=None) for entry in self.entries]
        if not self.notes:
            name = self._places.graph.values[value].name
            message = f"memory ran out when %{name} was noted: no tensors are kept"
            help = "keep fewer nodes: `record(keep=…)`"
            self.notes = (Diagnostic("TSV-D46", message, help=help, severity="warning"),)

    def _hear(self, position: int, value: int, what: object) -> None:
        if value not in self._places.read or not _is_as_copied(what) or self._keep(value):
            self.entries.append(self._noted(position, value, what))
            return
        known = self._known.get(value)
        if known is None:
            known = self._known[value] = self._noted(position, value, what)
        self.entries.append(
            Recorded(position, value, known.mark, known.statistics, known.sample, known.kept)
        )

    def _noted(self, position: int, value: int, what: object) -> Recorded:
        if not isinstance(what, torch.Tensor):
            return Recorded(position, value, fingerprint(what), None)
        kept = what.detach().clone() if self._keep(value) else None
        with torch.no_grad():
            mark, statistics, sample = self._noting.note(what)
        return Recorded(position, value, mark, statistics, sample, kept)


def _is_as_copied(what: object) -> bool:
    """Whether a tensor of the run's own copy of the module was never written into."""
    return isinstance(what, torch.Tensor) and not what.is_inference() and what._version == 0


def _is_memory(error: Exception) -> bool:
    """Whether there was no memory left."""
    is_named = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return is_named or "can't allocate memory" in str(error)


def _nothing(_value: int) -> bool:
    return False
