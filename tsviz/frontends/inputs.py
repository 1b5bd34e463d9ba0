"""Example inputs, held against what an entry point declares."""

from tsviz.errors import Diagnostic, UsageError
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


def _count(inputs: Inputs) -> str:
    number, names = len(inputs.args), ", ".join(f"`{name}`" for name in inputs.kwargs)
    positional = f"{number} positional argument{'' if number == 1 else 's'}"
    return f"{positional} and {names}" if names else positional
