"""`tsviz.doctor`: everything that stops a model from being scripted, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tsviz.diagnosis.attempts import Attempts
from tsviz.diagnosis.examining import Case, Examination, iter_obstacle_cases
from tsviz.diagnosis.findings import (
    Diagnosis,
    Edit,
    Obstacle,
    Trial,
    Verdict,
    Workaround,
    sort_key,
)
from tsviz.diagnosis.judging import Refusal, compile_copy
from tsviz.diagnosis.observing import observed
from tsviz.diagnosis.owners import Owner
from tsviz.diagnosis.progress import Progress, silent
from tsviz.diagnosis.properties import leave_out
from tsviz.diagnosis.reach import World, explore
from tsviz.diagnosis.rebuilding import plain_copy
from tsviz.diagnosis.telling import NOT_COMPILED, find_types
from tsviz.diagnosis.trying import Outcome, Tried, run_eager, run_scripted, try_edits
from tsviz.diagnosis.variables import VariableTypes
from tsviz.diagnosis.verdicts import accepted, decide, stopped
from tsviz.diagnosis.workarounds import find_workarounds
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends import Inputs
from tsviz.frontends.inputs import takes_nothing
from tsviz.frontends.torchscript import find_inputs, find_target
from tsviz.jit import natives, reachable
from tsviz.location import Location, Unknown

_NOT_RUN = "interrupted before its result was held against that of Python"
_NOT_ASKED = "interrupted before the compiler was asked"
_NOT_TRIED = "interrupted: every obstacle is named, but not all was tried with them"
_NOT_ALL = (
    "interrupted, so this is not all: what PyTorch does not say anything to below was found by the "
    "rules alone, and there may be more"
)


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
    model, its sources and the random state stay as they are; all is tried on copies. Ctrl-C keeps
    what is known by then, which the diagnosis says.

    Args:
        model: an `nn.Module`, a bound method of one, or a function.
        args: positional example inputs. With them eager runs once on a copy, to see what types it
            passes, and the edits are tried. A single tensor stands for itself.
        kwargs: example inputs by name.
        progress: is called with how many steps are done, of how many (0: not known), and what is
            being done; what it raises stops.

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
        return _Asking(world, progress or silent).run()
    finally:
        world.copies.forget()


class _Asking:
    """Fills a diagnosis part by part, so that what is known is there where someone stops it."""

    def __init__(self, world: World, progress: Progress) -> None:
        self._world, self._progress = world, progress
        self._refusal: Refusal | None = None
        self._eager: Outcome | None = None
        self._examination = Examination(world, progress)
        self._attempts = Attempts(partial(self._tell, "trying other ways"))
        self._tried: Tried | None = None
        self._verdict: Verdict | None = None
        self._workarounds: tuple[Workaround, ...] = ()
        self._types = VariableTypes(world.title, (), missing=_NOT_ASKED)

    def _tell(self, doing: str, done: int, of: int) -> None:
        self._progress(done, of, doing)

    def run(self) -> Diagnosis:
        """Asks.

        Raises:
            KeyboardInterrupt: before PyTorch has accepted or refused the model.
        """
        try:
            self._ask()
        except KeyboardInterrupt:
            if self._refusal is None and self._verdict is None:
                raise
            return self._diagnosis(is_interrupted=True)
        return self._diagnosis(is_interrupted=self._attempts.is_interrupted)

    def _ask(self) -> None:
        world = self._world
        self._progress(0, 0, "compiling it as it is")
        native, self._refusal = compile_copy(plain_copy(world), world.method)
        if self._refusal is None:
            self._verdict = accepted(world, None, None, self._attempts)
        if world.inputs is not None:
            self._progress(0, 0, "running it in Python")
            codes = [function.python.__code__ for function in world.functions.values()]
            with observed(codes) as world.observed:
                self._eager = run_eager(world)
        if self._refusal is None:
            scripted = run_scripted(world, native) if world.inputs is not None else None
            self._verdict = accepted(world, self._eager, scripted, self._attempts)
            self._progress(0, 0, "asking for types")
            self._types = find_types(world)
        else:
            self._treat(self._refusal)

    def _treat(self, refusal: Refusal) -> None:
        world = self._world
        self._examination.run()
        if self._examination.compiles:
            leave_out(self._examination)
        self._progress(0, 0, "trying all edits together")
        self._tried = try_edits(world, self._obstacles(refusal), self._eager)
        self._progress(0, 0, "looking for the way to take")
        tried, attempts = self._tried, self._attempts
        self._verdict = decide(world, refusal, tried, self._eager, attempts)
        self._progress(0, 0, "looking for what needs no edit")
        self._workarounds = tuple(
            find_workarounds(world, tried.obstacles, self._eager, self._verdict, attempts)
        )
        if self._examination.compiles:
            self._progress(0, 0, "asking for types")
            self._types = find_types(world, self._examination.cases, self._examination.stubs)
        else:
            self._types = VariableTypes(world.title, (), missing=NOT_COMPILED)

    def _obstacles(self, refusal: Refusal) -> list[Obstacle]:
        examination = self._examination
        cases = list(iter_obstacle_cases(examination))
        found = sorted((_obstacle(case, examination) for case in cases), key=sort_key)
        obstacles = _once(found)
        rest = examination.unplaced or (None if obstacles else refusal)
        return obstacles if rest is None else [*obstacles, _unplaced(rest)]

    def _diagnosis(self, *, is_interrupted: bool = False) -> Diagnosis:
        world, refusal = self._world, self._refusal
        if refusal is None:
            assert self._verdict is not None
            is_run = self._eager is not None
            doubts = ((_NOT_RUN,) if is_interrupted and not is_run else ()) + tuple(
                _left_behind(world)
            )
            return Diagnosis(
                world.title, self._verdict, (), (), {}, doubts, is_interrupted, self._types
            )
        obstacles = self._tried.obstacles if self._tried is not None else self._obstacles(refusal)
        doubts = list(_doubts(world, self._examination, self._eager))
        if is_interrupted:
            doubts.insert(0, _NOT_ALL if self._tried is None else _NOT_TRIED)
        return Diagnosis(
            world.title,
            self._verdict or stopped(refusal),
            tuple(obstacles),
            self._workarounds,
            {file: text.source for file, text in world.texts.items()},
            tuple(doubts),
            is_interrupted,
            self._types,
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
    advice = refusal.help or "there may be more behind it, which PyTorch does not come to"
    return Obstacle("compiler", place, "", refusal.cause, owner, None, advice, refusal.text)


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
    if examination.is_done and not examination.compiles:
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
