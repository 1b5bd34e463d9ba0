"""Which inputs count, and that those which are tried lie among them."""

import math
from itertools import islice

import pytest
import torch
from torch import nn

from tests.models.faults import CLEAN, FAULTS, Clean, Fault
from tests.models.faults.domains import find_outside
from tests.models.faults.model import parameter_names
from tsviz.comparison.candidates import Candidate, iter_candidates
from tsviz.comparison.domain import Domain, domain_of
from tsviz.comparison.subject import Subject
from tsviz.comparison.values import evaluate
from tsviz.errors import UsageError
from tsviz.frontends.program import Inputs


class Two(nn.Module):
    def forward(self, x, state, *, mask=None):
        return x + state[0] + state[1]


def subject(*args: object, **kwargs: object) -> Subject:
    return Subject(Two(), "forward", Inputs(args, kwargs))


X, STATE = torch.ones(4, 3), (torch.ones(4, 3), torch.zeros(4, 3))


def axes(domain: Domain) -> list[tuple[str, tuple[int, int]]]:
    return [(axis.name, axis.sizes) for axis in domain.axes]


def test_by_default_the_first_dimension_varies_in_all_that_have_its_size():
    domain = domain_of(subject(X, STATE, mask=torch.ones(2)), None)
    assert axes(domain) == [("`x.shape[0]`, `state.shape[0]`", (1, 8))]


def test_dimensions_of_one_size_and_range_go_together():
    declared = {"x": {"dims": {0: (1, 4), 1: (1, 3)}}, "state": {"dims": {1: (1, 3)}}}
    domain = domain_of(subject(X, STATE), declared)
    assert axes(domain) == [("`x.shape[0]`", (1, 4)), ("`x.shape[1]`, `state.shape[1]`", (1, 3))]


def test_a_link_goes_along():
    declared = {"x": {"dims": {0: (2, 9)}}, "state": {"dims": {0: "x.0"}}}
    domain = domain_of(subject(X, STATE), declared)
    assert axes(domain) == [("`x.shape[0]`, `state.shape[0]`", (2, 9))]


def test_what_it_says_can_be_given_back():
    declared = {"x": {"dims": {0: (2, 9)}, "range": (0.0, 1.0)}}
    domain = domain_of(subject(X, STATE), declared)
    assert axes(domain_of(subject(X, STATE), eval(str(domain)))) == axes(domain)


def test_tensors_inside_arguments_have_names():
    domain = domain_of(subject({"a": X, "b": [STATE, 3]}, STATE), None)
    assert [slot.name for slot in domain.slots] == [
        "state",
        "x['a']",
        "x['b'][0][0]",
        "x['b'][0][1]",
    ]


@pytest.mark.parametrize(
    "declared",
    [
        {"y": {"dims": {0: (1, 2)}}},
        {"x": {"dims": {2: (1, 2)}}},
        {"x": {"dims": {0: (5, 9)}}},
        {"x": {"sizes": {0: (1, 9)}}},
    ],
)
def test_what_does_not_fit_is_refused(declared: dict[str, dict[str, object]]):
    with pytest.raises(UsageError) as refused:
        domain_of(subject(X, STATE), declared)
    assert refused.value.diagnostic.code in ("TSV-V12", "TSV-V18")


# ── candidates ──────────────────────────────────────────────────────────────────────────────────

JUDGED: list[Fault | Clean] = [*FAULTS, *CLEAN]
MOST = 60


def candidates(model: Fault | Clean) -> tuple[Domain, list[Candidate]]:
    made = Subject(model.build(), "forward", Inputs(model.inputs()))
    domain = domain_of(made, model.domain)
    found = iter_candidates(domain, made.example, is_training=made.is_training)
    return domain, list(islice(found, MOST))


@pytest.mark.parametrize("model", JUDGED, ids=lambda model: model.name)
def test_what_is_said_to_lie_inside_does(model: Fault | Clean):
    names, example = parameter_names(model.build()), model.inputs()
    domain, tried = candidates(model)
    declared = {slot.name: dict(slot.told) for slot in domain.slots}
    for said in declared.values():  # without a range, every number counts
        if "range" not in said:
            said |= {"range": (-1e9, 1e9), "also": (*said.get("also", ()), math.nan)}
    for candidate in tried:
        if candidate.is_inside and not candidate.case.inputs.kwargs:
            args = candidate.case.inputs.args
            assert find_outside(declared, names, example, args) == [], candidate.words


@pytest.mark.parametrize("model", JUDGED[::6], ids=lambda model: model.name)
def test_a_text_makes_what_was_tried(model: Fault | Clean):
    domain, found = candidates(model)
    slots = {slot.name: slot for slot in domain.slots}
    for candidate in found:
        made = {name: evaluate(text, slots[name].example) for name, text in candidate.texts.items()}
        again = domain.inputs(made)
        assert str(again) == str(candidate.case.inputs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.int64, torch.int8])
@pytest.mark.parametrize("low", [-2.0, 0.0])
def test_a_number_among_others_stands_there_once(dtype: torch.dtype, low: float):
    declared = {"x": {"range": (low, 2.0), "also": (7,)}, "state": {"range": (low, 2.0)}}
    given = subject(X.to(dtype), STATE)
    domain = domain_of(given, declared)
    words = "`x` holds 7.0"
    found = iter_candidates(domain, given.example, is_training=False)
    (one,) = (candidate for candidate in islice(found, MOST) if candidate.words == words)
    x = one.case.inputs.args[0]
    assert isinstance(x, torch.Tensor)
    assert (x.dtype, x.shape) == (dtype, X.shape)
    assert (x == 7).sum() == 1
