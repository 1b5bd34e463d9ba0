"""What is examined, and runs of it: in Python, recorded by tracing, and compiled.

Every run is on copies, from the same state and the same random numbers, so that what differs
between two runs is what was made to differ. The user's model is run as often as these say, on
copies of its own; what it does to the world outside (files, prints) it does each time.
"""

import copy
import re
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import cast

import torch

from tsviz.comparison.changes import Spot
from tsviz.comparison.events import Events
from tsviz.comparison.randomness import seeded
from tsviz.comparison.watching import margins_at, watched
from tsviz.comparison.ways import is_model_code
from tsviz.frontends.lines import is_torch
from tsviz.frontends.program import Inputs
from tsviz.jit import natives
from tsviz.jit.running import outcome_of
from tsviz.jit.swallowing import Raises


@dataclass(frozen=True, slots=True)
class Case:
    """What the model is given, and in what state.

    Attributes:
        inputs: arguments of every call.
        seed: random numbers begin here.
        evaluating: whether `eval()` is called first.
        calls: how often the model is called; only with a state of its own it matters.
        earlier: arguments of the calls before the last, where these are others.
    """

    inputs: Inputs
    seed: int = 0
    evaluating: bool = False
    calls: int = 1
    earlier: Inputs | None = None

    def arguments(self) -> Iterator[tuple[tuple[object, ...], dict[str, object]]]:
        """Copies of the arguments of the calls before the last."""
        for _ in range(self.calls - 1):
            given = self.earlier or self.inputs
            yield copy.deepcopy((given.args, dict(given.kwargs)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run.

    Attributes:
        results: what each call returned.
        inputs: the arguments after the last call.
        buffers: the model's buffers then, by name.
        error: what was raised instead, or `None`.
        swallowed: calls on tensors that raised, and were caught.
    """

    results: tuple[object, ...] = ()
    inputs: object = None
    buffers: Mapping[str, torch.Tensor] = field(default_factory=lambda: MappingProxyType({}))
    error: Exception | None = None
    swallowed: int = 0

    @property
    def reason(self) -> str:
        """What was raised, in a line, or ""."""
        if self.error is None:
            return ""
        text = str(self.error).strip()
        last = text.splitlines()[-1] if text else ""
        name = type(self.error).__name__
        return last if last.startswith(f"{name}: ") else f"{name}: {last}".rstrip(": ")


@dataclass(frozen=True, slots=True)
class Recording:
    """One trace, and what happened in Python meanwhile.

    Attributes:
        native: the traced program; `None` where it could not be made.
        events: ways taken and leaks.
        error: what was raised instead, or `None`.
    """

    native: object
    events: Events
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A `TracerWarning`, at the line of the model's code that led to it."""

    file: str
    line: int
    message: str


class Subject:
    """A model, or a function, with its example inputs.

    Attributes:
        runs: how often the Python code was run.
        strict: whether it is traced as PyTorch does by default, which refuses a dict as result.
    """

    def __init__(self, owner: object, method: str, inputs: Inputs) -> None:
        self.owner, self.method = owner, method
        self.example = Case(inputs)
        self.runs = 0
        self.strict = True
        self._packages = frozenset(_iter_packages(owner))

    @property
    def title(self) -> str:
        """Its name for people."""
        name = natives.title_of(self.owner)
        return f"{name}.{self.method}" if natives.is_module(self.owner) else name

    @property
    def is_training(self) -> bool:
        """Whether the model, or a part of it, is in train mode."""
        if not natives.is_module(self.owner):
            return False
        return any(module.training for module in self.owner.modules())

    def eager(self, case: Case) -> Outcome:
        """Runs the Python code."""
        self.runs += case.calls
        return self._run(self.owner, self.method, case)

    def compiled(self, native: object, case: Case) -> Outcome:
        """Runs a compiled form of it."""
        named = natives.is_script_module(native)
        return self._run(native, self.method if named else "", case)

    def native_method(self, native: object) -> str:
        """The entry point of a compiled form."""
        return self.method if natives.is_script_module(native) else "forward"

    def _run(self, target: object, method: str, case: Case) -> Outcome:
        model, args, kwargs = natives.copy_for_run(target, case.inputs.args, case.inputs.kwargs)
        if case.evaluating and natives.is_module(model):
            model.eval()
        call = entry(model, method)
        results: list[object] = []

        def run() -> None:
            for positional, named in case.arguments():
                results.append(call(*positional, **named))
            results.append(call(*args, **kwargs))

        with seeded(case.seed, target), quiet(), Raises() as raises:
            _, error = outcome_of(run)
        swallowed = raises.count if error is None else 0
        return Outcome(tuple(results), (args, kwargs), _buffers(model), error, swallowed)

    def watch(self, case: Case) -> Events:
        """Runs the Python code once, watched."""
        self.runs += 1
        model, args, kwargs = self._prepared(case)
        with seeded(case.seed, self.owner), quiet(), watched(self._packages) as events:
            outcome_of(lambda: entry(model, self.method)(*args, **kwargs))
        return events

    def margins(self, case: Case, spot: Spot) -> tuple[list[torch.Tensor], Inputs]:
        """How far what is decided at a spot is from turning over, and the inputs that say so."""
        self.runs += 1
        model, args, kwargs = self._prepared(case)
        with (
            seeded(case.seed, self.owner),
            quiet(),
            torch.enable_grad(),
            margins_at(spot, self._packages) as margins,
        ):
            outcome_of(lambda: entry(model, self.method)(*args, **kwargs))
        return margins.found, Inputs(args, kwargs)

    def prepared_run(self, case: Case) -> tuple[object, Callable[[], object]]:
        """A copy of the model, and what runs the Python code on it once."""
        model, args, kwargs = self._prepared(case)

        def run() -> object:
            self.runs += 1
            with seeded(case.seed, self.owner), quiet():
                return entry(model, self.method)(*args, **kwargs)

        return model, run

    def record(self, case: Case, pins: Mapping[object, list[object]] | None = None) -> Recording:
        """Traces it with other inputs, in another state, and watches.

        Args:
            case: with more calls than one, the last is traced.
            pins: as those of `watched`.
        """
        self.runs += case.calls
        model, args, kwargs = self._prepared(case)
        with seeded(case.seed, self.owner), quiet():
            for positional, named in case.arguments():
                entry(model, self.method)(*positional, **named)
            with watched(self._packages, pins) as events:
                native, error = outcome_of(lambda: self._trace(model, args, kwargs))
        self._as_before(native)
        return Recording(native, events, error)

    def follow(self, case: Case) -> Events:
        """What happens in Python while it is traced; what comes of that is not kept."""
        self.runs += case.calls
        model, args, kwargs = self._prepared(case)
        with seeded(case.seed, self.owner), quiet():
            for positional, named in case.arguments():
                entry(model, self.method)(*positional, **named)
            with watched(self._packages) as events:
                _, error = outcome_of(
                    lambda: natives.trace_graph(
                        model, self.method, args, kwargs, strict=self.strict
                    )
                )
        return events if error is None else self.record(case).events

    def trace(self, case: Case) -> tuple[object, Exception | None, tuple[Warned, ...]]:
        """Traces it as a user does, and what PyTorch warned of."""
        self.runs += case.calls
        model, args, kwargs = self._prepared(case)
        heard: list[Warned] = []
        with seeded(case.seed, self.owner), warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = partial(_hear, heard, self._packages)
            for positional, named in case.arguments():
                entry(model, self.method)(*positional, **named)
            native, error = outcome_of(lambda: self._trace(model, args, kwargs))
        if self.strict and natives.is_dict_refused(error):
            self.strict = False
            return self.trace(case)
        self._as_before(native)
        return native, error, tuple(dict.fromkeys(heard))

    def _trace(self, model: object, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        return natives.trace(model, self.method, args, kwargs, strict=self.strict)

    def _as_before(self, native: object) -> None:
        """The run that a trace records changes the buffers of the copy that it was made of."""
        if native is not None and natives.is_module(self.owner):
            natives.restore_buffers(native, self.owner)

    def _prepared(self, case: Case) -> tuple[object, tuple[object, ...], dict[str, object]]:
        made = natives.copy_for_run(self.owner, case.inputs.args, case.inputs.kwargs)
        if case.evaluating and natives.is_module(made[0]):
            made[0].eval()
        return made


def _hear(
    heard: list[Warned],
    packages: frozenset[str],
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    *_: object,
) -> None:
    """Takes the place of `warnings.showwarning` while a model is traced."""
    if category.__name__ != "TracerWarning":
        return
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage] (documented, for this)
    while frame is not None and not is_model_code(frame.f_code.co_filename, packages):
        frame = frame.f_back
    file, line = (filename, lineno) if frame is None else (frame.f_code.co_filename, frame.f_lineno)
    heard.append(Warned(file, line, str(message)))


def _iter_packages(owner: object) -> Iterator[str]:
    """Folders of the installed packages, PyTorch aside, that a model's classes are from."""
    parts = {type(part) for part in owner.modules()} if natives.is_module(owner) else {owner}
    for part in parts:
        for kind in getattr(part, "__mro__", (part,)):
            module = sys.modules.get(getattr(kind, "__module__", ""))
            file = getattr(module, "__file__", None) or ""
            found = _PACKAGE.match(file)
            if found is not None and not is_torch(file):
                yield found[0]


_PACKAGE = re.compile(r".*[/\\](?:site|dist)-packages[/\\][^/\\]+")


def entry(model: object, method: str) -> Callable[..., object]:
    """What a user calls: a module itself for `forward`, so that its hooks run."""
    if not method or not natives.is_module(model) or method == "forward":
        return cast("Callable[..., object]", model)
    return getattr(model, method)


def _buffers(model: object) -> dict[str, torch.Tensor]:
    if not natives.is_module(model):
        return {}
    return {name: tensor for name, kind, tensor in natives.iter_tensors(model) if kind == "buffer"}


@contextmanager
def quiet() -> Generator[None]:
    """What PyTorch and the model warn of is heard once, by `Subject.trace`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
