"""The search for inputs on which a variant is wrong, and for what is to blame.

Every input is run in Python, traced anew, and given to the variant. Where the variant is wrong, the
two traces tell what happened otherwise in Python. To find out which of it does the harm, the input
is traced once more for each, with that one held at what it was in the example: if such a trace is
wrong, too, that one alone is enough.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from tsviz.comparison.candidates import Candidate, iter_candidates
from tsviz.comparison.changes import Change, Spot, find_changes, spot_of
from tsviz.comparison.directed import iter_directed
from tsviz.comparison.domain import Domain
from tsviz.comparison.events import Decision, Events
from tsviz.comparison.gaps import Gap, gap, noise_between
from tsviz.comparison.generated import iter_generated
from tsviz.comparison.sites import SiteKind
from tsviz.comparison.subject import Case, Outcome, Subject, Warned
from tsviz.comparison.suspects import Proof, Suspects
from tsviz.location import FileRange

Progress = Callable[[int, int], None]
"""Called with how many inputs were tried, of how many; it raises to stop."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a comparison is.

    Attributes:
        variant: which one is held against Python now.
        tried: how many inputs were tried, of `of`.
        found: how many things are known to be wrong by now.
        is_proving: whether that is now shown in a process of its own.
    """

    variant: str
    tried: int
    of: int
    found: int
    is_proving: bool = False


UNDIRECTED = 40
"""So many inputs, at most half of all, are tried before any is made for one condition."""
MOST_AGREEING = 20
"""So many inputs on which a variant is right are traced anew, to see what changes without harm."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop.

    Attributes:
        tries: inputs, at most.
        seconds: time to begin another one, at most.
    """

    tries: int = 80
    seconds: float = 30.0


@dataclass(slots=True)
class Tally:
    """How much was tried.

    Attributes:
        tried: inputs.
        agreed: inputs on which the variant was right.
        refused: inputs that Python itself refused.
        unsteady: inputs on which Python did not agree with itself.
        is_stopped: whether time ran out, or someone stopped it.
        is_interrupted: whether someone stopped it.
    """

    tried: int = 0
    agreed: int = 0
    refused: int = 0
    unsteady: int = 0
    is_stopped: bool = False
    is_interrupted: bool = False

    def interrupt(self) -> None:
        """Notes that someone stopped it."""
        self.is_stopped = self.is_interrupted = True


@dataclass(slots=True)
class Search:
    """One variant, held against Python.

    Attributes:
        native: the variant.
        base: what happened when the example was traced; `None` for variants that are no traces.
        suspects: what is known by now.
        unexplained: inputs on which the variant is wrong, though nothing changed in Python.
    """

    subject: Subject
    domain: Domain
    native: object
    base: Events | None
    suspects: Suspects = field(default_factory=Suspects)
    tally: Tally = field(default_factory=Tally)
    unexplained: list[Proof] = field(default_factory=list[Proof])

    def run(self, limits: Limits, progress: Progress | None = None) -> None:
        """Tries inputs until time or tries are used up, or it is interrupted."""
        end = time.monotonic() + limits.seconds
        try:
            for candidate in islice(self._candidates(limits), limits.tries):
                if progress is not None:
                    progress(self.tally.tried, limits.tries)
                if time.monotonic() > end:
                    self.tally.is_stopped = True
                    return
                self.tally.tried += 1
                self.consider(candidate)
        except KeyboardInterrupt:
            self.tally.interrupt()

    @property
    def found(self) -> int:
        """How many things are known to be wrong by now."""
        suspects = self.suspects.by_spot.values()
        return sum(one.proof is not None for one in suspects) + bool(self.unexplained)

    def warn(self, warned: Warned) -> None:
        """Suspects what PyTorch warned of: the leaks and decisions of that line."""
        if self.base is None:
            return
        taken = (e for e in self.base.order if isinstance(e, Decision) or e.raw is not None)
        spots = {spot_of(event): None for event in taken}
        here = [spot for spot in spots if spot.line == (warned.file, warned.line)]
        for spot in here or [Spot(FileRange(warned.file, warned.line))]:
            suspect = self.suspects.at(spot)
            suspect.warnings = tuple(dict.fromkeys((*suspect.warnings, warned.message)))

    def _candidates(self, limits: Limits) -> Iterator[Candidate]:
        """What needs no knowledge of the model, and halfway what turns a condition over."""
        if self.domain.generator is not None:
            yield from iter_generated(self.domain.generator, self.subject.example)
            return
        is_training = self.subject.is_training
        known = iter_candidates(self.domain, self.subject.example, is_training=is_training)
        yield from islice(known, min(UNDIRECTED, max(1, limits.tries // 2)))
        for suspect in self.suspects.unchanged():
            yield from iter_directed(self.subject, self.domain, suspect.spot)
        yield from known

    def consider(self, candidate: Candidate) -> None:
        """Tries one input."""
        expected = self.subject.eager(candidate.case)
        if expected.error is not None:
            self._refused(candidate, expected)
            return
        if candidate.case.earlier is not None and self._is_wrong_at_once(candidate):
            return  # it says nothing of what calls leave behind
        found = self.subject.compiled(self.native, candidate.case)
        apart = gap(expected, found)
        if apart.counts:
            apart = self._steady(candidate, expected, found)
        self.tally.agreed += not apart.counts
        if not apart.counts and self.tally.agreed > MOST_AGREEING:
            return  # what changes without harm was seen often enough
        changes = self._changes(candidate.case, expected)
        self._seen(changes, candidate, agreed=not apart.counts)
        if apart.counts:
            self._blame(Proof(candidate, expected, found, apart), changes)

    def _changes(self, case: Case, expected: Outcome) -> tuple[Change, ...]:
        """What goes otherwise in Python when it is traced with this input.

        Not where a call raises and Python goes on, which crashes the tracer: then it is only run.
        """
        if self.base is None:
            return ()
        run = self.subject.watch if expected.swallowed else self.subject.follow
        return find_changes(self.base, run(case))

    def _is_wrong_at_once(self, candidate: Candidate) -> bool:
        """Whether the variant is wrong on an input also without an earlier call."""
        case = replace(candidate.case, calls=1, earlier=None)
        expected = self.subject.eager(case)
        return (
            expected.error is not None
            or gap(expected, self.subject.compiled(self.native, case)).counts
        )

    def _steady(self, candidate: Candidate, expected: Outcome, found: Outcome) -> Gap:
        """The gap, if Python agrees with itself on this input."""
        noise = noise_between(expected, self.subject.eager(candidate.case))
        if noise is None:
            self.tally.unsteady += 1
            return Gap()
        return gap(expected, found, noise)

    def _seen(self, changes: tuple[Change, ...], candidate: Candidate, *, agreed: bool) -> None:
        if not candidate.is_inside:
            return
        for change in changes:
            suspect = self.suspects.at(change.spot)
            suspect.change = suspect.change or change
            suspect.changed += 1
            suspect.agreed += agreed

    # ── who is to blame ──────────────────────────────────────────────────────────────────────

    def _blame(self, proof: Proof, changes: tuple[Change, ...]) -> None:
        known = [change for change in changes if self._is_known(change, proof.candidate)]
        guilty = [
            change for change in changes if change not in known and self._is_guilty(change, proof)
        ]
        if not guilty and not known:
            guilty = [change for change in changes if change.is_decision and not change.pins][:1]
            guilty = guilty or list(changes[:1])
        if not changes:
            self.unexplained.append(proof)
        for change in guilty:
            self._prove(change, proof, changes)

    def _is_known(self, change: Change, candidate: Candidate) -> bool:
        """Whether there is a proof for a spot already."""
        suspect = self.suspects.at(change.spot)
        return (suspect.proof if candidate.is_inside else suspect.outside) is not None

    def _is_guilty(self, change: Change, proof: Proof) -> bool:
        """Whether the trace is wrong with this alone as it was in the example."""
        case = proof.candidate.case
        if not change.pins or case.calls > 1 or proof.expected.swallowed:
            return False
        held = self.subject.record(case, change.pins)
        if held.native is None:
            return True
        found = self.subject.compiled(held.native, case)
        return gap(proof.expected, found).counts

    def _prove(self, change: Change, proof: Proof, changes: tuple[Change, ...]) -> None:
        suspect = self.suspects.at(change.spot)
        suspect.change = suspect.change or change
        affected = tuple(self._iter_affected(change, proof, changes))
        shown = Proof(proof.candidate, proof.expected, proof.found, proof.gap, affected)
        if proof.candidate.is_inside:
            suspect.proof = shown
        else:
            suspect.outside = shown

    def _iter_affected(
        self, change: Change, proof: Proof, changes: tuple[Change, ...]
    ) -> Iterator[FileRange]:
        """What goes as in the example when only this is held: decided by it, further down."""
        others = [one for one in changes if one is not change and not one.pins]
        if not others or not change.pins or self.base is None:
            return
        held = self.subject.record(proof.candidate.case, change.pins)
        left = {one.spot for one in find_changes(self.base, held.events)}
        yield from (one.spot.place for one in others if one.spot not in left)

    def shows(self, candidate: Candidate, spot: Spot) -> Proof | None:
        """The proof, if the variant is wrong on this input because of the spot."""
        expected = self.subject.eager(candidate.case)
        if expected.error is not None or self.base is None:
            return None
        found = self.subject.compiled(self.native, candidate.case)
        apart = gap(expected, found)
        if not apart.counts:
            return None
        proof = Proof(candidate, expected, found, self._steady(candidate, expected, found))
        changes = self._changes(candidate.case, expected)
        change = next((one for one in changes if one.spot == spot), None)
        if change is None or not proof.gap.counts:
            return None
        others = [one for one in changes if one is not change and one.pins]
        is_guilty = self._is_guilty(change, proof) if change.pins else not others
        return proof if is_guilty else None

    # ── what Python refuses ──────────────────────────────────────────────────────────────────

    def _refused(self, candidate: Candidate, expected: Outcome) -> None:
        self.tally.refused += 1
        if self.base is None or not isinstance(expected.error, AssertionError):
            return
        found = self.subject.compiled(self.native, candidate.case)
        place = _raised_at(expected.error)
        if found.error is not None or place is None:
            return
        for site in self.base.sites:
            span = site.span
            if (
                site.kind is SiteKind.ASSERT
                and (site.place.file, span[0]) <= place
                and (place <= (site.place.file, span[2]))
            ):
                self.suspects.at(Spot(site.place, site)).refused += 1


def _raised_at(error: Exception) -> tuple[str, int] | None:
    """File and line of the innermost frame of an exception."""
    found = None
    trace = error.__traceback__
    while trace is not None:
        found = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    return found
