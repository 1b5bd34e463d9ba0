"""Inputs that turn a condition over, found by following its margin.

A condition on tensors is mostly a comparison: how far its two sides are from each other is its
margin, and where that can be differentiated, the gradient says which way to change the inputs.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

import torch

from tsviz.comparison.candidates import OTHER_VALUES, Candidate
from tsviz.comparison.changes import Spot
from tsviz.comparison.domain import Domain
from tsviz.comparison.slots import Slot
from tsviz.comparison.subject import Subject
from tsviz.comparison.values import exact_text

Values = Mapping[str, torch.Tensor]
"""By the name of a slot."""
ROUNDS = 10
"""How often a step is taken from where the last one led."""
_BEYOND = (1.0, 1.05)
"""How far to go: to where the margin would be zero if it were linear, and a little more."""


def iter_directed(subject: Subject, domain: Domain, spot: Spot) -> Iterator[Candidate]:
    """Inputs on which what is decided at a spot may be another; none if nothing leads there."""
    slots = [slot for slot in domain.slots if _is_smooth(slot)]
    here = {slot.name: cast("torch.Tensor", slot.example).detach().clone() for slot in slots}
    for _ in range(ROUNDS if slots else 0):
        steps = _steps(subject, domain, spot, slots, here)
        if not steps:
            return
        for beyond in _BEYOND:
            made = {slot.name: _moved(slot, here, steps, beyond) for slot in slots}
            yield _candidate(subject, domain, made)
        here = {slot.name: _moved(slot, here, steps, _BEYOND[0]).detach() for slot in slots}


def _steps(subject: Subject, domain: Domain, spot: Spot, slots: list[Slot], here: Values) -> Values:
    """By Newton's rule, what to add to each tensor so that the margin is zero."""
    followed = {name: tensor.clone().requires_grad_() for name, tensor in here.items()}
    case = replace(subject.example, inputs=domain.inputs(followed))
    margins, given = subject.margins(case, spot)
    if not margins:
        return {}
    gradients = cast(
        "tuple[torch.Tensor | None, ...]",
        torch.autograd.grad(margins[0], domain.tensors(given, slots), allow_unused=True),
    )
    known = {slot.name: one for slot, one in zip(slots, gradients, strict=True) if one is not None}
    steepness = sum(float(one.square().sum()) for one in known.values())
    if not steepness or not math.isfinite(steepness):
        return {}
    return {name: -float(margins[0].detach()) / steepness * one for name, one in known.items()}


def _is_smooth(slot: Slot) -> bool:
    example = slot.example
    return isinstance(example, torch.Tensor) and example.is_floating_point() and not slot.only


def _moved(slot: Slot, here: Values, steps: Values, beyond: float) -> torch.Tensor:
    """Some way on, within the slot's range."""
    moved = here[slot.name]
    if slot.name in steps:
        moved = moved + steps[slot.name] * beyond
    if slot.low is not None and isinstance(slot.high, float):
        moved = moved.clamp(slot.low, slot.high)
    return moved.requires_grad_(cast("torch.Tensor", slot.example).requires_grad)


def _candidate(subject: Subject, domain: Domain, made: Values) -> Candidate:
    case = replace(subject.example, inputs=domain.inputs(made))
    texts = {name: exact_text(tensor) for name, tensor in made.items()}
    known = {name: text for name, text in texts.items() if text is not None}
    if len(known) < len(texts):
        return Candidate(case, words=OTHER_VALUES, is_written=False)
    return Candidate(case, known, OTHER_VALUES)
