"""A trace on trial: what it lost, on the calls that were seen and on other inputs like them.

What PyTorch's tracer warns of is often harmless, and what it loses it often does not warn of. So
its trace is held against eager on inputs of the same domain, and the search of `tsviz.compare`
tells what was decided in Python, and whether it matters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tsviz.comparison.changes import values_at
from tsviz.comparison.domain import domain_of
from tsviz.comparison.events import Events
from tsviz.comparison.loss_words import sentence_of
from tsviz.comparison.search import Limits, Search
from tsviz.comparison.sites import SiteKind
from tsviz.comparison.subject import Case, Subject
from tsviz.comparison.subject import Outcome as Run
from tsviz.comparison.suspects import Suspect
from tsviz.diagnosis.trying import Outcome, compare_outcomes
from tsviz.frontends import Inputs, is_torch
from tsviz.frontends.compiling import crashing
from tsviz.frontends.failures.stack import name_of
from tsviz.jit.compile_errors import first_words

TRIES = Limits(tries=24, seconds=20.0)
"""What one trace, or one assembled model, is held against."""


@dataclass(frozen=True, slots=True)
class Traced:
    """One attempt to trace.

    Attributes:
        error: why there is no trace, "" where there is one.
        lost: what an input showed to be wrong, with its place.
        doubts: what depends on data in Python, though no input showed harm.
        harmless: what the tracer warned of, and made no difference.
        wrong: how its result differs from eager's.
        agreed: on how many inputs, other than the calls that were seen, it gave eager's result.
    """

    error: str = ""
    lost: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()
    wrong: str = ""
    agreed: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against it."""
        return not (self.error or self.lost or self.doubts or self.wrong)

    @property
    def holds_branches(self) -> bool:
        """Whether what was decided in Python is in the way, which scripting keeps."""
        return bool(self.lost or self.doubts)

    @property
    def words(self) -> str:
        """What speaks against it most, "" where nothing does."""
        return self.error or next(iter((*self.lost, self.wrong, *self.doubts)), "")


def try_trace(subject: Subject, further: Sequence[Inputs] = ()) -> Traced:
    """Traces a copy and holds the trace against eager.

    Args:
        subject: with the inputs to trace with.
        further: other inputs that it is really called with.

    Raises:
        KeyboardInterrupt: it was interrupted.
    """
    expected = subject.eager(subject.example)
    if expected.error is not None:
        return Traced(f"eager raises {expected.reason}")
    if expected.swallowed:
        return Traced(crashing(subject.title).notes[0])
    native, error, warned = subject.trace(subject.example)
    if error is not None:
        return Traced(first_words(str(error)))
    wrong = differences(subject, native, [subject.example.inputs, *further])
    search = Search(subject, domain_of(subject, None), native, subject.follow(subject.example))
    for one in warned:
        search.warn(one)
    search.run(TRIES)
    if search.tally.is_interrupted:
        raise KeyboardInterrupt
    return _judged(search, wrong)


def differences(subject: Subject, native: object, calls: Sequence[Inputs]) -> str:
    """How a compiled form differs from eager on some inputs; "" where it gives the same bits."""
    for inputs in calls:
        case = Case(inputs)
        expected, found = subject.eager(case), subject.compiled(native, case)
        wrong = compare_outcomes(_outcome(expected), _outcome(found))
        if wrong:
            return wrong
    return ""


def _outcome(run: Run) -> Outcome:
    return Outcome(run.results, run.error)


def _judged(search: Search, wrong: str) -> Traced:
    suspects = list(search.suspects.by_spot.values())
    lost = [one for one in suspects if one.proof is not None]
    warned = [one for one in suspects if one.warnings and one not in lost]
    harmless = [one for one in warned if _is_harmless(one)]
    unexplained = next((proof for proof in search.unexplained if proof.candidate.is_inside), None)
    if not wrong and unexplained is not None and not lost:
        wrong = f"{unexplained.gap.words} ({unexplained.candidate.words})"
    base = search.base or Events()
    return Traced(
        lost=tuple(_told(base, one) for one in lost),
        doubts=tuple(_told(base, one) for one in warned if one not in harmless),
        harmless=tuple(_told(base, one) for one in harmless),
        wrong=wrong,
        agreed=search.tally.agreed,
    )


def _is_harmless(suspect: Suspect) -> bool:
    """An assertion, which changes no result, or what changed and left the result as it was."""
    site = suspect.spot.site
    if site is not None and site.kind is SiteKind.ASSERT:
        return True
    return suspect.changed > 0 and suspect.agreed == suspect.changed


def _told(base: Events, suspect: Suspect) -> str:
    place = suspect.spot.place
    before = suspect.change.before if suspect.change else values_at(base, suspect.spot)
    inside = " (inside PyTorch)" if is_torch(place.file) else ""
    return f"{name_of(place.file)}:{place.line}{inside}: {sentence_of(suspect.spot, before)}"


def agreement(traced: Traced) -> str:
    """On what a sound trace agrees with eager."""
    others = f", and agrees on {traced.agreed} inputs like them" if traced.agreed else ""
    return f"eager's result bit for bit on what it is given{others}"


def iter_words(how: str, traced: Traced) -> Iterator[str]:
    """What is said of an attempt with the whole model."""
    if traced.error:
        yield f"it cannot be {how}: {traced.error}"
        return
    for words in (*traced.lost, *traced.doubts):
        yield f"{how}, {words}"
    if traced.wrong:
        yield f"{how}, it does not give eager's result: {traced.wrong}"
    if traced.is_sound:
        yield f"{how}, it gives {agreement(traced)}"
    for words in traced.harmless:
        yield f"{how}, {words}, but no result was wrong for it"
