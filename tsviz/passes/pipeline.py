"""`tsviz.run_passes`: what PyTorch's compiler does to a program, pass by pass."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager

from tsviz.errors import Diagnostic, PassError, TsvizError, UsageError
from tsviz.frontends import Inputs, Program, Variant
from tsviz.frontends.failures import describe_failure
from tsviz.jit import natives
from tsviz.jit.recording import MOST_RUNS, Recorder, Run, Runtime
from tsviz.passes.catalogue import catalog
from tsviz.passes.freezing import record_frozen
from tsviz.passes.inputs import find_inputs
from tsviz.passes.own import Step, run_own
from tsviz.passes.runtime import RuntimeBuilder, model_files
from tsviz.passes.scripting import record_scripted
from tsviz.passes.snapshots import Snapshots, first_line
from tsviz.passes.trace import PassRecord, PassTrace

PIPELINES = ("runtime", "freeze", "optimize", "script")


def run_passes(
    program: Program,
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
    *,
    pipeline: str | Runtime | Sequence[Step] = "runtime",
) -> PassTrace:
    """Records a pipeline of passes over a captured program; the program stays as it is.

    Args:
        program: captured live, or opened with `trust=True`.
        args, kwargs: example inputs; by default those it was captured with.
        pipeline: `runtime`, what PyTorch's executor does while the program warms up; a `Runtime`,
            the same with the executor set otherwise; `freeze` or `optimize`, what
            `torch.jit.freeze` and `optimize_for_inference` do to a clone; `script`, what is printed
            while the model is scripted anew, function by function; or a list of passes of your
            own: names from `tsviz.passes.catalog`, and callables that change a `torch._C.Graph`.

    Raises:
        UsageError: `TSV-S10` unknown pipeline; `TSV-S11` no example inputs; `TSV-S12` unknown pass;
            `TSV-S13` a pass needs example inputs; `TSV-S14`, `TSV-S15` this program cannot be
            frozen; `TSV-S17` it was not scripted here; as `Program.get_native` where it cannot run
            here.
        PassError: `TSV-S01` the model failed while it warmed up, `TSV-S04` freezing failed,
            `TSV-S07` scripting failed.
    """
    if isinstance(pipeline, str) and pipeline not in PIPELINES:
        message = f"expected pipeline to be one of {', '.join(PIPELINES)}, got {pipeline!r}"
        help = f"for one pass, write pipeline=[{pipeline!r}]" if pipeline in catalog else ""
        raise UsageError(Diagnostic("TSV-S10", message, help=help))
    program.get_native()
    if pipeline == "script":
        return _record_scripting(program)
    if pipeline in ("freeze", "optimize"):
        return _record_freezing(program, optimize=pipeline == "optimize")
    if not isinstance(pipeline, (str, Runtime)):
        has_inputs = args is not None or kwargs is not None or program.inputs is not None
        inputs = find_inputs(program, args, kwargs) if has_inputs else None
        return run_own(program, inputs, pipeline)
    mode = pipeline if isinstance(pipeline, Runtime) else Runtime()
    return _record_runtime(program, find_inputs(program, args, kwargs), mode)


def _record_runtime(program: Program, inputs: Inputs, mode: Runtime) -> PassTrace:
    name = f"{program.title}.{program.method}"
    with _described("TSV-S01", f"`{name}` failed while it warmed up"):
        recorder = Recorder(program.native, program.method, inputs.args, inputs.kwargs)
        builder = RuntimeBuilder(program, recorder)
        for run in recorder.iter_runs(mode):
            builder.add(run)
    records, runs = tuple(builder.records), tuple(builder.runs)
    unstable = () if len(runs) < MOST_RUNS else (_unstable(name),)
    return PassTrace(
        program, "runtime", program.graph, records, unstable, builder.natives, runs, builder.groups
    )


def find_plan(
    program: Program, inputs: Inputs, tell: Callable[[int], object] = lambda number: None
) -> tuple[PassTrace, Recorder, tuple[Run, ...]]:
    """Runs a program until it is warm, and tells what its plan was made from, as one step.

    Far quicker than to record every pass.

    Args:
        tell: is called before each run, with its number from 1 on; it raises to stop.

    Returns:
        The step, what was run, and its runs.

    Raises:
        PassError: `TSV-S01` the model failed while it warmed up; `TSV-T13` PyTorch does not say
            what it runs.
    """
    name = f"{program.title}.{program.method}"
    with _described("TSV-S01", f"`{name}` failed while it warmed up"):
        recorder = Recorder(program.native, program.method, inputs.args, inputs.kwargs)
        runs = tuple(recorder.iter_plain_runs(tell))
    last = runs[-1]
    if last.native is None:
        message = f"PyTorch does not say what it runs of `{name}`, so no node has a time"
        help = "turn its executor on again: `torch.jit.optimized_execution` is on by default"
        raise PassError(Diagnostic("TSV-T13", message, help=help))
    shared = Snapshots.of(program.graph, model_files(program))
    line = first_line(program.graph, recorder.first)
    plan, origins = shared.follow(line, last.plan)
    record = PassRecord(0, -1, 0, "all passes", "runtime", 0, program.graph, plan, origins)
    unstable = () if len(runs) < MOST_RUNS else (_unstable(name),)
    trace = PassTrace(program, "runtime", program.graph, (record,), unstable, {0: last.native})
    return trace, recorder, runs


def _record_freezing(program: Program, *, optimize: bool) -> PassTrace:
    verb = "optimize" if optimize else "freeze"
    native = program.native
    if not natives.is_script_module(native) or natives.is_frozen(native):
        what = "a frozen module" if natives.is_module(native) else "a function"
        message = f"expected a module that is not frozen yet for pipeline={verb!r}, got {what}"
        help = "capture the model with via='script' or via='trace'"
        raise UsageError(Diagnostic("TSV-S14", message, help=help))
    if native.training:
        message = f"expected `{program.title}` in eval mode for pipeline={verb!r}, got train mode"
        help = "call `model.eval()` and capture it again; tsviz does not change it"
        raise UsageError(Diagnostic("TSV-S15", message, help=help))
    with _described("TSV-S04", f"TorchScript cannot {verb} `{program.title}`"):
        return record_frozen(program, optimize=optimize)


def _record_scripting(program: Program) -> PassTrace:
    if program.model is None or program.variant is not Variant.SCRIPT:
        got = "one that came compiled" if program.model is None else f"a {program.variant} variant"
        message = f"expected a program that was scripted here for pipeline='script', got {got}"
        help = "capture the model itself with via='script'"
        raise UsageError(Diagnostic("TSV-S17", message, help=help))
    with _described("TSV-S07", f"TorchScript cannot compile `{program.title}` anew"):
        return record_scripted(program)


@contextmanager
def _described(code: str, message: str) -> Generator[None]:
    """Turns what PyTorch or the user's model raises into a diagnostic."""
    try:
        yield
    except TsvizError:
        raise
    except Exception as error:  # the user's model runs, and PyTorch raises any class
        found, sources = describe_failure(error, code, message)
        raise PassError(found, sources) from error


def _unstable(name: str) -> Diagnostic:
    message = f"`{name}` was still being compiled after {MOST_RUNS} runs"
    help = "the last snapshot is what the last of them ran"
    return Diagnostic("TSV-S02", message, help=help, severity="warning")
