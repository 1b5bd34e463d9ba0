"""The verdict: which way leads this model to TorchScript, from what was tried with it."""

from tsviz.comparison.subject import Subject
from tsviz.diagnosis.attempts import Attempts, NoneLeftError
from tsviz.diagnosis.findings import Verdict, Way
from tsviz.diagnosis.hybrids import find_hybrid
from tsviz.diagnosis.judging import Refusal
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rebuilding import rebuild
from tsviz.diagnosis.scripted_functions import find_scripted_functions
from tsviz.diagnosis.tracing import iter_words, try_trace
from tsviz.diagnosis.trying import Outcome, Tried, compare_outcomes, is_beyond_rounding
from tsviz.frontends import Inputs
from tsviz.jit import natives

_AFTER = "# after the edits below\n"
_SCRIPT = "scripted = torch.jit.script({name})"


def accepted(
    world: World, eager: Outcome | None, scripted: Outcome | None, attempts: Attempts
) -> Verdict:
    """The verdict on a model that scripts as it is, though its result may be another one."""
    reasons = ["torch.jit.script compiles a copy of it as it is"]
    if eager is not None and scripted is not None:
        wrong = compare_outcomes(eager, scripted)
        same = "raises as eager does" if eager.error else "gives eager's result bit for bit"
        if scripted.error is not None and eager.error is None:
            reasons.append(f"but with these inputs the scripted copy raises: {scripted.words}")
        else:
            differs = f"but its result is not eager's: {wrong}"
            reasons.append(differs if wrong else f"with these inputs it {same}")
        if eager.error is None and is_beyond_rounding(eager, scripted):
            return _tried(world, Tried([]), reasons, attempts)
    return Verdict(Way.SCRIPT, tuple(reasons), _SCRIPT.format(name=_name(world)))


def stopped(refusal: Refusal) -> Verdict:
    """The verdict on a model that does not script as it is, before more was tried with it."""
    return Verdict(Way.UNKNOWN, (_refused(refusal),), "")


def _refused(refusal: Refusal) -> str:
    return f"torch.jit.script refuses it: {refusal.cause}"


def decide(
    world: World,
    refusal: Refusal,
    tried: Tried,
    eager: Outcome | None,
    attempts: Attempts,
) -> Verdict:
    """The verdict on a model that does not script as it is."""
    reasons = [_refused(refusal)]
    if tried.words:
        reasons.append(tried.words)
    if tried.is_equal or (tried.compiles and eager is None):
        return Verdict(Way.SCRIPT, tuple(reasons), f"{_AFTER}{_SCRIPT.format(name=_name(world))}")
    if world.inputs is None:
        reasons.append("tracing was not tried: it needs example inputs")
        return Verdict(Way.NEITHER, tuple(reasons), "")
    if eager is None or eager.error is not None:
        reasons.append(f"eager raises with these inputs: {eager.words if eager else ''}")
        return Verdict(Way.NEITHER, tuple(reasons), "")
    return _tried(world, tried, reasons, attempts)


def _tried(world: World, tried: Tried, reasons: list[str], attempts: Attempts) -> Verdict:
    """The other ways, as long as there are attempts and nobody stops it."""
    try:
        return _other_ways(world, tried, reasons, attempts)
    except NoneLeftError:
        reasons.append(f"{attempts.made} attempts were made, and no more are")
    except KeyboardInterrupt:
        attempts.is_interrupted = True
        reasons.append(f"interrupted after {attempts.made} attempts: other ways were not tried")
    return Verdict(Way.NEITHER, tuple(reasons), "")


def _other_ways(world: World, tried: Tried, reasons: list[str], attempts: Attempts) -> Verdict:
    """Tracing, then hybrids of the model as it is, then of a copy with the edits there are."""
    subject = Subject(world.owner, world.method, world.inputs or Inputs())
    attempts.begin()
    traced = try_trace(subject)
    reasons += iter_words("traced", traced)
    if traced.is_sound:
        return Verdict(Way.TRACE, tuple(reasons), f"traced = {_trace_call(world)}")
    if natives.is_module(world.owner):
        plan = find_hybrid(subject, world.owner, attempts)
        reasons += plan.reasons
        if plan.code:
            return Verdict(Way.HYBRID, tuple(reasons), plan.code)
    if world.method == "forward" or not natives.is_module(world.owner):
        plan = find_scripted_functions(world, _trace_call(world), attempts)
        reasons += plan.reasons
        if plan.code:
            return Verdict(Way.HYBRID, tuple(reasons), plan.code)
    changes = [change for found in tried.obstacles if found.edit for change in found.edit.changes]
    if changes and natives.is_module(world.owner):
        copy = rebuild(world, changes, to_run=True)
        assert natives.is_module(copy.owner)
        plan = find_hybrid(subject, copy.owner, attempts)
        copy.forget()
        reasons += (f"with the edits below, {reason}" for reason in plan.reasons)
        if plan.code:
            return Verdict(Way.HYBRID, tuple(reasons), f"{_AFTER}{plan.code}")
    return Verdict(Way.NEITHER, tuple(reasons), "")


def _name(world: World) -> str:
    return "model" if natives.is_module(world.owner) else world.title


def _trace_call(world: World) -> str:
    """What traces the model."""
    name, inputs = _name(world), world.inputs or Inputs()
    if natives.is_module(world.owner) and world.method != "forward":
        return f'torch.jit.trace_module({name}, {{"{world.method}": args}})'
    if not inputs.kwargs:
        return f"torch.jit.trace({name}, args)"
    if not inputs.args:
        return f"torch.jit.trace({name}, example_kwarg_inputs=kwargs)"
    called = f"{name}.forward" if natives.is_module(world.owner) else name
    bound = f"inspect.signature({called}).bind(*args, **kwargs).arguments"
    return f"torch.jit.trace({name}, example_kwarg_inputs=dict({bound}))"
