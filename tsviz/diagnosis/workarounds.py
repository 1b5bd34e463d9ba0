"""What can be done without editing, where the code is not the user's: only what was tried.

Each is tried on a copy of this model with the user's own edits made: the code that is shown is run
there, and what comes of it scripted, run with the example inputs and held against eager's result.
What does not come to the same bits is not mentioned, and what it costs is measured, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FunctionType

from tsviz.comparison.subject import Subject
from tsviz.diagnosis.assembled import ran
from tsviz.diagnosis.attempts import Attempts, NoneLeftError
from tsviz.diagnosis.code import Function
from tsviz.diagnosis.findings import Obstacle, Owner, Verdict, Way, Workaround
from tsviz.diagnosis.hybrids import trace_parts
from tsviz.diagnosis.judging import compile_copy
from tsviz.diagnosis.outside import (
    full_name,
    imports_for,
    iter_rebound,
    typed_function,
    unused_copy,
)
from tsviz.diagnosis.patches import Change
from tsviz.diagnosis.reach import World
from tsviz.diagnosis.rebuilding import Rebuilt, rebuild
from tsviz.diagnosis.trying import Outcome, compare_outcomes, run_native
from tsviz.diagnosis.wrapping import adapter_of, wrapped_part
from tsviz.frontends import Inputs
from tsviz.jit import natives, reachable
from tsviz.jit.running import outcome_of
from tsviz.location import FileRange


def find_workarounds(
    world: World,
    obstacles: list[Obstacle],
    eager: Outcome | None,
    verdict: Verdict,
    attempts: Attempts,
) -> Iterator[Workaround]:
    """Tries what can be tried on this model."""
    foreign = [found for found in obstacles if found.owner is not Owner.USER]
    is_open = any(found.edit is None for found in obstacles if found.owner is Owner.USER)
    if not foreign or is_open or eager is None or eager.error is not None:
        return
    functions = list(_functions(world, foreign))
    if len(functions) < len({found.function for found in foreign}) or attempts.is_interrupted:
        return
    changes = [change for found in obstacles if found.edit for change in found.edit.changes]
    try:
        yield from _Around(world, changes, eager, attempts).find(functions, verdict)
    except NoneLeftError:
        return
    except KeyboardInterrupt:
        attempts.is_interrupted = True


def _functions(world: World, obstacles: list[Obstacle]) -> Iterator[Function]:
    """The functions that obstacles are in, each once."""
    places = (found.location for found in obstacles)
    found = (world.function_at(place) for place in places if isinstance(place, FileRange))
    yield from {id(function): function for function in found if function is not None}.values()


@dataclass
class _Detour:
    """A way around, as it is put together.

    Attributes:
        imports: full names that the code mentions.
        lines: the code that marks and exchanges functions.
        parts: the code that exchanges submodules of `model`.
        exchanged: id of a function → what takes its place in a copy.
        costs: what it costs, in words.
    """

    imports: list[str] = field(default_factory=list[str])
    lines: list[str] = field(default_factory=list[str])
    parts: list[str] = field(default_factory=list[str])
    exchanged: dict[int, FunctionType] = field(default_factory=dict[int, FunctionType])
    costs: list[str] = field(default_factory=list[str])

    def code(self) -> str:
        """All of it, with the imports."""
        imports = [*imports_for(self.imports), "import torch"]
        body = "\n".join([*self.lines, *self.parts]).strip("\n")
        return "\n".join([*sorted(imports), "", body])


class _Around:
    """The ways around code that cannot be edited."""

    def __init__(
        self, world: World, changes: list[Change], eager: Outcome, attempts: Attempts
    ) -> None:
        self._world, self._changes = world, changes
        self._eager, self._attempts = eager, attempts

    def find(self, functions: list[Function], verdict: Verdict) -> Iterator[Workaround]:
        idle = [function for function in functions if not self._ran(function)]
        busy = [function for function in functions if function not in idle]
        paths = _outermost({path for function in busy for path, _ in function.modules})
        free = [function for function in busy if not function.modules]
        if not busy:
            yield from self._left_out(idle)
            return
        if paths and paths[0] and not free and not idle and verdict.way is not Way.HYBRID:
            yield from self._traced(paths)
        if not (paths and not paths[0]):
            yield from self._in_python(idle, free, paths)

    def _ran(self, function: Function) -> bool:
        return function.python.__code__ in self._world.observed.frames

    # ── what never runs ─────────────────────────────────────────────────────────────────────────

    def _left_out(self, idle: list[Function]) -> Iterator[Workaround]:
        detour = _Detour()
        if self._mark(detour, idle):
            names = ", ".join(function.name for function in idle)
            what = f"leave out {names}, which eager does not call with these inputs"
            yield from self._tried(what, detour)

    def _mark(self, detour: _Detour, idle: list[Function]) -> bool:
        """Marks functions as unused; returns whether all can be reached."""
        for function in idle:
            name = full_name(function)
            if name is None:
                return False
            detour.imports.append(name)
            detour.lines.append(f"torch.jit.unused({name})")
            detour.exchanged[id(function.python)] = unused_copy(function)
        if idle:
            detour.costs.append("a call of it raises")
        return True

    # ── what is traced ──────────────────────────────────────────────────────────────────────────

    def _traced(self, paths: list[str]) -> Iterator[Workaround]:
        world = self._world
        copy = rebuild(world, self._changes, to_run=True)
        if natives.is_module(copy.owner):
            subject = Subject(world.owner, world.method, world.inputs or Inputs())
            plan = trace_parts(subject, copy.owner, paths, self._attempts)
            if plan.code:
                what = f"trace {', '.join(paths)}, and script the rest"
                yield Workaround(what, "; ".join(plan.reasons), plan.code)
        copy.forget()

    # ── what is left to Python ──────────────────────────────────────────────────────────────────

    def _in_python(
        self, idle: list[Function], free: list[Function], paths: list[str]
    ) -> Iterator[Workaround]:
        """Typed functions that the compiler leaves to Python, for functions and for parts."""
        detour = _Detour()
        if not self._mark(detour, idle):
            return
        for function in free:
            if not self._adapt(detour, function):
                return
        for path in paths:
            lines = wrapped_part(self._world, path)
            if lines is None:
                return
            detour.parts += lines
        names = ", ".join([*(function.name for function in free), *paths])
        detour.costs.append("the call runs in Python")
        kind = "module" if paths else "function"
        yield from self._tried(f"call {names} through a typed {kind}", detour)

    def _adapt(self, detour: _Detour, function: Function) -> bool:
        name, made = full_name(function), adapter_of(self._world, function)
        short = f"plain_{function.python.__name__}"
        typed = typed_function(self._world, function, short)
        if name is None or made is None or typed is None:
            return False
        rebound = list(iter_rebound(self._world, function, function.python.__name__))
        detour.imports += [name, *(line.partition(" = ")[0] for line in rebound)]
        detour.lines += ["", f"{short} = {name}", "", "", *typed, "", "", *rebound]
        detour.exchanged[id(function.python)] = made
        return True

    # ── trying it ───────────────────────────────────────────────────────────────────────────────

    def _tried(self, what: str, detour: _Detour) -> Iterator[Workaround]:
        """The workaround, if it comes to eager's result."""
        self._attempts.begin()
        copy = rebuild(self._world, self._changes, exchanged=detour.exchanged, to_run=True)
        costs, _ = outcome_of(lambda: self._costs(copy, detour))
        if costs is not None:
            yield Workaround(what, ", ".join([*detour.costs, *costs]), detour.code())
        copy.forget()

    def _costs(self, copy: Rebuilt, detour: _Detour) -> list[str] | None:
        """What it costs that can be seen; `None` where it does not come to eager's result."""
        before = _weights(copy)
        text = "\n".join(["import torch", *detour.parts])
        with ran(text, {"model": copy.owner}, copy.owner):
            native, refusal = compile_copy(copy, self._world.method)
        if refusal is not None:
            return None
        if compare_outcomes(self._eager, run_native(self._world, native, copy.inputs)):
            return None
        return list(_measured(native, before, _weights(copy)))


def _weights(copy: Rebuilt) -> int:
    return len(list(natives.iter_tensors(copy.owner)))


def _measured(native: object, before: int, after: int) -> Iterator[str]:
    """What it costs that can be seen."""
    if not reachable.can_be_saved(native):
        yield "and the model cannot be saved"
    if after < before:
        yield f"{before - after} of its {before} tensors are no longer the model's"


def _outermost(paths: set[str]) -> list[str]:
    return sorted(
        path
        for path in paths
        if not any(path.startswith(f"{other}.") or (path and not other) for other in paths)
    )
