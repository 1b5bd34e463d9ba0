"""Runs end before Python does: a thread inside PyTorch must not outlive what it stands on."""

import atexit
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from tsviz.debugger.run import Run

_PATIENCE = 5.0
"""So many seconds each run may take until its op in progress is done."""
_runs: "WeakSet[Run]" = WeakSet()


def end_at_exit(run: "Run") -> None:
    """Has a run end when the process does."""
    if not _runs:
        atexit.unregister(_end_all)
        atexit.register(_end_all)
    _runs.add(run)


def _end_all() -> None:
    runs = list(_runs)
    for run in runs:
        run.end()
    for run in runs:
        run.wait_gone(_PATIENCE)
