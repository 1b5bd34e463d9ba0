"""Hybrids: some submodules scripted, others traced, put together on a copy and tried out.

Two plans are tried, the outermost parts that work and the largest first:

- the model is scripted, and what does not script inside it is traced;
- the model is traced, and what branches on data inside it is scripted.

A part that does neither is taken apart in the same way. Whether a part scripts, and what its trace
loses, is measured with the calls that it gets in one run of the model. A plan is recommended only
if the code that makes it, run on a copy, gives eager's result: on the example, on other inputs of
the same domain, and once more after it was saved and loaded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import torch

from tsviz.comparison.domain import domain_of
from tsviz.comparison.subject import Subject
from tsviz.comparison.trials import Trials
from tsviz.diagnosis.assembled import Step, hybrid_code, ran
from tsviz.diagnosis.attempts import Attempts
from tsviz.diagnosis.judging import compile_copy
from tsviz.diagnosis.parts import (
    children_of,
    exchange,
    has_forward,
    record_calls,
)
from tsviz.diagnosis.rebuilding import Rebuilt
from tsviz.diagnosis.tracing import TRIES, Traced, agreement, differences, try_trace
from tsviz.frontends import Inputs
from tsviz.frontends.inputs import copy_for_run
from tsviz.jit import natives, reachable
from tsviz.jit.compile_errors import first_words
from tsviz.jit.reloading import reload
from tsviz.jit.running import outcome_of


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to put a model together.

    Attributes:
        code: what makes it, "" where it came to nothing.
        reasons: measured facts: why each part is made as it is, and what came of it.
    """

    code: str
    reasons: tuple[str, ...]


def find_hybrid(subject: Subject, model: torch.nn.Module, attempts: Attempts) -> Plan:
    """Tries to put a hybrid together.

    Args:
        subject: the model as it is in eager, with its inputs.
        model: what the hybrid is made of: the same, or a copy with edits.

    Raises:
        NoneLeftError: there were enough attempts.
        KeyboardInterrupt: it was interrupted.
    """
    inputs = subject.example.inputs
    calls = record_calls(model, subject.method, inputs)
    known = _Known()
    stopped: list[str] = []
    for traced in (False, True):
        if not traced and subject.method != "forward":
            continue  # torch.jit.script takes `forward` as the entry point
        made = _Assembly(model, subject, calls, attempts, known)
        failure = made.run(traced=traced)
        if not failure and not made.steps:
            continue
        failure = failure or made.verify(traced=traced)
        if not failure:
            return Plan(made.code, (*made.told(traced=traced), *made.facts))
        stopped.append(failure)
    return Plan("", tuple(dict.fromkeys(stopped)))


def trace_parts(
    subject: Subject, model: torch.nn.Module, paths: list[str], attempts: Attempts
) -> Plan:
    """Traces these parts, and scripts the model around them; what the traces lose is said.

    Raises:
        NoneLeftError, KeyboardInterrupt: as `find_hybrid`.
    """
    calls = record_calls(model, subject.method, subject.example.inputs)
    made = _Assembly(model, subject, calls, attempts, _Known())
    failure = made.trace_parts(paths) or made.verify(traced=False, lossy=True)
    told = tuple(f"{step.title} is traced: {step.why}" for step in made.steps)
    return Plan("", (failure,)) if failure else Plan(made.code, told)


@dataclass
class _Known:
    """What was measured of the parts as they are, by path; the second plan asks again."""

    refusals: dict[str, str] = field(default_factory=dict[str, str])
    traces: dict[str, Traced] = field(default_factory=dict[str, Traced])


@dataclass
class _Assembly:
    """A copy of the model in which parts are exchanged step by step."""

    model: torch.nn.Module
    subject: Subject
    calls: dict[str, list[Inputs]]
    attempts: Attempts
    known: _Known
    steps: list[Step] = field(default_factory=list[Step])
    facts: list[str] = field(default_factory=list[str])
    code: str = ""

    def __post_init__(self) -> None:
        copied, self._inputs = copy_for_run(self.model, self.subject.example.inputs)
        self._copy = cast("torch.nn.Module", copied)
        self._before: list[tuple[tuple[str, ...], torch.nn.Module]] = []

    def run(self, *, traced: bool) -> str:
        """Makes the parts; returns what stops it."""
        prepare = self._for_trace if traced else self._for_script
        for path in children_of(self._copy, ""):
            failure = prepare(path)
            if failure:
                return failure
        return ""

    # ── parts ───────────────────────────────────────────────────────────────────────────────────

    def _for_script(self, path: str) -> str:
        """Makes a part so that a scripted model can hold it; returns what stops it."""
        part = self._copy.get_submodule(path)
        refusal = self._refusal(path)
        if not refusal:
            return ""
        if not has_forward(part):
            return self._all(path, self._for_script)
        traced = self._traced(path)
        if traced.is_sound:
            self._trace(path, f"{_refused(refusal)}; traced, it gives {agreement(traced)}")
            return ""
        kept = len(self.steps)
        if not self._all(path, self._for_script) and not self._refusal(path):
            return ""
        self._restore(kept)
        again: Traced | None = None
        if not self._all(path, self._for_trace) and len(self.steps) > kept:
            again = self._traced(path)
        if again is not None and again.is_sound:
            inside = ", ".join(step.title for step in self.steps[kept:])
            words = f"traced with {inside} scripted, it gives {agreement(again)}"
            self._trace(path, f"{_refused(refusal)}; {words}")
            return ""
        self._restore(kept)
        return _neither(path, refusal, traced)

    def _for_trace(self, path: str) -> str:
        """Makes a part so that a traced model can hold it; returns what stops it."""
        part = self._copy.get_submodule(path)
        if not has_forward(part):
            return self._all(path, self._for_trace)
        traced = self._traced(path)
        if traced.is_sound or not self.calls.get(path):
            return ""
        refusal = self._refusal(path) or self._differs(path)
        if not refusal:
            self._script(path, f"it scripts, and a trace is not enough: {traced.words}")
            return ""
        kept = len(self.steps)
        if not self._all(path, self._for_trace) and len(self.steps) > kept:
            again = self._traced(path)
            if again.is_sound:
                return ""
        self._restore(kept)
        if not self._all(path, self._for_script) and not (
            self._refusal(path) or self._differs(path)
        ):
            why = f"with these parts it scripts, and a trace is not enough: {traced.words}"
            self._script(path, why)
            return ""
        self._restore(kept)
        return _neither(path, refusal, traced)

    def _all(self, path: str, prepare: Callable[[str], str]) -> str:
        stopped = (prepare(child) for child in children_of(self._copy, path))
        return next((words for words in stopped if words), "")

    def _refusal(self, path: str) -> str:
        """Why PyTorch does not compile a part as it is now, "" where it does."""
        part = self._copy.get_submodule(path)
        if natives.is_compiled(part):
            return ""
        is_whole = not any(_is_below(step, path) for step in self.steps)
        if is_whole and path in self.known.refusals:
            return self.known.refusals[path]
        self.attempts.begin()
        copy = Rebuilt(reachable.skeleton(part), Inputs(), {}, ())
        _, refusal = compile_copy(copy, "forward")
        words = refusal.cause if refusal is not None else ""
        if is_whole:
            self.known.refusals[path] = words
        return words

    def _traced(self, path: str) -> Traced:
        """What a trace of a part loses, as it is now."""
        part, calls = self._copy.get_submodule(path), self.calls.get(path, [])
        if natives.is_compiled(part):
            return Traced()
        if not calls:
            return Traced("it is not called, or its inputs cannot be copied")
        is_whole = not any(_is_below(step, path) for step in self.steps)
        if is_whole and path in self.known.traces:
            return self.known.traces[path]
        self.attempts.begin()
        traced = try_trace(Subject(part, "forward", calls[0]), calls[1:])
        if is_whole:
            self.known.traces[path] = traced
        return traced

    def _differs(self, path: str) -> str:
        """How a part, scripted, differs from eager on the calls that it gets."""
        part, calls = self._copy.get_submodule(path), self.calls.get(path, [])
        native, error = outcome_of(lambda: natives.script(part, "forward"))
        if error is not None:
            return first_words(str(error))
        return differences(Subject(part, "forward", calls[0]), native, calls) if calls else ""

    # ── exchange ────────────────────────────────────────────────────────────────────────────────

    def _script(self, path: str, why: str) -> None:
        part = self._copy.get_submodule(path)
        self._put(path, natives.script(part, "forward"), traced=False, why=why)

    def trace_parts(self, paths: list[str]) -> str:
        """Traces parts, whatever their traces lose; returns what stops it."""
        for path in paths:
            traced = self._traced(path)
            if traced.error:
                return f"`{path}` cannot be traced: {traced.error}"
            self._trace(path, traced.words or f"it gives {agreement(traced)}")
        return ""

    def _trace(self, path: str, why: str) -> None:
        part, call = self._copy.get_submodule(path), self.calls[path][0]
        _, args, kwargs = natives.copy_for_run(None, call.args, call.kwargs)
        with natives.preserved_random_state(part):
            native = natives.trace(part, "forward", args, kwargs)
        self._put(path, native, traced=True, why=why)

    def _put(self, path: str, native: object, *, traced: bool, why: str) -> None:
        part = self._copy.get_submodule(path)
        paths = reachable.places_of(self._copy, part)
        by_name = traced and bool(self.calls[path][0].kwargs)
        exchange(self._copy, paths, cast("torch.nn.Module", native))
        self._before.append((paths, part))
        self.steps.append(Step(paths, traced, by_name, why))

    def _restore(self, kept: int) -> None:
        """Takes back all steps but the first ones."""
        while len(self.steps) > kept:
            self.steps.pop()
            exchange(self._copy, *self._before.pop())

    # ── the whole ───────────────────────────────────────────────────────────────────────────────

    def verify(self, *, traced: bool, lossy: bool = False) -> str:
        """Runs the code that makes it on a copy, and the result; returns what is wrong with it.

        Args:
            lossy: whether other inputs than the example may come to another result.
        """
        self.attempts.begin()
        subject, inputs = self.subject, self.subject.example.inputs
        parts = ", ".join(f"{step.title} {step.how}" for step in self.steps)
        if traced:
            lost = try_trace(Subject(self._copy, subject.method, inputs))
            if not lost.is_sound:
                return f"with {parts}, the whole cannot be traced rightly: {lost.words}"
        self.code = hybrid_code(self.model, subject.method, inputs, self.steps, traced=traced)
        made, error = outcome_of(self._made)
        if error is not None:
            way = "traced" if traced else "scripted"
            return f"with {parts}, the rest cannot be {way}: {first_words(str(error))}"
        loaded, error = outcome_of(lambda: reload(made))
        if error is not None:
            return f"with {parts}, it cannot be saved and loaded: {first_words(str(error))}"
        wrong = self._compare(made, loaded, lossy=lossy)
        return f"with {parts}, it does not give eager's result: {wrong}" if wrong else ""

    def _made(self) -> object:
        """What the code makes of a copy."""
        model, inputs = copy_for_run(self.model, self.subject.example.inputs)
        names = {"model": model, "args": inputs.args, "kwargs": dict(inputs.kwargs)}
        with ran(self.code, names, self.model) as known:
            return known["hybrid"]

    def _compare(self, *forms: object, lossy: bool) -> str:
        trials = Trials(self.subject, domain_of(self.subject, None), TRIES)
        others = 0
        for form in forms:
            wrong = differences(self.subject, form, [self.subject.example.inputs])
            if wrong:
                return wrong
            if not lossy:
                found = trials.errors(partial(self.subject.compiled, form), _quiet)
                if found.wrong:
                    return found.worst
                others = found.tried - 1
        self.facts.append(
            f"put together by the code below, it gives eager's result bit for bit, agrees on "
            f"{others} other inputs, and does so after it was saved and loaded"
        )
        return ""

    def told(self, *, traced: bool) -> Iterator[str]:
        """Why each part is made as it is."""
        groups: dict[tuple[str, str], list[str]] = {}
        for step in self.steps:
            groups.setdefault((step.how, step.why), []).append(step.title)
        for (how, why), titles in groups.items():
            yield f"{', '.join(titles)} {'is' if len(titles) == 1 else 'are'} {how}: {why}"
        yield f"the rest is {'traced' if traced else 'scripted'}"


def _neither(path: str, refusal: str, traced: Traced) -> str:
    return f"`{path}` can be neither scripted ({refusal}) nor traced ({traced.words})"


def _refused(refusal: str) -> str:
    return f"torch.jit.script refuses it: {refusal}"


def _is_below(step: Step, path: str) -> bool:
    return any(place.startswith(f"{path}.") for place in step.paths)


def _quiet() -> None:
    """Inputs are not counted one by one."""
