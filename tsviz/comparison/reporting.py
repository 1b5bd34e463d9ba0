"""From what a search found to findings: proven first, what is harmless last."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from tsviz.comparison.changes import values_at
from tsviz.comparison.events import Events
from tsviz.comparison.explaining import Explained, explain
from tsviz.comparison.findings import Counterexample, Finding, Loss, Status, loss_at
from tsviz.comparison.loss_words import (
    REMEDIES,
    consequence_of,
    mode_sentence,
    random_sentence,
    remedy_of,
    sentence_of,
    state_sentence,
    value_sentence,
)
from tsviz.comparison.proving import LATE, Answer, Prover
from tsviz.comparison.search import Search
from tsviz.comparison.shrinking import shrink
from tsviz.comparison.snippets import Script, write_script
from tsviz.comparison.suspects import Proof, Suspect
from tsviz.frontends.program import Variant

_ORDER = {Status.PROVEN: 0, Status.POSSIBLE: 1, Status.HARMLESS: 2}


def report(
    search: Search, variant: Variant, prover: Prover, tell: Callable[[], None]
) -> tuple[Finding, ...]:
    """The findings of a search, each claim of a proof tried in a process of its own.

    Whoever interrupts gets them as they are, without what was still to be proven.

    Args:
        tell: is called when that begins.
    """
    try:
        return _reported(search, variant, prover, tell)
    except KeyboardInterrupt:
        search.tally.interrupt()
        return _reported(search, variant, None, tell)


def _reported(
    search: Search, variant: Variant, prover: Prover | None, tell: Callable[[], None]
) -> tuple[Finding, ...]:
    found = [*_of_suspects(search, variant), *_of_explained(search, variant)]
    found = _proved(search, variant, found, prover, tell)
    return tuple(sorted(found, key=_rank))


def _rank(finding: Finding) -> tuple[int, str, int]:
    place = finding.place
    return _ORDER[finding.status], place.file if place else "", place.line if place else 0


def _of_suspects(search: Search, variant: Variant) -> Iterator[Finding]:
    suspects = list(search.suspects.by_spot.values())
    for suspect in suspects:
        suspect.proof = _shrunk(search, suspect)
    decided = {
        place
        for one in suspects
        for proof in (one.proof, one.outside)
        if proof is not None
        for place in proof.affected
    }
    for suspect in suspects:
        has_proof = suspect.proof is not None or suspect.outside is not None
        if has_proof or suspect.spot.place not in decided:
            yield _of_suspect(search, variant, suspect)


def _shrunk(search: Search, suspect: Suspect) -> Proof | None:
    """The simplest proof; whoever has interrupted does not wait for it."""
    if suspect.proof is None or search.tally.is_interrupted:
        return suspect.proof
    try:
        return shrink(search, suspect)
    except KeyboardInterrupt:
        search.tally.interrupt()
        return suspect.proof


def _of_suspect(search: Search, variant: Variant, suspect: Suspect) -> Finding:
    loss = loss_at(suspect.spot.site)
    proof = suspect.proof or suspect.outside
    base = search.base or Events()
    before = suspect.change.before if suspect.change else values_at(base, suspect.spot)
    status, reason = _status(search, suspect)
    return Finding(
        loss=loss,
        variant=variant,
        place=suspect.spot.place,
        sentence=sentence_of(suspect.spot, before),
        consequence=consequence_of(proof),
        remedy=remedy_of(loss, before),
        status=status,
        reason=reason,
        counterexample=_counterexample(proof),
        affected=proof.affected if proof is not None else (),
        site=suspect.spot.site,
        warnings=suspect.warnings,
    )


def _status(search: Search, suspect: Suspect) -> tuple[Status, str]:
    tried = search.tally.tried
    if suspect.proof is not None:
        return Status.PROVEN, ""
    if suspect.outside is not None:
        words = suspect.outside.candidate.words
        return Status.POSSIBLE, f"only for inputs outside the domain: {words}"
    if suspect.refused:
        times = f"{suspect.refused} of {tried} inputs"
        return Status.POSSIBLE, f"Python refuses {times} here, and the trace takes them"
    if suspect.changed and suspect.agreed == suspect.changed:
        return Status.HARMLESS, f"it changed in {suspect.changed} of {tried} inputs without harm"
    if suspect.changed:
        return Status.POSSIBLE, "results were wrong when it changed, but not by it alone"
    return Status.POSSIBLE, f"none of {tried} inputs changes it"


def _of_explained(search: Search, variant: Variant) -> Iterator[Finding]:
    for one in _explained(search):
        first = one.places[0] if one.places else None
        yield Finding(
            loss=one.loss,
            variant=variant,
            place=first,
            sentence=_explained_sentence(one),
            consequence=consequence_of(one.proof),
            remedy=REMEDIES[one.loss],
            status=Status.PROVEN,
            counterexample=_counterexample(one.proof),
            affected=one.places[1:],
        )


def _explained(search: Search) -> tuple[Explained, ...]:
    try:
        return explain(search)
    except KeyboardInterrupt:
        search.tally.interrupt()
        inside = (proof for proof in search.unexplained if proof.candidate.is_inside)
        return tuple(Explained(Loss.RESULT, proof) for proof in islice(inside, 1))


def _explained_sentence(one: Explained) -> str:
    first = one.places[0] if one.places else None
    if one.loss is Loss.STATE:
        return state_sentence(one.name)
    if one.loss is Loss.MODE:
        return mode_sentence(first)
    return random_sentence(first) if one.loss is Loss.RANDOM else value_sentence(first)


def _counterexample(proof: Proof | None) -> Counterexample | None:
    if proof is None:
        return None
    return Counterexample(proof.candidate, proof.expected, proof.found, proof.gap)


# ── scripts ─────────────────────────────────────────────────────────────────────────────────────


def _proved(
    search: Search,
    variant: Variant,
    findings: list[Finding],
    prover: Prover | None,
    tell: Callable[[], None],
) -> list[Finding]:
    """The findings with their scripts; what a script does not show is not proven."""
    scripts = {
        at: _script(search, variant, finding)
        for at, finding in enumerate(findings)
        if finding.counterexample is not None
    }
    claimed = [at for at in scripts if findings[at].status is Status.PROVEN]
    told = [LATE] * len(claimed)
    if prover is not None and claimed:
        tell()
        told = prover.prove(search.subject, [scripts[at] for at in claimed])
        if prover.is_interrupted:
            search.tally.interrupt()
    answers = dict(zip(claimed, told, strict=True))
    return [
        _with_script(finding, scripts[at], answers.get(at)) if at in scripts else finding
        for at, finding in enumerate(findings)
    ]


def _with_script(finding: Finding, script: Script, answer: Answer | None) -> Finding:
    assert finding.counterexample is not None
    shown = answer is not None and answer.is_reproduced
    example = replace(finding.counterexample, script=script, is_reproduced=shown)
    if answer is None or shown:
        return replace(finding, counterexample=example)
    return replace(finding, counterexample=example, status=Status.POSSIBLE, reason=answer.reason)


def _script(search: Search, variant: Variant, finding: Finding) -> Script:
    example = finding.counterexample
    assert example is not None
    proof = Proof(example.candidate, example.expected, example.found, example.gap)
    where = f"line {finding.place.line} of {finding.place.file}" if finding.place else "a place"
    told = (f"{search.subject.title}, {where}:", finding.sentence)
    return write_script(
        search.subject, search.domain, str(variant), proof, told, traced=search.base is not None
    )
