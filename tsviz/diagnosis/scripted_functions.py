"""Functions that branch on data, scripted inside of a model that is traced.

`torch.jit.script_if_tracing` compiles a function where a trace comes to it, and leaves it alone
otherwise. So it can be put around a function from outside, wherever that was written.
"""

from collections.abc import Iterator
from types import FunctionType
from typing import cast

from tsviz.comparison.subject import Subject
from tsviz.diagnosis.attempts import Attempts
from tsviz.diagnosis.code import Function
from tsviz.diagnosis.hybrids import Plan
from tsviz.diagnosis.outside import bindings, imports_for
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rebuilding import rebuild
from tsviz.diagnosis.tracing import agreement, try_trace
from tsviz.frontends import Inputs
from tsviz.jit import natives, reachable
from tsviz.jit.reloading import reload
from tsviz.jit.running import outcome_of


def find_scripted_functions(world: World, call: str, attempts: Attempts) -> Plan:
    """Tries to trace a model with the functions scripted that branch.

    Args:
        call: what traces it, such as `torch.jit.trace(model, args)`.

    Raises:
        NoneLeftError, KeyboardInterrupt: as `find_hybrid`.
    """
    functions = list(_branching(world, attempts))
    names = [name for function in functions for name in bindings(world, function)]
    if not names:
        return Plan("", ())
    attempts.begin()
    exchanged = {
        id(function.python): reachable.scripted_if_tracing(cast("FunctionType", function.python))
        for function in functions
    }
    titles = ", ".join(function.name for function in functions)
    copy = rebuild(world, (), exchanged=exchanged, to_run=True)
    try:
        subject = Subject(copy.owner, world.method, world.inputs or Inputs())
        traced = try_trace(subject)
        if not traced.is_sound:
            return Plan("", (f"with {titles} scripted, traced, {traced.words}",))
        native, error, _ = subject.trace(subject.example)
        saved = outcome_of(lambda: reload(native))[1] if error is None else error
    finally:
        copy.forget()
    if saved is not None:
        return Plan("", (f"with {titles} scripted, its trace cannot be saved and loaded",))
    lines = [f"{name} = torch.jit.script_if_tracing({name})" for name in names]
    code = [*sorted({*imports_for(names), "import torch"}), "", *lines, f"hybrid = {call}"]
    reasons = (
        f"{titles} {'is' if len(functions) == 1 else 'are'} scripted: torch.jit.script compiles "
        f"what branches there",
        f"the rest is traced: it gives {agreement(traced)}, and can be saved and loaded",
    )
    return Plan("\n".join(code), reasons)


def _branching(world: World, attempts: Attempts) -> Iterator[Function]:
    """Functions of no module that eager ran, that script by themselves, and branch."""
    for function in world.functions.values():
        python = function.python
        is_free = not function.modules and not function.is_hook and function.wrapper is None
        ran = python.__code__ in world.observed.frames
        if not is_free or not ran or python is world.owner or python.__closure__:
            continue
        attempts.begin()
        native, error = outcome_of(lambda python=python: natives.script(python, "forward"))
        if error is None and natives.has_branches(native):
            yield function
