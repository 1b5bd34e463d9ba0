"""`tsviz.debug`: from what the user has to a session."""

from collections.abc import Mapping, Sequence
from typing import cast

from tsviz.debugger.debugging import MEMORY, Debugger
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Inputs, Program
from tsviz.frontends.torchscript import capture
from tsviz.jit import natives


def debug(
    target: object,
    args: Sequence[object] = (),
    kwargs: Mapping[str, object] | None = None,
    *,
    via: str = "auto",
    memory: int = MEMORY,
    plan: bool = False,
) -> Debugger:
    """Starts a program and holds it before its first node.

    What runs is a copy of the inlined graph as it was compiled, unoptimised, in PyTorch's own
    interpreter, on copies of the module and the inputs; the model and the random state stay as they
    are. A second thread runs it: every request answers at once, and says `running` where the
    program has not been held again yet.

    Args:
        target: a `Program`, or what `tsviz.capture` takes.
        args, kwargs: example inputs; by default those that a program was captured with.
        via: how to capture what is no program yet.
        memory: so many bytes of computed tensors are kept to be looked at.
        plan: steps what PyTorch's executor runs once the program is warm, instead: a copy runs a
            few times first. A fused group is one step, and its interpreter lets other threads of
            Python's run only between steps.

    Raises:
        UsageError: `TSV-D20` there are no inputs; `TSV-D22` the plan cannot be stepped; as
            `capture` and `Program.get_native`.
        CaptureError: as `capture`.
        PassError: with `plan`, `TSV-S01` the model failed while it warmed up; `TSV-T13` PyTorch
            does not say what it runs.
    """
    program, inputs = _find_program(target, args, kwargs, via)
    return Debugger(program, inputs.args, inputs.kwargs, memory=memory, plan=plan)


def _find_program(
    target: object, args: Sequence[object], kwargs: Mapping[str, object] | None, via: str
) -> tuple[Program, Inputs]:
    """The program and its inputs.

    Raises:
        UsageError: `TSV-D20` there are none; as `capture`.
        CaptureError: as `capture`.
    """
    if isinstance(target, Program):
        program, given = target, bool(kwargs) or natives.is_tensor(args) or bool(args)
        if given:
            positional = (args,) if natives.is_tensor(args) else tuple(args)
            return program, Inputs(cast("tuple[object, ...]", positional), dict(kwargs or {}))
    else:
        program = capture(target, args, kwargs, via=via)
    if program.inputs is None:
        message = "expected example inputs, because the program has to run; got none"
        help = "give them: `tsviz.debug(model, (x,))`, or `--args`"
        raise UsageError(Diagnostic("TSV-D20", message, help=help))
    return program, program.inputs
