"""`tsviz.doctor`: everything that stops a model from being scripted, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tsviz.diagnosis.attempts import Attempts, Progress
from tsviz.diagnosis.examining import Case, Examination, iter_obstacle_cases
from tsviz.diagnosis.findings import Diagnosis, Edit, Obstacle, Owner, Trial, Verdict, sort_key
from tsviz.diagnosis.judging import Refusal, compile_copy
from tsviz.diagnosis.observing import observed
from tsviz.diagnosis.properties import leave_out
from tsviz.diagnosis.reach import World, explore
from tsviz.diagnosis.rebuilding import plain_copy
from tsviz.diagnosis.trying import Outcome, run_eager, run_scripted, try_edits
from tsviz.diagnosis.verdicts import accepted, decide
from tsviz.diagnosis.workarounds import find_workarounds
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Inputs
from tsviz.frontends.inputs import takes_nothing
from tsviz.frontends.torchscript import find_inputs, find_target
from tsviz.jit import natives, reachable
from tsviz.location import Location, Unknown


def doctor(
    model: object,
    args: Sequence[object] | None = None,
    kwargs: Mapping[str, object] | None = None,
    *,
    progress: Progress | None = None,
) -> Diagnosis:
    """Names everything that stops a model from being scripted, with the fix.

    PyTorch's compiler has the last word: of a model that `torch.jit.script` accepts nothing is
    said, and each obstacle is one that the compiler refuses with all others out of the way. The
    model, its sources and the random state stay as they are; all is tried on copies.

    Args:
        model: an `nn.Module`, a bound method of one, or a function.
        args: positional example inputs. With them eager runs once on a copy, to see what types it
            passes, and the edits are tried. A single tensor stands for itself.
        kwargs: example inputs by name.
        progress: is called with how many other ways were tried, of how many at most, where the
            model cannot be scripted as a whole; Ctrl-C then keeps what is known.

    Raises:
        UsageError: wrong arguments (`TSV-U03` …), or `TSV-Q02` no Python code to look at.
        CaptureError: `TSV-C04` the model cannot be copied.
    """
    target = find_target(model)
    if natives.is_compiled(target.owner):
        message = f"expected Python code to diagnose, got `{target.title}`, which is compiled"
        raise UsageError(Diagnostic("TSV-Q02", message, help="pass the model as it was before"))
    inputs = find_inputs(target, () if args is None else args, kwargs)
    if inputs is None and takes_nothing(target.owner, target.method):
        inputs = Inputs()
    world = explore(target.owner, target.method, target.title, inputs)
    try:
        return _diagnose(world, Attempts(progress))
    finally:
        world.copies.forget()


def _diagnose(world: World, attempts: Attempts) -> Diagnosis:
    native, refusal = compile_copy(plain_copy(world), world.method)
    if refusal is None:
        eager = run_eager(world) if world.inputs is not None else None
        scripted = run_scripted(world, native) if world.inputs is not None else None
        verdict = accepted(world, eager, scripted, attempts)
        return Diagnosis(world.title, verdict, (), (), {}, tuple(_left_behind(world)))
    return _explain(world, refusal, attempts)


def _explain(world: World, refusal: Refusal, attempts: Attempts) -> Diagnosis:
    eager: Outcome | None = None
    if world.inputs is not None:
        codes = [function.python.__code__ for function in world.functions.values()]
        with observed(codes) as world.observed:
            eager = run_eager(world)
    examination = Examination(world)
    examination.run()
    if examination.compiles:
        leave_out(examination)
    cases = list(iter_obstacle_cases(examination))
    obstacles = _once(sorted((_obstacle(case, examination) for case in cases), key=sort_key))
    rest = examination.unplaced or (None if obstacles else refusal)
    if rest is not None:
        obstacles.append(_unplaced(rest))
    tried = try_edits(world, obstacles, eager)
    obstacles = tried.obstacles
    verdict = decide(world, refusal, tried, eager, attempts)
    sources = {file: text.source for file, text in world.texts.items()}
    return Diagnosis(
        world.title,
        verdict,
        tuple(obstacles),
        tuple(find_workarounds(world, obstacles, eager, verdict, attempts)),
        sources,
        tuple(_doubts(world, examination, eager)),
    )


def _once(obstacles: list[Obstacle]) -> list[Obstacle]:
    """Each obstacle once, though several functions may meet it."""
    found: dict[object, Obstacle] = {}
    for one in obstacles:
        key = one if isinstance(one.location, Unknown) else (one.rule, one.location)
        found.setdefault(key, one)
    return list(found.values())


def _obstacle(case: Case, examination: Examination) -> Obstacle:
    finding = case.finding
    owner = finding.function.owner
    edit = Edit(finding.edit) if finding.edit and owner is Owner.USER else None
    if edit is not None and examination.compiles:
        edit = replace(edit, trial=Trial.COMPILED)
    return Obstacle(
        finding.rule,
        finding.place,
        finding.function.name,
        finding.cause,
        owner,
        edit,
        finding.advice,
        case.proof,
    )


def _unplaced(refusal: Refusal) -> Obstacle:
    place: Location = Unknown("PyTorch names no line that can be changed")
    owner = Owner.TORCH
    if refusal.places:
        from tsviz.diagnosis.code import owner_of

        place, owner = refusal.places[0], owner_of(refusal.places[0].file)
    advice = "there may be more behind it, which PyTorch does not come to"
    return Obstacle("compiler", place, "", refusal.words, owner, None, advice, refusal.text)


def _left_behind(world: World) -> Iterator[str]:
    """What PyTorch leaves out of the compiled form without a word."""
    for path, part in world.parts:
        if not natives.is_compiled(part) and reachable.has_backward_hooks(part):
            where = f"`{path}`" if path else "the model"
            yield f"{where} has hooks for gradients, which the compiled form does not call"


def _doubts(world: World, examination: Examination, eager: Outcome | None) -> Iterator[str]:
    if world.inputs is None:
        yield "no example inputs were given, so what types eager passes is not known"
    yield from _left_behind(world)
    if eager is not None and eager.error is not None:
        yield f"eager itself raises {type(eager.error).__name__} with these inputs"
    if not examination.compiles:
        yield (
            "PyTorch could not be brought past all of it: what it does not say anything to below "
            "was found by the rules alone, and there may be more"
        )
    if world.is_cut:
        yield f"only the first {len(world.functions):,} functions were looked at"
    unread = [function.name for function in world.functions.values() if function.tree is None]
    if unread:
        yield f"without source, so not looked into: {', '.join(unread[:5])}"


__all__ = ["Verdict", "doctor"]
