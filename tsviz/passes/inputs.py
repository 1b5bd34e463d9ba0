"""The example inputs of a program that is to run."""

from collections.abc import Mapping, Sequence

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Inputs, Program


def find_inputs(
    program: Program, args: Sequence[object] | None, kwargs: Mapping[str, object] | None
) -> Inputs:
    """The inputs given, or those the program was captured with.

    Raises:
        UsageError: `TSV-S11` there are none.
    """
    if args is not None or kwargs is not None:
        return Inputs(tuple(args or ()), dict(kwargs or {}))
    if program.inputs is None:
        message = "expected example inputs, because the program has to run; got none"
        help = "give them: `run_passes(program, (x,))`, `--args`, or `%tsdebug model(x)`"
        raise UsageError(Diagnostic("TSV-S11", message, help=help))
    return program.inputs
