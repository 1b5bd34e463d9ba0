"""What the executor did in each run of a warm-up, in a few words."""

from collections.abc import Iterator, Sequence

from tsviz.jit.recording import Run
from tsviz.profiler.samples import WarmUp

_OBSERVES = "prim::profile["


def describe_warm_up(runs: Sequence[Run]) -> Iterator[WarmUp]:
    """For each run: compiles, observes types, specialises, or nothing any more."""
    before: Run | None = None
    for run in runs:
        yield WarmUp(run.number, round(run.seconds * 1e9), _words(run, before))
        before = run


def _words(run: Run, before: Run | None) -> str:
    observes = _OBSERVES in run.plan
    if before is None:
        return "compiles and observes types" if observes else "compiles"
    if run.plan != before.plan:
        return "observes types" if observes else "specialises"
    return "observes types" if observes else "runs its plan"
