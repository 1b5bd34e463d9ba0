"""What was found: one sentence, its consequence, a proof where there is one, and a remedy."""

from dataclasses import dataclass, field
from enum import StrEnum

from tsviz.comparison.candidates import Candidate
from tsviz.comparison.gaps import Gap
from tsviz.comparison.sites import LOOPS, Site, SiteKind
from tsviz.comparison.snippets import Script
from tsviz.comparison.subject import Outcome
from tsviz.frontends.program import Variant
from tsviz.location import FileRange


class Status(StrEnum):
    """How much is known, most first."""

    PROVEN = "proven"
    POSSIBLE = "possible"
    HARMLESS = "harmless"


class Loss(StrEnum):
    """What a variant does not have that the Python code has."""

    BRANCH = "branch"
    LOOP = "loop"
    ASSERT = "assert"
    TRY = "try"
    VALUE = "value"
    MODE = "mode"
    RANDOM = "random"
    STATE = "state"
    RESULT = "result"
    UNMADE = "unmade"


@dataclass(frozen=True, slots=True)
class Counterexample:
    """An input on which a variant does something else than the Python code.

    Attributes:
        candidate: the input, and the state.
        expected, found: what Python did, and what the variant did.
        gap: how these differ.
        script: what shows it.
        is_reproduced: whether that script showed it in a process of its own.
    """

    candidate: Candidate
    expected: Outcome
    found: Outcome
    gap: Gap
    script: Script | None = None
    is_reproduced: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a variant lost.

    Attributes:
        loss: of what kind it is.
        variant: which variant it is about.
        place: the user's line; `None` where it is not known.
        sentence: what was recorded, and what is always done.
        consequence: what follows, on the counter-example where there is one.
        remedy: what to do.
        status: how much is known.
        reason: why it is not proven, or "".
        counterexample: the proof, or an input outside the domain.
        affected: further places that are decided by this one.
        site: what goes more than one way there.
        warnings: what PyTorch warned of at this line while tracing.
    """

    loss: Loss
    variant: Variant
    place: FileRange | None
    sentence: str
    consequence: str
    remedy: str
    status: Status
    reason: str = ""
    counterexample: Counterexample | None = field(default=None, repr=False)
    affected: tuple[FileRange, ...] = ()
    site: Site | None = None
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[int, ...]:
        """The numbers of its line and of those that follow from it."""
        places = (*([self.place] if self.place else []), *self.affected)
        return tuple(dict.fromkeys(place.line for place in places))

    @property
    def snippet(self) -> str:
        """A script that shows the counter-example, or ""."""
        example = self.counterexample
        return example.script.text if example is not None and example.script is not None else ""

    def __str__(self) -> str:
        where = f"line {self.place.line}: " if self.place is not None else ""
        return f"{self.status}: {where}{self.sentence}"


def loss_at(site: Site | None) -> Loss:
    """What is lost where a site's way is recorded."""
    if site is None:
        return Loss.VALUE
    if site.kind in LOOPS:
        return Loss.LOOP
    if site.kind is SiteKind.ASSERT:
        return Loss.ASSERT
    return Loss.TRY if site.kind is SiteKind.TRY else Loss.BRANCH
