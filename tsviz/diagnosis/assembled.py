"""The code that makes a hybrid of a model: what is shown is what was run on a copy.

Parts are made from the inside to the outside: each is scripted as it stands, or traced with what
it is given when the model runs, and takes the place of the Python module in a copy of the model.
"""

import linecache
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from types import CodeType
from typing import Any

import torch

from tsviz.diagnosis.parts import expression
from tsviz.frontends import Inputs
from tsviz.jit import natives
from tsviz.jit.interrupts import held_interrupts

_numbers = count(1)
_WIDTH = 84


@dataclass(frozen=True, slots=True)
class Step:
    """One part that is compiled by itself.

    Attributes:
        paths: where it stands in the model; several where it is shared.
        traced: whether it is traced; else it is scripted.
        by_name: whether it is called with arguments by name.
        why: measured facts.
    """

    paths: tuple[str, ...]
    traced: bool
    by_name: bool
    why: str

    @property
    def title(self) -> str:
        """Its paths."""
        return ", ".join(self.paths)

    @property
    def how(self) -> str:
        """`traced` or `scripted`."""
        return "traced" if self.traced else "scripted"


def hybrid_code(
    model: torch.nn.Module, method: str, inputs: Inputs, steps: Sequence[Step], *, traced: bool
) -> str:
    """Python that makes `hybrid` of `model`, with `args` and `kwargs`.

    Args:
        steps: the innermost parts first.
        traced: whether the model around them is traced; else it is scripted.
    """
    watched = [step for step in steps if step.traced]
    named = any(step.by_name for step in watched) or (traced and bool(inputs.kwargs))
    lines = ["import copy", *(["import inspect"] if named else []), "", "import torch", ""]
    if named:
        lines += _NAMING.split("\n")[1:]
    if watched:
        lines += _watching(model, method, inputs, watched)
    by_name = any(step.by_name for step in watched)
    lines.append("hybrid = copy.deepcopy(model)")
    for step in steps:
        names = " = ".join(expression(model, path, "hybrid") for path in step.paths)
        first, *rest = _made(model, step, by_name=by_name)
        lines += [f"{names} = {first}", *rest]
    first, *rest = _whole(method, inputs, traced=traced)
    lines += [f"hybrid = {first}", *rest]
    if (watched or traced) and model.training and any(True for _ in model.buffers()):
        lines.append("hybrid.load_state_dict(model.state_dict())  # as before the recorded runs")
    return "\n".join(lines)


def _watching(
    model: torch.nn.Module, method: str, inputs: Inputs, steps: Sequence[Step]
) -> list[str]:
    by_name = any(step.by_name for step in steps)
    taken = ", kwargs" if by_name else ""
    kept = "(args, kwargs)" if by_name else "args"
    lines = [
        *("given = {}  # what the parts to be traced are called with", "", ""),
        *("def keep(path):", f"    def hook(part, args{taken}):"),
        *(f"        given.setdefault(path, copy.deepcopy({kept}))", "", "    return hook"),
        *("", "", "watched = copy.deepcopy(model)"),
    ]
    for step in steps:
        part, path = expression(model, step.paths[0], "watched"), step.paths[0]
        flag = ", with_kwargs=True" if by_name else ""
        lines.append(f'{part}.register_forward_pre_hook(keep("{path}"){flag})')
    called = "watched" if method == "forward" else f"watched.{method}"
    passed = "*args, **kwargs" if inputs.kwargs else "*args"
    return [*lines, "with torch.no_grad():", f"    {called}({passed})", ""]


_NAMING = """

def named(call, args, kwargs):
    return dict(inspect.signature(call).bind(*args, **kwargs).arguments)

"""


def _made(model: torch.nn.Module, step: Step, *, by_name: bool) -> list[str]:
    part, path = expression(model, step.paths[0], "hybrid"), step.paths[0]
    if not step.traced:
        return [f"torch.jit.script({part})"]
    if step.by_name:
        return _traced(part, f'example_kwarg_inputs=named({part}.forward, *given["{path}"])')
    return _traced(part, f'given["{path}"]' + "[0]" * by_name)


def _whole(method: str, inputs: Inputs, *, traced: bool) -> list[str]:
    if not traced:
        return ["torch.jit.script(hybrid)"]
    if method != "forward":
        given = f"named(hybrid.{method}, args, kwargs)" if inputs.kwargs else "args"
        flag = ", example_inputs_is_kwarg=True" if inputs.kwargs else ""
        return [f'torch.jit.trace_module(hybrid, {{"{method}": {given}}}, check_trace=False{flag})']
    if inputs.kwargs:
        return _traced("hybrid", "example_kwarg_inputs=named(hybrid.forward, args, kwargs)")
    return _traced("hybrid", "args")


def _traced(part: str, given: str) -> list[str]:
    """The call, over several lines where it is long."""
    line = f"torch.jit.trace({part}, {given}, check_trace=False)"
    if len(part) + len(line) <= _WIDTH:
        return [line]
    return ["torch.jit.trace(", *(f"    {it}," for it in (part, given, "check_trace=False")), ")"]


@contextmanager
def ran(text: str, names: Mapping[str, object], owner: object) -> Generator[dict[str, Any]]:
    """Runs code as a user would, in a module of its own, under its own random state.

    PyTorch finds its source until the block ends.

    Args:
        names: what it finds, made of copies.
        owner: whose devices the random state is kept of.

    Raises:
        Exception: whatever it raises.
    """
    file = f"<tsviz code {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    known: dict[str, Any] = {"__name__": "__main__", **names}
    try:
        _run(compile(text, file, "exec"), known, owner)
        yield known
    finally:
        linecache.cache.pop(file, None)


def _run(code: CodeType, known: dict[str, Any], owner: object) -> None:
    with (
        held_interrupts() as let_through,
        warnings.catch_warnings(),
        natives.preserved_random_state(owner),
        let_through(),
    ):
        warnings.simplefilter("ignore")
        exec(code, known)  # noqa: S102 (written here, of names)
