"""`tsviz.run_passes`: what PyTorch's compiler does to a program, pass by pass."""

from collections.abc import Mapping, Sequence

from tsviz.errors import Diagnostic, PassError, TsvizError, UsageError
from tsviz.frontends import Inputs, Program
from tsviz.frontends.failures import describe_failure
from tsviz.jit import natives
from tsviz.jit.recording import MOST_RUNS, Recorder, Runtime
from tsviz.passes.catalogue import catalog
from tsviz.passes.freezing import record_frozen
from tsviz.passes.own import Step, run_own
from tsviz.passes.runtime import RuntimeBuilder
from tsviz.passes.trace import PassTrace

PIPELINES = ("runtime", "freeze", "optimize")


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
            `torch.jit.freeze` and `optimize_for_inference` do to a clone; or a list of passes of
            your own: names from `tsviz.passes.catalog`, and callables that change a
            `torch._C.Graph`.

    Raises:
        UsageError: `TSV-P10` unknown pipeline; `TSV-P11` no example inputs; `TSV-P12` unknown pass;
            `TSV-P13` a pass needs example inputs; `TSV-P15` this program cannot be frozen; as
            `Program.get_native` where it cannot run here.
        PassError: `TSV-P01` the model failed while it warmed up, `TSV-P04` freezing failed.
    """
    if isinstance(pipeline, str) and pipeline not in PIPELINES:
        message = f"expected pipeline to be one of {', '.join(PIPELINES)}, got {pipeline!r}"
        help = f"for one pass, write pipeline=[{pipeline!r}]" if pipeline in catalog else ""
        raise UsageError(Diagnostic("TSV-P10", message, help=help))
    program.get_native()
    if pipeline in ("freeze", "optimize"):
        return _record_freezing(program, optimize=pipeline == "optimize")
    inputs = program.inputs
    if args is not None or kwargs is not None:
        inputs = Inputs(tuple(args or ()), dict(kwargs or {}))
    if not isinstance(pipeline, (str, Runtime)):
        return run_own(program, inputs, pipeline)
    mode = pipeline if isinstance(pipeline, Runtime) else Runtime()
    return _record_runtime(program, _needed(inputs), mode)


def _needed(inputs: Inputs | None) -> Inputs:
    if inputs is None:
        message = "expected example inputs, because the executor compiles while it runs; got none"
        help = "pass them: run_passes(program, (x,))"
        raise UsageError(Diagnostic("TSV-P11", message, help=help))
    return inputs


def _record_runtime(program: Program, inputs: Inputs, mode: Runtime) -> PassTrace:
    name = f"{program.title}.{program.method}"
    try:
        recorder = Recorder(program.native, program.method, inputs.args, inputs.kwargs)
        builder = RuntimeBuilder(program, recorder)
        runs = 0
        for run in recorder.iter_runs(mode):
            builder.add(run)
            runs += 1
    except TsvizError:
        raise
    except Exception as error:  # the user's model runs
        message = f"`{name}` failed while it warmed up"
        found, sources = describe_failure(error, "TSV-P01", message)
        raise PassError(found, sources) from error
    unstable = () if runs < MOST_RUNS else (_unstable(name),)
    return PassTrace(program, "runtime", program.graph, tuple(builder.records), unstable)


def _record_freezing(program: Program, *, optimize: bool) -> PassTrace:
    verb = "optimize" if optimize else "freeze"
    native = program.native
    if not natives.is_script_module(native) or natives.is_frozen(native):
        what = "a frozen module" if natives.is_module(native) else "a function"
        message = f"expected a module that is not frozen yet for pipeline={verb!r}, got {what}"
        help = "capture it with via='script' or via='trace' first"
        raise UsageError(Diagnostic("TSV-P15", message, help=help))
    if native.training:
        message = f"expected `{program.title}` in eval mode for pipeline={verb!r}, got train mode"
        help = "call `model.eval()` first and capture it again; tsviz does not change it"
        raise UsageError(Diagnostic("TSV-P15", message, help=help))
    try:
        return record_frozen(program, optimize=optimize)
    except TsvizError:
        raise
    except Exception as error:  # PyTorch raises any class
        found, sources = describe_failure(
            error, "TSV-P04", f"TorchScript cannot {verb} `{program.title}`"
        )
        raise PassError(found, sources) from error


def _unstable(name: str) -> Diagnostic:
    message = f"`{name}` was still being compiled after {MOST_RUNS} runs"
    return Diagnostic("TSV-P02", message, severity="warning")
