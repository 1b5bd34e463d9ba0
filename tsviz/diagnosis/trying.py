"""Edits tried on copies: scripted, run, and held against what eager gives, bit for bit."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

from tsviz.diagnosis.findings import Obstacle, Trial
from tsviz.diagnosis.judging import compile_copy
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rebuilding import rebuild
from tsviz.frontends import Inputs
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives
from tsviz.jit.compile_errors import first_words
from tsviz.jit.differences import difference
from tsviz.jit.running import outcome_of, run_as_is


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        result: what it returned.
        error: what it raised, or `None`.
    """

    result: object
    error: Exception | None

    @property
    def words(self) -> str:
        """What it raised, in one sentence."""
        return "" if self.error is None else first_words(str(self.error))


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of all edits together.

    Attributes:
        obstacles: with what was tried of each edit.
        compiles: whether the model with all edits scripts; `None` where some obstacle has none.
        words: what came of it.
    """

    obstacles: list[Obstacle]
    compiles: bool | None = None
    words: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether it scripts and gives eager's result."""
        return bool(self.obstacles) and all(
            found.edit is not None and found.edit.trial is Trial.EQUAL for found in self.obstacles
        )


def run_eager(world: World) -> Outcome:
    """Runs a copy of the model, and keeps what it left of its modules."""
    owner, inputs = copy_for_run(world.owner, world.inputs or Inputs())
    ran = _run(lambda: run_as_is(owner, world.method, inputs.args, inputs.kwargs))
    world.after = dict(natives.iter_parts(owner)) if natives.is_module(owner) else {}
    return ran


def run_native(world: World, native: object, inputs: Inputs) -> Outcome:
    """Runs what was compiled, on inputs that are copies."""
    method = world.method if natives.is_script_module(native) else "forward"
    return _run(lambda: run_as_is(native, method, inputs.args, inputs.kwargs))


def run_scripted(world: World, native: object) -> Outcome:
    """Runs a copy of what was compiled, on copies of the inputs."""
    owner, inputs = copy_for_run(native, world.inputs or Inputs())
    return run_native(world, owner, inputs)


def _run(call: Callable[[], object]) -> Outcome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Outcome(*outcome_of(call))


def compare_outcomes(eager: Outcome, other: Outcome) -> str:
    """What differs, in words; "" where both returned the same bits, or both raised."""
    if eager.error is not None or other.error is not None:
        if (eager.error is None) != (other.error is None):
            which = "eager" if eager.error is not None else "it"
            return f"{which} raises: {eager.words or other.words}"
        return ""
    found = difference(eager.result, other.result, rtol=0, atol=0)
    if not found.beyond:
        return ""
    return "; ".join(found.kinds) or f"they differ by up to {found.absolute:.3g}"


def is_beyond_rounding(eager: Outcome, other: Outcome) -> bool:
    """Whether the results differ by more than another order of the same sums explains."""
    if eager.error is not None or other.error is not None:
        return eager.error is None or other.error is None
    return difference(eager.result, other.result, rtol=1e-4, atol=1e-5).beyond


def try_edits(world: World, obstacles: list[Obstacle], eager: Outcome | None) -> Tried:
    """Makes all edits in a copy, scripts it and compares its result with eager's."""
    changes = [change for found in obstacles if found.edit for change in found.edit.changes]
    if not changes or any(found.edit is None for found in obstacles):
        return Tried(obstacles)
    try:
        copy = rebuild(world, changes, to_run=True)
    except SyntaxError as error:
        return Tried(obstacles, False, f"all edits together do not make valid Python: {error}")
    try:
        native, refusal = compile_copy(copy, world.method)
        if refusal is not None:
            return Tried(
                obstacles, False, f"with all edits PyTorch still refuses it: {refusal.cause}"
            )
        if eager is None:
            return Tried(obstacles, True, "with all edits the model scripts; it was not run")
        wrong = compare_outcomes(eager, run_native(world, native, copy.inputs))
    finally:
        copy.forget()
    if wrong:
        words = f"with all edits the model scripts, but its result is not eager's: {wrong}"
        return Tried(obstacles, True, words)
    words = "with all edits the model scripts, and gives eager's result bit for bit"
    return Tried([_with_trial(found, Trial.EQUAL) for found in obstacles], True, words)


def _with_trial(found: Obstacle, trial: Trial) -> Obstacle:
    return found if found.edit is None else replace(found, edit=replace(found.edit, trial=trial))
