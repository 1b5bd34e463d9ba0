"""A pipeline of the user's own: passes by name, and any callable that changes a graph."""

import time
from collections.abc import Sequence
from difflib import get_close_matches

from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends import Inputs, Program
from tsviz.ir import Graph, iter_faults
from tsviz.jit.live_passes import GraphPass, LiveGraph
from tsviz.passes.catalogue import catalog
from tsviz.passes.runtime import model_files
from tsviz.passes.snapshots import Snapshots, first_line
from tsviz.passes.trace import PassRecord, PassTrace

Step = str | GraphPass


def run_own(program: Program, inputs: Inputs | None, pipeline: Sequence[Step]) -> PassTrace:
    """Runs passes one after the other; the record ends where one fails or breaks the graph.

    Raises:
        UsageError: `TSV-S12` no such pass, `TSV-S13` it needs example inputs.
    """
    live = LiveGraph(program.native, program.method)
    steps = [(_name(step), _resolve(live, step, inputs)) for step in pipeline]
    shared = Snapshots.of(program.graph, model_files(program))
    line = first_line(program.graph, live.text)
    records: list[PassRecord] = []
    kept: dict[int, object] = {}
    diagnostics: list[Diagnostic] = []
    for name, apply in steps:
        before = line.current.graph
        start = time.perf_counter()
        failure = _apply(live, apply)
        seconds = time.perf_counter() - start
        after, origins = before, ()
        if not failure:
            try:
                after, origins = shared.follow(line, live.text)
            except CaptureError as error:
                failure = error.diagnostic.message
        failure = failure or live.lint() or _fault(after)
        records.append(
            PassRecord(
                len(records),
                -1,
                0,
                name,
                "own pipeline",
                0,
                before,
                after,
                origins,
                seconds,
                failure,
                is_checked=True,
            )
        )
        if after is not before:
            kept[len(records) - 1] = live.copy()
        if failure:
            diagnostics.append(_broken(name, failure))
            break
    return PassTrace(program, "own", program.graph, tuple(records), tuple(diagnostics), kept)


def _apply(live: LiveGraph, apply: GraphPass) -> str:
    try:
        live.run(apply)
    except Exception as error:  # noqa: BLE001 (pass runner: a pass may raise anything, and it is told)
        return f"{type(error).__name__}: {str(error).strip() or 'no words'}"
    return ""


def _fault(graph: Graph) -> str:
    """What tsviz finds wrong with a graph; PyTorch's own check passes over some of it."""
    return next((fault.message for fault in iter_faults(graph, shared_tables=True)), "")


def _name(step: Step) -> str:
    return step if isinstance(step, str) else getattr(step, "__name__", type(step).__name__)


def _resolve(live: LiveGraph, step: Step, inputs: Inputs | None) -> GraphPass:
    if not isinstance(step, str):
        if callable(step):
            return step
        message = f"expected a pass by name or a callable on a graph, got {step!r}"
        raise UsageError(Diagnostic("TSV-S12", message))
    known = catalog.get(step)
    if known is None:
        close = get_close_matches(step, catalog, n=1)
        message = f"expected the name of a pass, got {step!r}"
        help = f"did you mean {close[0]!r}?" if close else "print(tsviz.passes.catalog) lists them"
        raise UsageError(Diagnostic("TSV-S12", message, help=help))
    if known.needs_inputs and inputs is None:
        message = f"expected example inputs for the pass `{step}`, got none"
        help = "pass them: run_passes(program, (x,), pipeline=…)"
        raise UsageError(Diagnostic("TSV-S13", message, help=help))
    given = (inputs.args, inputs.kwargs) if known.needs_inputs and inputs is not None else None
    return live.bound_pass(step, known.arguments, given)


def _broken(name: str, failure: str) -> Diagnostic:
    message = f"the pass `{name}` failed or left a broken graph, so the record ends here"
    return Diagnostic("TSV-S03", message, notes=(failure,))
