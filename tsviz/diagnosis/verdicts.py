"""The verdict: which way leads this model to TorchScript, from what was tried with it."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from tsviz.diagnosis.findings import Verdict, Way
from tsviz.diagnosis.judging import Refusal
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.trying import Outcome, Tried, compare_outcomes, run_native
from tsviz.frontends import Inputs, is_torch
from tsviz.frontends.compiling import script_branching_parts
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives
from tsviz.jit.compile_errors import first_words
from tsviz.jit.running import outcome_of
from tsviz.jit.warned import TracerWarning

_SCRIPT = "scripted = torch.jit.script({name})"
_TRACE = "traced = torch.jit.trace({name}, {inputs})"
_HYBRID = """\
import tsviz
traced = tsviz.capture({name}, {inputs}, via="hybrid").native"""


@dataclass(frozen=True, slots=True)
class _Trace:
    """One attempt to trace.

    Attributes:
        error: PyTorch's first sentence, "" where it worked.
        doubts: what the tracer warned of, with its place.
        wrong: how its result differs from eager's.
        scripted: the parts that were scripted first.
    """

    error: str = ""
    doubts: tuple[str, ...] = ()
    wrong: str = ""
    scripted: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return not (self.error or self.doubts or self.wrong)


def accepted(world: World, eager: Outcome | None, scripted: Outcome | None) -> Verdict:
    """The verdict on a model that scripts as it is."""
    reasons = ["torch.jit.script compiles a copy of it as it is"]
    if eager is not None and scripted is not None:
        wrong = compare_outcomes(eager, scripted)
        same = "raises as eager does" if eager.error else "gives eager's result bit for bit"
        if scripted.error is not None and eager.error is None:
            reasons.append(f"but with these inputs the scripted copy raises: {scripted.words}")
        else:
            differs = f"but its result is not eager's: {wrong}"
            reasons.append(differs if wrong else f"with these inputs it {same}")
    return Verdict(Way.SCRIPT, tuple(reasons), _SCRIPT.format(name=_name(world)))


def stopped(refusal: Refusal) -> Verdict:
    """The verdict on a model that does not script as it is, before more was tried with it."""
    return Verdict(Way.UNKNOWN, (_refused(refusal),), "")


def _refused(refusal: Refusal) -> str:
    return f"torch.jit.script refuses it: {refusal.words}"


def decide(world: World, refusal: Refusal, tried: Tried, eager: Outcome | None) -> Verdict:
    """The verdict on a model that does not script as it is."""
    reasons = [_refused(refusal)]
    name, inputs = _name(world), _inputs(world)
    if tried.words:
        reasons.append(tried.words)
    if tried.is_equal or (tried.compiles and eager is None):
        code = f"# after the edits below\n{_SCRIPT.format(name=name)}"
        return Verdict(Way.SCRIPT, tuple(reasons), code)
    if world.inputs is None:
        reasons.append("tracing was not tried: it needs example inputs")
        return Verdict(Way.NEITHER, tuple(reasons), "")
    if eager is None or eager.error is not None:
        reasons.append(f"eager raises with these inputs: {eager.words if eager else ''}")
        return Verdict(Way.NEITHER, tuple(reasons), "")
    traced = _try_trace(world, eager, hybrid=False)
    reasons += _words("traced", traced)
    if traced.is_sound:
        return Verdict(Way.TRACE, tuple(reasons), _TRACE.format(name=name, inputs=inputs))
    hybrid = _try_trace(world, eager, hybrid=True) if natives.is_module(world.owner) else None
    if hybrid is not None and hybrid.scripted:
        reasons += _words(f"traced with {', '.join(hybrid.scripted)} scripted", hybrid)
        if hybrid.is_sound:
            return Verdict(Way.HYBRID, tuple(reasons), _HYBRID.format(name=name, inputs=inputs))
    return Verdict(Way.NEITHER, tuple(reasons), "")


def _words(how: str, attempt: _Trace) -> Iterator[str]:
    if attempt.error:
        yield f"it cannot be {how}: {attempt.error}"
        return
    for doubt in attempt.doubts:
        yield f"{how}, {doubt}"
    if attempt.wrong:
        yield f"{how}, it does not give eager's result: {attempt.wrong}"
    if attempt.is_sound:
        yield f"{how}, it gives eager's result bit for bit, and no branch on data was met"


def _try_trace(world: World, eager: Outcome, *, hybrid: bool) -> _Trace:
    model, inputs = copy_for_run(world.owner, world.inputs or Inputs())
    scripted: tuple[str, ...] = ()
    if hybrid and natives.is_module(model):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scripted = tuple(script_branching_parts(model))
        if not scripted:
            return _Trace()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        native, error = outcome_of(lambda: _traced(world, model, inputs))
    if error is not None:
        return _Trace(first_words(str(error)), scripted=scripted)
    _, fresh = copy_for_run(world.owner, world.inputs or Inputs())
    wrong = compare_outcomes(eager, run_native(world, native, fresh))
    return _Trace("", tuple(_doubts(caught)), wrong, scripted)


def _traced(world: World, model: object, inputs: Inputs) -> object:
    with natives.preserved_random_state(model):
        native = natives.trace(model, world.method, inputs.args, dict(inputs.kwargs))
    natives.restore_buffers(native, world.owner)
    return native


def _doubts(caught: list[warnings.WarningMessage]) -> Iterator[str]:
    """What the tracer warned of, once for each line."""
    seen: set[tuple[str, int]] = set()
    for warning in caught:
        if not issubclass(warning.category, TracerWarning):
            continue
        place = (warning.filename, warning.lineno)
        if place in seen:
            continue
        seen.add(place)
        sentence = str(warning.message).split(". ")[0].split(" We ")[0]
        inside = " (inside PyTorch)" if is_torch(warning.filename) else ""
        yield f"{warning.filename}:{warning.lineno}{inside}: {sentence[:1].lower()}{sentence[1:]}"


def _name(world: World) -> str:
    return "model" if natives.is_module(world.owner) else world.title


def _inputs(world: World) -> str:
    return "args" if world.inputs is None or not world.inputs.kwargs else "args, kwargs"
