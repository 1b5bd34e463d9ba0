"""Where a run first differs from one of another variant of the same model."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from tsviz.debugger.numerics import fingerprint
from tsviz.debugger.orders import Goal
from tsviz.debugger.places import Places
from tsviz.debugger.records import Record
from tsviz.debugger.replaying import refusal
from tsviz.errors import DebugError, Diagnostic, TsvizError, UsageError
from tsviz.frontends import Inputs, Program
from tsviz.frontends.torchscript import capture
from tsviz.jit import natives
from tsviz.jit.randomness import RandomState
from tsviz.jit.running import outcome_of
from tsviz.jit.stepping import Start

VARIANTS = ("eager", "trace", "script", "freeze", "optimize", "plan")
"""What can be compared with by name. `eager` is the trace, whose nodes are the ops that Python
called: the run of the Python code itself has none."""


def check_variant(program: Program, name: str) -> None:
    """Refuses what cannot be made.

    Raises:
        UsageError: `TSV-D23` there is no such variant, `TSV-D24` no Python model to make it from.
    """
    if name not in VARIANTS:
        message = f"expected a variant among {', '.join(VARIANTS)}, got {name!r}"
        raise UsageError(Diagnostic("TSV-D23", message))
    if name != "plan" and program.model is None:
        message = f"expected a program with its model to make {name!r} from, it came compiled"
        help = "give `stop_where_differs` another session or record, or 'plan'"
        raise UsageError(Diagnostic("TSV-D24", message, help=help))


def variant_of(program: Program, inputs: Inputs, name: str) -> tuple[Program, bool]:
    """The program to record, and whether its plan is meant.

    Raises:
        CaptureError, UsageError: as `capture`.
    """
    if name == "plan":
        return program, True
    target = program.model
    if natives.is_module(target) and program.method != "forward":
        target = getattr(target, program.method)
    via = "trace" if name == "eager" else name
    return capture(target, inputs.args, inputs.kwargs, via=via), False


def find_difference(
    name: str, here: int, mine: Callable[[], Record], theirs: Callable[[], Record]
) -> Goal:
    """Where to hold: after the first value that differs, else where the program is.

    Args:
        name: of the other variant.
        here: the position where the program is.
        mine, theirs: make the records.
    """
    diff, error = outcome_of(lambda: mine().compare(theirs()))
    if isinstance(error, TsvizError):
        return Goal(here, 0, "step", (_as_note(error.diagnostic),))
    if diff is None:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        message = f"cannot compare with {name}: {said}"
        return Goal(here, 0, "step", (Diagnostic("TSV-D44", message, severity="warning"),))
    first = diff.first
    if first is None:
        message = f"nothing differs from {name}: {diff}"
        return Goal(here, 0, "step", (Diagnostic("TSV-D39", message, severity="warning"),))
    drift = "" if first.drift is None else f", relative {first.drift:.3g}"
    return Goal(first.one.position, first.one.value, f"first difference from {name}{drift}")


def _as_note(found: Diagnostic) -> Diagnostic:
    return Diagnostic(
        found.code, found.message, found.location, found.notes, found.help, severity="warning"
    )


def check_once(places: Places, effects: Iterable[int]) -> None:
    """Refuses a program that must not run several times.

    Raises:
        DebugError: `TSV-D31`.
    """
    for node in effects:
        raise refusal(places, node, "cannot compare")


def check_eager(program: Program, start: Start, result: object) -> None:
    """Refuses a trace that does not do what Python does.

    Args:
        program: with the model that was traced.
        start: of the run.
        result: of the trace, from there.

    Raises:
        DebugError: `TSV-D45` the results differ.
        Exception: what the model raises.
    """
    copied = natives.copy_for_run(program.model, start.args, start.kwargs)
    model, args, kwargs = cast("tuple[Any, tuple[object, ...], dict[str, object]]", copied)
    theirs = RandomState.here(start.devices)
    start.random.restore()
    try:
        called = getattr(model, program.method) if natives.is_module(model) else model
        found = called(*args, **kwargs)
    finally:
        theirs.restore()
    if fingerprint(found) != fingerprint(result):
        message = "the trace gives another result than Python does, so it cannot stand for it"
        help = "`tsviz.compare` tells the two apart"
        raise DebugError(Diagnostic("TSV-D45", message, help=help))
