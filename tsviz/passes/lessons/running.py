"""A lesson: a few lines of Python, and one of PyTorch's passes at work on them, live.

Nothing that a lesson shows is written down in it: the graphs before and after, and the rewrites in
words, come of running the pass when they are asked for.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from inspect import getsourcefile, getsourcelines
from typing import Any

import torch

from tsviz.display import renderer
from tsviz.frontends import Inputs, Program, Variant
from tsviz.frontends.torchscript import capture, import_program
from tsviz.jit import freezing
from tsviz.jit.fusers import fusers_on_cpu
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.recording import Runtime
from tsviz.passes.catalogue import PassInfo, catalog
from tsviz.passes.pipeline import run_passes
from tsviz.passes.sentences import lesson_of
from tsviz.passes.trace import PassRecord, PassTrace

_SEED = 0


def _nothing() -> tuple[object, ...]:
    return ()


@dataclass(frozen=True, repr=False)
class Lesson:
    """One pass at work; prints as a page.

    Attributes:
        name: of the pass.
        subject: the function that the pass works on, or the class of the module.
        fragment: what the pass is about in the source of `subject`.
        sentences: what it did, what can be seen of it afterwards, what to look out for.
        inputs: makes the example inputs.
        prepare: the passes that run before it.
        via: how `subject` is captured: as `tsviz.capture` does it, or `frozen`: by
            `torch.jit.freeze` without the folds it makes by itself.
        also: functions that `subject` calls.
        fuses: whether the fusers must be let onto the CPU for it.
        runtime: how the executor is set, where only its own graphs give the pass something to do;
            then the lesson is a step of that recording.
        device: the kind of device it needs, "" where any will do.
        unseen: why it shows no change, "" where it shows one.
    """

    name: str
    subject: Callable[..., Any]
    fragment: str
    sentences: tuple[str, ...]
    inputs: Callable[[], tuple[object, ...]] = _nothing
    prepare: tuple[str, ...] = ()
    via: str = "script"
    also: tuple[Callable[..., Any], ...] = ()
    fuses: bool = False
    runtime: Runtime | None = None
    device: str = ""
    unseen: str = ""

    @property
    def info(self) -> PassInfo:
        """What the catalogue says of the pass."""
        return catalog[self.name]

    @property
    def file(self) -> str:
        """The file of its Python."""
        return getsourcefile(self.subject) or ""

    @property
    def sources(self) -> tuple[tuple[int, str], ...]:
        """Its Python: first line number and text of each function, callees first."""
        found = (getsourcelines(one) for one in (*self.also, self.subject))
        return tuple((first, "".join(lines).rstrip()) for lines, first in found)

    @cached_property
    def trace(self) -> PassTrace:
        """The preparation and the pass, run now."""
        with _fusing(self.fuses):
            return run_passes(self._capture(), pipeline=self.runtime or (*self.prepare, self.name))

    @cached_property
    def step(self) -> PassRecord:
        """What the pass itself did."""
        found = [step for step in self.trace if lesson_of(step.name) == self.name]
        return next((step for step in found if step.is_changed), found[-1])

    def _capture(self) -> Program:
        if self.via != "frozen":
            return capture(self.subject, self.inputs(), via=self.via)
        # Weights are made on the CPU, always the same; the caller's random state stays as it is.
        with torch.random.fork_rng(devices=[]):  # pyright: ignore[reportUnknownMemberType]
            torch.default_generator.manual_seed(_SEED)
            model: torch.nn.Module = self.subject().eval()
        return _freeze(model, self.inputs(), self.device if torch.cuda.is_available() else "")

    def __repr__(self) -> str:
        return renderer("lesson_text")(self)


def _freeze(model: torch.nn.Module, args: tuple[object, ...], device: str) -> Program:
    """A frozen program whose convolutions and linear layers wait for a pass to fold them."""
    if device:
        model = model.to(device)
        args = tuple(one.to(device) if isinstance(one, torch.Tensor) else one for one in args)
    scripted = capture(model, args, via="script")
    made = freezing.freeze(scripted.native, "forward", fold=False)
    return import_program(
        made.native,
        variant=Variant.FREEZE,
        inputs=Inputs(args),
        title=scripted.title,
        evidence=made.evidence,
    )


@contextmanager
def _fusing(asked: bool) -> Generator[None]:
    if not asked:
        yield
        return
    with held_interrupts() as let_through, fusers_on_cpu(), let_through():
        yield
