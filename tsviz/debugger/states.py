"""From a run to what a debugger answers."""

from tsviz.debugger.faults import read_fault
from tsviz.debugger.orders import Status
from tsviz.debugger.run import Run
from tsviz.debugger.state import State
from tsviz.errors import Diagnostic


def read_state(run: Run, notes: tuple[Diagnostic, ...]) -> State:
    """Where a program is.

    Args:
        notes: what is to be said beside it.
    """
    places, status = run.plan.places, run.status
    number = run.failed_at if status is Status.FAILED else run.number
    if run.value:
        number = places.makers[run.value] or number
    notes = (*notes, *run.notes, *_doubts(run))
    furthest = run.past.furthest
    fault = read_fault(run.error) if run.error is not None else None
    if status in (Status.RUNNING, Status.FINISHED, Status.ENDED) or not number:
        return State(status, run.passed, furthest, fault=fault, notes=notes)
    node, owners = abs(number), places.owners(number)
    return State(
        status,
        run.position,
        furthest,
        places.node(node),
        places.text(node),
        number < 0,
        bool(run.value),
        run.reason if status is Status.PAUSED else "",
        places.scope(node),
        places.line(node),
        places.frames(node),
        tuple((owner, run.iterations[owner]) for owner in owners if owner in run.iterations),
        fault,
        notes,
    )


def _doubts(run: Run) -> tuple[Diagnostic, ...]:
    doubt = run.past.doubt
    if doubt is None:
        return ()
    message = (
        f"not reproducible from `{doubt.node.op}` at position {doubt.position} on: run again, it "
        "did not do the same"
    )
    location = run.plan.places.graph.link(doubt.node).location
    return (Diagnostic("TSV-D36", message, location, severity="warning"),)


def change_notes(changed: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """That the user changed what the session has copies of."""
    if not changed:
        return ()
    more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
    message = f"{', '.join(changed[:3])}{more} changed since the session, which has copies, began"
    help = "`restart()` begins again with what is there now"
    return (Diagnostic("TSV-D37", message, help=help, severity="warning"),)
