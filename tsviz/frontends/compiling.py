"""Making a variant: script, trace, hybrid, freeze, optimize, or the best of what works.

Each way leaves the user's world as it was: tracing runs on a copy and under its own random state,
freezing and optimising work on modules made here.
"""

import platform
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

import torch

from tsviz.errors import CaptureError, Diagnostic, TsvizError, UsageError
from tsviz.frontends.failures import describe_failure
from tsviz.frontends.failures.warned import describe_warnings
from tsviz.frontends.inputs import copy_for_run, takes_nothing
from tsviz.frontends.program import Inputs, Variant
from tsviz.jit import Evidences, compat, freezing, natives
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.running import outcome_of
from tsviz.jit.swallowing import Raises, may_swallow
from tsviz.jit.warned import heard_warnings


@dataclass(frozen=True, slots=True)
class Compiled:
    """A live TorchScript object and how it came to be.

    Attributes:
        variant: `None` where it was compiled elsewhere and has to be told from its graph.
        banner: what stays in view, or "".
        evidence: what the nodes were before passes ran, where that is known.
        modules: (path, class, training) of the module tree before freezing dissolved it.
    """

    native: object
    method: str
    variant: Variant | None
    banner: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    evidence: Evidences | None = None
    modules: tuple[tuple[str, str, bool], ...] = ()


def compile_variant(owner: object, method: str, inputs: Inputs | None, via: str) -> Compiled:
    """Compiles `owner` the way `via` says.

    Raises:
        UsageError, CaptureError: as `tsviz.capture` documents.
    """
    made = _WAYS[via](owner, method, inputs)
    if not natives.is_module(owner) or not getattr(owner, "training", False):
        return made
    return replace(made, banner="; ".join(filter(None, (made.banner, _TRAIN_BANNER))))


def _auto(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    if natives.is_compiled(owner):
        return _as_it_is(owner, method)
    try:
        return _script(owner, method, inputs)
    except CaptureError as failure:
        found = failure.diagnostic
        if inputs is None:
            raise CaptureError(_with_way_out(found), failure.sources) from failure.__cause__
        traced = _trace_instead(owner, method, inputs, found)
        reason = found.message.removeprefix("TorchScript cannot compile ")
        return replace(
            traced,
            banner=f"traced, because scripting failed: {reason}",
            diagnostics=(replace(found, severity="warning"), *traced.diagnostics),
        )


def _with_way_out(found: Diagnostic) -> Diagnostic:
    """The diagnostic with the other way, tracing, beside the fix where there is one."""
    if not found.help:
        return replace(found, help="pass example inputs, so that the model can be traced instead")
    return replace(found, notes=(*found.notes, "with example inputs it can be traced instead"))


def _trace_instead(owner: object, method: str, inputs: Inputs, scripting: Diagnostic) -> Compiled:
    try:
        return _trace(owner, method, inputs)
    except CaptureError as failure:
        notes = (*failure.diagnostic.notes, f"scripting had failed before: {scripting.message}")
        raise CaptureError(
            replace(failure.diagnostic, notes=notes), failure.sources
        ) from failure.__cause__


def _as_it_is(owner: object, method: str) -> Compiled:
    if natives.is_script_module(owner) and method not in natives.method_names(owner):
        raise UsageError(_no_method(owner, method))
    return Compiled(owner, method, None)


def _script(owner: object, method: str, _: Inputs | None) -> Compiled:
    if natives.is_compiled(owner):
        return _as_it_is(owner, method)
    with _quiet(), _described(owner, "compile", "TSV-C01"):
        native = natives.script(owner, method)
    entry = method if natives.is_script_module(native) else "forward"
    doubts = () if compat.python_supports_script() else (_new_python(),)
    return Compiled(native, entry, Variant.SCRIPT, diagnostics=doubts)


def _trace(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    given = _needed(owner, method, inputs, "trace")

    def traced(*, strict: bool) -> Compiled:
        copied = copy_for_run(owner, given, _TRACE_YOURSELF)
        native, warned = _traced(*copied, owner, method, strict=strict)
        return Compiled(native, method, Variant.TRACE, diagnostics=warned)

    return _with_dicts(traced, owner)


def _hybrid(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    """Traces a copy whose submodules with control flow are scripted first."""
    given = _needed(owner, method, inputs, "hybrid")
    if not natives.is_module(owner):
        message = f"expected a module with submodules for via='hybrid', got {_kind(owner)}"
        raise UsageError(Diagnostic("TSV-U06", message, help="use via='script' for a function"))

    def traced(*, strict: bool) -> Compiled:
        model, copied = copy_for_run(owner, given, _TRACE_YOURSELF)
        scripted = script_branching_parts(cast("torch.nn.Module", model))
        native, warned = _traced(model, copied, owner, method, strict=strict)
        names = ", ".join(scripted) or "no submodule has control flow that scripts"
        banner = f"traced; scripted inside: {names}"
        return Compiled(native, method, Variant.HYBRID, banner, warned)

    return _with_dicts(traced, owner)


def _with_dicts(traced: Callable[..., Compiled], owner: object) -> Compiled:
    """Traces strictly, as PyTorch does by default; once more where only a dict stood against it."""
    try:
        return traced(strict=True)
    except CaptureError as failure:
        if not natives.is_dict_refused(failure.__cause__):
            raise
    made = traced(strict=False)
    found = (dict_result(natives.title_of(owner)), *made.diagnostics)
    return replace(made, diagnostics=found)


def dict_result(title: str) -> Diagnostic:
    """What is said of a trace that returns a dict."""
    return Diagnostic(
        "TSV-C07",
        f"`{title}` returns a dict, so it was traced with `strict=False`: the trace always returns "
        f"the keys of this run, in a plain dict",
        notes=("torch.jit.trace refuses a dict as result unless `strict=False` says otherwise",),
        help="return a tuple or a NamedTuple; models of transformers do with `return_dict=False`",
        severity="warning",
    )


def script_branching_parts(model: torch.nn.Module) -> list[str]:
    """Replaces the outermost submodules whose compiled form branches by that form, in place.

    Returns:
        Their paths.
    """
    done: list[str] = []
    for path, part in natives.iter_parts(model):
        if not path or any(path.startswith(f"{outer}.") for outer in done):
            continue
        try:
            scripted = _script(part, "forward", None).native
        except CaptureError:
            continue  # what does not script is traced, which is the point of the variant
        if natives.has_branches(scripted):
            parent, _, name = path.rpartition(".")
            setattr(model.get_submodule(parent), name, scripted)
            done.append(path)
    return done


def _traced(
    model: object, inputs: Inputs, owner: object, method: str, *, strict: bool
) -> tuple[object, tuple[Diagnostic, ...]]:
    """The trace, and what PyTorch's tracer warned of."""
    with (
        held_interrupts() as let_through,
        heard_warnings() as heard,
        natives.preserved_random_state(owner),
        _described(owner, "trace", "TSV-C02"),
        let_through(),
    ):
        if may_swallow(owner):
            _check_swallowing(owner, method, inputs)
        native = natives.trace(model, method, inputs.args, dict(inputs.kwargs), strict=strict)
    natives.restore_buffers(native, owner)  # the recorded run changed those of the copy
    return native, describe_warnings(heard)


def _check_swallowing(owner: object, method: str, inputs: Inputs) -> None:
    """Runs a copy as it is.

    Raises:
        CaptureError: `TSV-C06` tracing it would crash Python.
    """
    model, args, kwargs = natives.copy_for_run(owner, inputs.args, inputs.kwargs)
    run = getattr(model, method) if natives.is_module(model) and method != "forward" else model
    with natives.preserved_random_state(owner), Raises() as raises:
        _, error = outcome_of(lambda: cast("Callable[..., object]", run)(*args, **kwargs))
    if raises.count and error is None:
        raise CaptureError(crashing(natives.title_of(owner)))


def crashing(title: str) -> Diagnostic:
    """What is said of a model that the tracer crashes on."""
    message = f"`{title}` is not traced: it catches what a call on tensors raises"
    note = "PyTorch's tracer crashes, with all of Python, when such a call raises inside a `try`"
    help = "decide with a condition instead, or give an example on which nothing raises"
    return Diagnostic("TSV-C06", message, notes=(note,), help=help)


def _freeze(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    return _frozen(owner, method, inputs, Variant.FREEZE)


def _optimize(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    return _frozen(owner, method, inputs, Variant.OPTIMIZE)


def _frozen(owner: object, method: str, inputs: Inputs | None, variant: Variant) -> Compiled:
    if not natives.is_module(owner):
        message = f"expected a module for via={str(variant)!r}, got {_kind(owner)}"
        raise UsageError(Diagnostic("TSV-U06", message, help="use via='script' for a function"))
    if natives.is_frozen(owner):
        message = (
            f"expected a module that is not frozen yet, got a frozen `{natives.title_of(owner)}`"
        )
        raise UsageError(Diagnostic("TSV-U17", message, help="leave `via` out to see it as it is"))
    if getattr(owner, "training", False):
        message = f"expected `{natives.title_of(owner)}` in eval mode to freeze it, got train mode"
        help = "call `model.eval()` first; tsviz does not change it"
        raise UsageError(Diagnostic("TSV-U07", message, help=help))
    source = _auto(owner, method, inputs)
    with _quiet(), _described(owner, variant, _FREEZING):
        made = freezing.freeze(source.native, method, optimize=variant is Variant.OPTIMIZE)
    return replace(
        source,
        native=made.native,
        variant=variant,
        evidence=made.evidence,
        modules=tuple(natives.iter_modules(source.native)),
    )


_WAYS: dict[str, Callable[[object, str, Inputs | None], Compiled]] = {
    "auto": _auto,
    "script": _script,
    "trace": _trace,
    "hybrid": _hybrid,
    "freeze": _freeze,
    "optimize": _optimize,
}


def _needed(owner: object, method: str, inputs: Inputs | None, via: str) -> Inputs:
    if natives.is_compiled(owner):
        message = f"expected Python code to make via={via!r} from, got {_kind(owner)}"
        raise UsageError(Diagnostic("TSV-U08", message, help="leave `via` out to see it as it is"))
    if inputs is None and takes_nothing(owner, method):
        return Inputs()
    if inputs is None:
        message = f"expected example inputs, because via={via!r} runs the model; got none"
        help = f"pass them: capture(model, (x,), via={via!r})"
        raise UsageError(Diagnostic("TSV-U05", message, help=help))
    return inputs


# ── what leaves the user's world as it was ──────────────────────────────────────────────────────


@contextmanager
def _quiet() -> Generator[None]:
    """Hides PyTorch's deprecation warnings; the warning filters come back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# ── words ───────────────────────────────────────────────────────────────────────────────────────

_TRACE_YOURSELF = "trace it yourself with torch.jit.trace and pass the result"
_FREEZING = "TSV-C03"
_TRAIN_BANNER = (
    "captured in train mode: dropout and batch statistics are active (model.eval() for inference)"
)


@contextmanager
def _described(owner: object, verb: str, code: str) -> Generator[None]:
    """Turns what PyTorch or the user's code raises into a diagnostic."""
    try:
        yield
    except TsvizError:
        raise
    except Exception as error:  # the user's code runs, and PyTorch raises any class
        message = f"TorchScript cannot {verb} `{natives.title_of(owner)}`"
        found, sources = describe_failure(error, code, message, name_call=code == _FREEZING)
        raise CaptureError(found, sources) from error


def _new_python() -> Diagnostic:
    return Diagnostic(
        "TSV-C05",
        f"expected Python 3.11 to 3.13 to script with, got {platform.python_version()}, where "
        f"PyTorch calls torch.jit.script unsupported",
        help="trace with example inputs instead: via='trace'",
        severity="warning",
    )


def _no_method(owner: object, method: str) -> Diagnostic:
    names = ", ".join(natives.method_names(owner))
    message = f"expected one of the compiled methods ({names or 'there are none'}), got `{method}`"
    return Diagnostic("TSV-U09", message, help="mark it with @torch.jit.export before scripting")


def _kind(owner: object) -> str:
    if natives.is_compiled(owner):
        return f"`{natives.title_of(owner)}`, which is compiled already"
    return f"`{natives.title_of(owner)}` ({type(owner).__name__})"
