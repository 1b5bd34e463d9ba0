"""The ways to make a variant of a model, and what can be done with each, whatever it is made of.

A measurement asks nothing of a variant but this: to run one case, to be called as its user calls
it, to be saved and loaded. So another way (an exported program, a compiled module) is one more
function in the table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

import torch

from tsviz.comparison.comparing import make_variant
from tsviz.comparison.subject import Case, Outcome, Subject, entry
from tsviz.frontends.program import Inputs, Program, Variant
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.loading import load
from tsviz.jit.reloading import save
from tsviz.jit.unused import unused_copy

Run = Callable[[Case], Outcome]


@dataclass(frozen=True, slots=True)
class Made:
    """A variant, and what can be done with it; all of it leaves the variant as it was.

    Attributes:
        program: its graph; `None` where there is none, as of Python code.
        run: runs one case, on copies.
        unused: a copy that was never called, as its user calls it.
        inputs: the example, as that copy takes it.
        save: writes it to a file; `None` where there is nothing to save.
        load: reads that file, and gives what runs a case with it.
    """

    program: Program | None
    run: Run
    unused: Callable[[], Callable[..., object]]
    inputs: Inputs
    save: Callable[[Path], None] | None
    load: Callable[[Path], Run]


def _eager(subject: Subject) -> Made:
    def unused() -> Callable[..., object]:
        model, _, _ = natives.copy_for_run(subject.owner, (), {})
        return entry(model, subject.method)

    def save_state(path: Path) -> None:
        torch.save(cast("torch.nn.Module", subject.owner).state_dict(), path)

    def load_state(path: Path) -> Run:
        model = cast("torch.nn.Module", natives.copy_for_run(subject.owner, (), {})[0])
        with torch.no_grad():
            for tensor in model.state_dict().values():
                tensor.zero_()  # so that what is there afterwards is from the file
        model.load_state_dict(torch.load(path, weights_only=True))
        return Subject(model, subject.method, subject.example.inputs).eager

    is_module = natives.is_module(subject.owner)
    inputs = subject.example.inputs
    return Made(None, subject.eager, unused, inputs, save_state if is_module else None, load_state)


def _torchscript(variant: Variant) -> Callable[[Subject], Made]:
    def make(subject: Subject) -> Made:
        program, _ = make_variant(subject, variant)
        return _made(subject, program)

    return make


def _made(subject: Subject, program: Program) -> Made:
    native, inputs = program.get_native(), subject.example.inputs
    is_module = natives.is_script_module(native)
    if not is_module:  # its copy takes what its graph takes
        inputs = Inputs(tuple(graph_inputs(native, "", inputs.args, inputs.kwargs)))
    method = subject.native_method(native)

    def run(case: Case) -> Outcome:
        return subject.compiled(native, case)

    def unused() -> Callable[..., object]:
        copied = unused_copy(native)
        return entry(copied, method if is_module else "")

    def load_native(path: Path) -> Run:
        return Subject(load(path, (), {}), method, subject.example.inputs).eager

    return Made(program, run, unused, inputs, lambda path: save(native, path), load_native)


WAYS: Mapping[str, Callable[[Subject], Made]] = MappingProxyType(
    {
        "eager": _eager,
        "trace": _torchscript(Variant.TRACE),
        "script": _torchscript(Variant.SCRIPT),
        "freeze": _torchscript(Variant.FREEZE),
        "optimize": _torchscript(Variant.OPTIMIZE),
    }
)
"""Name → what makes it.

Each raises `CaptureError` or `UsageError` where the variant cannot be made.
"""
