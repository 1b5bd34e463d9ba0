"""How far a variant is from Python, over inputs of a domain that all variants share."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from tsviz.comparison.candidates import Candidate, iter_candidates
from tsviz.comparison.domain import Domain
from tsviz.comparison.gaps import Gap, gap, noise_between
from tsviz.comparison.search import Limits
from tsviz.comparison.subject import Case, Outcome, Subject
from tsviz.jit.differences import Difference


@dataclass(frozen=True, slots=True)
class Errors:
    """The largest differences from Python, of all inputs that were tried.

    Attributes:
        tried: inputs on which Python and the variant were run.
        wrong: inputs on which they differ by more than rounding and Python's own noise.
        raised: those among them on which the variant raised.
        unsteady: inputs left out, since two runs in Python do not agree on them.
        absolute, relative: the largest of each; `None` where no results could be subtracted.
        ulp: units in the last place, likewise.
        worst: the first wrong input and what happened, in words, or "".
    """

    tried: int = 0
    wrong: int = 0
    raised: int = 0
    unsteady: int = 0
    absolute: float | None = None
    relative: float | None = None
    ulp: int | None = None
    worst: str = ""


@dataclass(slots=True)
class _Trial:
    """An input that Python takes.

    Attributes:
        noise: of Python itself, absolute; a string until it was asked for, `None` where two runs do
            not agree.
    """

    candidate: Candidate
    expected: Outcome
    noise: float | str | None = "not asked for"


class Trials:
    """The inputs, each run in Python once, when the first variant gets there."""

    def __init__(self, subject: Subject, domain: Domain, limits: Limits) -> None:
        self._subject, self._limits = subject, limits
        candidates = iter_candidates(domain, subject.example, is_training=False)
        inside = (candidate for candidate in candidates if candidate.is_inside)
        self._coming = islice(inside, limits.tries)
        self._known: list[_Trial] = []

    def errors(self, run: Callable[[Case], Outcome], progress: Callable[[], None]) -> Errors:
        """Runs a variant on the inputs, until there are no more or time is up.

        Args:
            progress: is called before each.
        """
        end = time.monotonic() + self._limits.seconds
        found = _Worst()
        for trial in self._trials():
            progress()
            self._compare(trial, run(trial.candidate.case), found)
            if time.monotonic() > end:
                break
        return found.errors()

    def _trials(self) -> Iterator[_Trial]:
        yield from self._known
        for candidate in self._coming:
            expected = self._subject.eager(candidate.case)
            if expected.error is None:
                trial = _Trial(candidate, expected)
                self._known.append(trial)
                yield trial

    def _compare(self, trial: _Trial, outcome: Outcome, found: "_Worst") -> None:
        apart = gap(trial.expected, outcome)
        if apart.counts:
            noise = self._noise(trial)
            if noise is None:
                found.unsteady += 1
                return
            apart = gap(trial.expected, outcome, noise)
        found.add(trial.candidate, apart)

    def _noise(self, trial: _Trial) -> float | None:
        if isinstance(trial.noise, str):
            again = self._subject.eager(trial.candidate.case)
            trial.noise = noise_between(trial.expected, again)
        return trial.noise


class _Worst:
    """Gathers the largest of everything."""

    def __init__(self) -> None:
        self.unsteady = 0
        self._gaps: list[Gap] = []
        self._worst = ""

    def add(self, candidate: Candidate, apart: Gap) -> None:
        self._gaps.append(apart)
        if apart.counts and not self._worst:
            self._worst = f"{apart.words} ({candidate.words})"

    def errors(self) -> Errors:
        differences = [one.difference for one in self._gaps if one.difference is not None]
        measured = [one for one in differences if _is_measured(one)]
        return Errors(
            tried=len(self._gaps),
            wrong=sum(one.counts for one in self._gaps),
            raised=len(self._gaps) - len(differences),
            unsteady=self.unsteady,
            absolute=max((one.absolute for one in measured), default=None),
            relative=max((one.relative for one in measured), default=None),
            ulp=max((one.ulp for one in measured if one.ulp is not None), default=None),
            worst=self._worst,
        )


def _is_measured(one: Difference) -> bool:
    """Whether there were results to subtract: of other shapes or classes there are none."""
    return not one.kinds or one.absolute > 0
