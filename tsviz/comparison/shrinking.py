"""From an input that shows a fault to a smaller one that shows it, too."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from tsviz.comparison.candidates import OTHER_VALUES, Candidate, Maker, ResizeTo
from tsviz.comparison.search import Search
from tsviz.comparison.suspects import Proof, Suspect

MOST_TRIES = 16
_PLAIN = (1, 0, -1, 2, -2)


def shrink(search: Search, suspect: Suspect) -> Proof | None:
    """The simplest input found on which the variant is wrong because of the suspect."""
    proof = suspect.proof
    if proof is None or not proof.candidate.texts or proof.candidate.case.calls > 1:
        return proof
    for simpler in islice(_iter_simpler(search, proof.candidate), MOST_TRIES):
        shown = search.shows(simpler, suspect.spot)
        if shown is not None:
            return replace(shown, affected=proof.affected)
    return proof


def _iter_simpler(search: Search, given: Candidate) -> Iterator[Candidate]:
    """Plain numbers in the sizes of the example, then in the sizes found."""
    maker = Maker(search.domain, search.subject.example)
    slots = [slot for slot in search.domain.slots if slot.name in given.texts and slot.items]
    tried: list[ResizeTo] = [{}, given.sizes] if given.sizes else [{}]
    for sizes in tried:
        for value in _PLAIN:
            texts = {slot.name: maker.filled(slot, sizes, value) for slot in slots}
            known = {name: text for name, text in texts.items() if text is not None}
            if known and len(known) == len(texts):
                yield maker.made(known, given.words if sizes else OTHER_VALUES, sizes)
