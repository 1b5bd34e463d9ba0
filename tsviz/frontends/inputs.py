"""Example inputs: held against what an entry point declares, and copied for a run."""

from tsviz.errors import CaptureError, Diagnostic, UsageError
from tsviz.frontends.failures import describe_failure
from tsviz.frontends.program import Inputs
from tsviz.jit import natives


def check_inputs(owner: object, method: str, inputs: Inputs) -> None:
    """Holds the example inputs against the signature of the entry point.

    Raises:
        UsageError: `TSV-U15` they do not fit.
    """
    signature = natives.find_signature(owner, method)
    if signature is None:
        return
    try:
        signature.bind(*inputs.args, **inputs.kwargs)
    except TypeError as error:
        name = natives.title_of(owner) + (f".{method}" if natives.is_module(owner) else "")
        message = f"expected example inputs that fit `{name}{signature}`, got {_count(inputs)}"
        note = f"Python says: {error}"
        raise UsageError(Diagnostic("TSV-U15", message, notes=(note,))) from error


def takes_nothing(owner: object, method: str) -> bool:
    """Whether the entry point can be called without arguments."""
    signature = natives.find_signature(owner, method)
    if signature is None:
        return False
    try:
        signature.bind()
    except TypeError:
        return False
    return True


def copy_for_run(owner: object, inputs: Inputs, help: str = "") -> tuple[object, Inputs]:
    """What to run on, so that buffers, attributes and tensors of the user's stay as they are.

    Raises:
        CaptureError: `TSV-C04` something cannot be copied.
    """
    try:
        model, args, kwargs = natives.copy_for_run(owner, inputs.args, inputs.kwargs)
    except Exception as error:  # copying runs code of the user's classes
        message = f"`{natives.title_of(owner)}` and its inputs cannot be copied to run on"
        found, sources = describe_failure(error, "TSV-C04", message, help)
        raise CaptureError(found, sources) from error
    return model, Inputs(args, kwargs)


def _count(inputs: Inputs) -> str:
    number, names = len(inputs.args), ", ".join(f"`{name}`" for name in inputs.kwargs)
    positional = f"{number} positional argument{'' if number == 1 else 's'}"
    return f"{positional} and {names}" if names else positional
