"""From an input that shows a fault to a smaller one that shows it, too."""

from collections.abc import Iterator
from dataclasses import replace

import torch

from tsviz.comparison.candidates import Candidate, candidate, fill_text, resized_text
from tsviz.comparison.search import Search
from tsviz.comparison.suspects import Proof, Suspect

MOST_TRIES = 16


def shrink(search: Search, suspect: Suspect) -> Proof | None:
    """The simplest input found on which the variant is wrong because of the suspect."""
    proof = suspect.proof
    if proof is None or not proof.candidate.texts:
        return proof
    for tried, simpler in enumerate(_iter_simpler(search, proof.candidate)):
        if tried == MOST_TRIES:
            break
        shown = search.shows(simpler, suspect.spot)
        if shown is not None:
            return replace(shown, affected=proof.affected)
    return proof


def _iter_simpler(search: Search, given: Candidate) -> Iterator[Candidate]:
    """Plain numbers in the shapes of the example, then plain numbers in the shapes found."""
    leaves = {leaf.at: leaf for leaf in search.domain.leaves}
    example = search.subject.example
    made = {at: candidate_tensor(given, search, at) for at in given.texts}
    shapes = [
        {at: tuple(leaves[at].example.shape) for at in given.texts},
        {at: tuple(tensor.shape) for at, tensor in made.items()},
    ]
    for number, shape in enumerate(shapes):
        if number and shape == shapes[0]:
            return
        for value in (1, 0, -1, 2, -2):
            texts = {at: fill_text(leaves[at], shape[at], value) for at in given.texts}
            if None not in texts.values():
                known = {at: text for at, text in texts.items() if text is not None}
                words = given.words if number else "other values"
                yield candidate(search.domain, example, known, words)
    if shapes[0] != shapes[1]:
        texts = {at: resized_text(leaves[at], shapes[1][at]) for at in given.texts}
        yield candidate(search.domain, example, texts, given.words)


def candidate_tensor(given: Candidate, search: Search, at: int) -> torch.Tensor:
    """The tensor that a candidate gives for a leaf."""
    return search.domain.leaves_of(given.case.inputs)[at]
