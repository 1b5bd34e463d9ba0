"""Making a variant: script, trace, hybrid, freeze, optimize, or the best of what works.

Each way leaves the user's model as it was: tracing runs on a copy and under its own random
state, freezing and optimising work on modules made here.
"""

import copy
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

import torch

from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends.program import Inputs, Variant
from tsviz.jit import Evidence, freezing, natives
from tsviz.jit.compile_errors import find_place, first_words
from tsviz.location import Unknown


@dataclass(frozen=True, slots=True)
class Compiled:
    """A live TorchScript object and how it came to be.

    Attributes:
        variant: `None` where it was compiled elsewhere and has to be told from its graph.
    """

    native: object
    method: str
    variant: Variant | None
    banner: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    origins: tuple[Evidence | None, ...] = ()


def compile_variant(owner: object, method: str, inputs: Inputs | None, via: str) -> Compiled:
    """Compiles `owner` the way `via` says.

    Raises:
        UsageError, CaptureError: as `tsviz.capture` documents.
    """
    if via == "auto":
        return _auto(owner, method, inputs)
    return _WAYS[via](owner, method, inputs)


def _auto(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    if natives.is_compiled(owner):
        return _as_it_is(owner, method)
    try:
        return _script(owner, method, inputs)
    except CaptureError as failure:
        if inputs is None:
            raise CaptureError(
                _with_help(
                    failure.diagnostic,
                    "mend the line above, or pass example inputs so that the model can be traced",
                )
            ) from failure
        traced = _trace(owner, method, inputs)
        reason = failure.diagnostic.message.removeprefix("TorchScript cannot compile ")
        banner = f"traced, because scripting failed: {reason}"
        return Compiled(
            traced.native, traced.method, traced.variant, banner, (failure.diagnostic,)
        )


def _as_it_is(owner: object, method: str) -> Compiled:
    if natives.is_script_module(owner) and method not in natives.method_names(owner):
        raise UsageError(_no_method(owner, method))
    return Compiled(owner, method, None, _train_banner(owner))


def _script(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    if natives.is_compiled(owner):
        return _as_it_is(owner, method)
    with _quiet():
        try:
            native = natives.script(owner, method)
        except Exception as error:  # FrontendError and torch.jit.Error are plain Exceptions
            raise CaptureError(describe_failure(error, owner, "compile", "TSV-C01")) from error
    entry = "forward" if natives.is_script_function(native) else method
    variant = Variant.SCRIPT
    return Compiled(native, method if natives.is_script_module(native) else entry, variant, _train_banner(owner))


def _trace(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    inputs = _needed(inputs, "trace")
    if natives.is_compiled(owner):
        raise UsageError(_already_compiled(owner, "trace"))
    with _quiet(), torch.random.fork_rng(devices=_devices(owner)):
        try:
            native = natives.trace(_copy(owner), method, inputs.args, dict(inputs.kwargs))
        except Exception as error:
            raise CaptureError(describe_failure(error, owner, "trace", "TSV-C02")) from error
    return Compiled(native, method, Variant.TRACE, _train_banner(owner))


def _hybrid(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    """Traces a copy whose submodules with control flow are scripted first."""
    inputs = _needed(inputs, "hybrid")
    if natives.is_compiled(owner) or not natives.is_module(owner):
        raise UsageError(_already_compiled(owner, "hybrid"))
    model = cast("torch.nn.Module", _copy(owner))
    with _quiet(), torch.random.fork_rng(devices=_devices(owner)):
        scripted = natives.script_branching_parts(model)
        try:
            native = natives.trace(model, method, inputs.args, dict(inputs.kwargs))
        except Exception as error:
            raise CaptureError(describe_failure(error, owner, "trace", "TSV-C02")) from error
    names = ", ".join(scripted) or "no submodule has control flow that scripts"
    return Compiled(native, method, Variant.HYBRID, f"traced; scripted inside: {names}")


def _freeze(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    return _frozen(owner, method, inputs, Variant.FREEZE)


def _optimize(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    return _frozen(owner, method, inputs, Variant.OPTIMIZE)


def _frozen(owner: object, method: str, inputs: Inputs | None, variant: Variant) -> Compiled:
    source = _frozen_source(owner, method, inputs)
    with _quiet():
        try:
            made = freezing.freeze(
                source.native, method, optimize=variant is Variant.OPTIMIZE
            )
        except Exception as error:
            raise CaptureError(describe_failure(error, owner, variant, "TSV-C03")) from error
    return Compiled(
        made.native, method, variant, source.banner, source.diagnostics, made.origins
    )


def _frozen_source(owner: object, method: str, inputs: Inputs | None) -> Compiled:
    if not natives.is_module(owner):
        message = f"expected a module to freeze, got {_kind(owner)}"
        raise UsageError(Diagnostic("TSV-U06", message, help="use via='script' for a function"))
    if cast("torch.nn.Module", owner).training:
        message = f"expected `{natives.title_of(owner)}` in eval mode to freeze it, got train mode"
        raise UsageError(
            Diagnostic("TSV-U07", message, help="call `model.eval()` first; tsviz does not change it")
        )
    return _auto(owner, method, inputs)


_WAYS: dict[str, Callable[[object, str, Inputs | None], Compiled]] = {
    "script": _script,
    "trace": _trace,
    "hybrid": _hybrid,
    "freeze": _freeze,
    "optimize": _optimize,
}


# ── what leaves the user's world as it was ──────────────────────────────────────────────────────


@contextmanager
def _quiet() -> Iterator[None]:
    """Hides PyTorch's deprecation and tracer warnings; the warning filters come back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _copy(owner: object) -> object:
    """A copy to run on, so that buffers and attributes of the user's model stay as they are."""
    if not natives.is_module(owner):
        return owner
    try:
        return copy.deepcopy(owner)
    except Exception as error:
        message = (
            f"`{natives.title_of(owner)}` cannot be copied, so tracing would run on the original "
            f"and could change it"
        )
        notes = (f"copy.deepcopy said: {type(error).__name__}: {error}",)
        diagnostic = Diagnostic("TSV-C04", message, notes=notes, help="trace it yourself with torch.jit.trace and pass the result")
        raise CaptureError(diagnostic) from error


def _devices(owner: object) -> list[int]:
    """CUDA devices whose random state the run could advance."""
    if not natives.is_module(owner):
        return []
    tensors = cast("torch.nn.Module", owner).parameters()
    return sorted({tensor.device.index or 0 for tensor in tensors if tensor.is_cuda})


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def describe_failure(error: Exception, owner: object, verb: str, code: str) -> Diagnostic:
    """PyTorch's failure as a diagnostic: its first sentence, the user's line, all of its words."""
    text = str(error).strip() or type(error).__name__
    message = f"TorchScript cannot {verb} `{natives.title_of(owner)}`: {first_words(text)}"
    place = find_place(error) or Unknown("PyTorch names no line")
    return Diagnostic(code, message, place, (f"PyTorch said: {text}",), _remedy(text))


def _remedy(text: str) -> str:
    if "Failed to get source" in text or "could not get source" in text.lower():
        return "put the function into a file or a notebook cell, so that its source can be read"
    if "lambda" in text:
        return "use `def` instead of a lambda, or trace with example inputs"
    return ""


def _with_help(diagnostic: Diagnostic, text: str) -> Diagnostic:
    return Diagnostic(
        diagnostic.code,
        diagnostic.message,
        diagnostic.location,
        diagnostic.notes,
        diagnostic.help or text,
    )


def _needed(inputs: Inputs | None, via: str) -> Inputs:
    if inputs is None:
        message = f"expected example inputs, because via={via!r} runs the model; got none"
        raise UsageError(Diagnostic("TSV-U05", message, help="pass them: capture(model, (x,), via=…)"))
    return inputs


def _already_compiled(owner: object, via: str) -> Diagnostic:
    message = f"expected Python code to make via={via!r} from, got {_kind(owner)}"
    return Diagnostic("TSV-U08", message, help="leave `via` out to see it as it is")


def _no_method(owner: object, method: str) -> Diagnostic:
    names = ", ".join(natives.method_names(owner))
    message = f"expected one of the compiled methods ({names or 'there are none'}), got `{method}`"
    return Diagnostic("TSV-U09", message, help="mark it with @torch.jit.export before scripting")


def _kind(owner: object) -> str:
    if natives.is_compiled(owner):
        return f"`{natives.title_of(owner)}`, which is compiled already"
    return f"`{natives.title_of(owner)}` ({type(owner).__name__})"


def _train_banner(owner: object) -> str:
    if natives.is_module(owner) and getattr(owner, "training", False):
        return "captured in train mode: dropout and batch statistics are active (model.eval() for inference)"
    return ""
