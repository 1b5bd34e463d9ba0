"""What is in a domain is drawn from it, what is not is named, and results are compared strictly."""

import math
import random
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.models.faults import CLEAN, FAULTS
from tests.models.faults.domains import find_outside, sample
from tests.models.faults.model import Domain, parameter_names
from tests.models.faults.truth import equal
from tests.models.faults.variations import linked_anew

X = torch.zeros(2, 3)
LINKED: Domain = {"x": {"dims": {0: (1, 4), 1: (1, 9)}}, "y": {"dims": {0: "x.1"}}}


@pytest.mark.parametrize(
    ("domain", "arguments", "expected"),
    [
        ({}, (torch.zeros(8, 3),), []),
        ({}, (torch.zeros(9, 3),), ["x has size 9 in dimension 0, not 1 to 8"]),
        ({}, (torch.zeros(2, 4),), ["x has size 4 in dimension 1, not 3 to 3"]),
        ({}, (torch.zeros(3),), ["x has 1 dimensions"]),
        ({}, (X.double(),), ["x is torch.float64"]),
        ({}, (X.to("meta"),), ["x is on meta"]),
        ({}, (X + 4,), ["x has values outside (-3.0, 3.0)"]),
        ({}, (X * math.nan,), ["x has values outside (-3.0, 3.0)"]),
        ({}, ([X],), ["x is a list"]),
        ({}, (), ["0 arguments instead of 1"]),
        ({}, (X, X), ["y is given"]),
        ({"x": {"dims": {}}}, (torch.zeros(1, 3),), ["x has size 1 in dimension 0, not 2 to 2"]),
        ({"x": {"also": (math.nan,)}}, (X * math.nan,), []),
        ({"x": {"range": (0, 9)}}, (X + 9,), []),
        ({"x": {"range": (0, "x.1")}}, (X + 4,), ["x has values outside (0, 'x.1')"]),
        ({"x": {"ranks": (1, 2)}}, (torch.zeros(3),), []),
        ({"x": {"dtypes": ("float64",)}}, (X.double(),), []),
        ({"x": {"devices": ("meta",)}}, (X.to("meta"),), []),
        ({"x": {"only": ([[1.0, 2.0, 3.0]],)}}, (X,), ["x has values outside (-3.0, 3.0)"]),
        ({"x": {"classes": ("list",), "lengths": (2, 3)}}, ([X, X],), []),
        ({"x": {"classes": ("list",), "lengths": (2, 3)}}, ([X],), ["x has 1 items"]),
        ({"y": {"given": (("x.0", 4), "bool")}}, (X, torch.zeros(2, 4).bool()), []),
        ({"y": {"given": (("x.0", 4), "bool")}}, (X, X), ["y is not [2, 4] of bool"]),
    ],
)
def test_what_is_outside_is_named(domain: Domain, arguments: tuple[Any, ...], expected: list[str]):
    assert find_outside(domain, ["x", "y"], (X,), arguments) == expected


def test_the_first_dimensions_vary_together():
    example = (torch.zeros(2, 3), torch.zeros(2))
    assert find_outside({}, ["x", "y"], example, (torch.zeros(5, 3), torch.zeros(5))) == []
    assert find_outside({}, ["x", "y"], example, (torch.zeros(5, 3), torch.zeros(4))) == [
        "y has size 4 in dimension 0, not 5 to 5"
    ]


def test_a_size_may_be_that_of_another_argument():
    example = (torch.zeros(2, 3), torch.zeros(3))
    assert find_outside(LINKED, ["x", "y"], example, (torch.zeros(4, 9), torch.zeros(9))) == []
    assert find_outside(LINKED, ["x", "y"], example, (torch.zeros(4, 9), torch.zeros(4))) == [
        "y has size 4 in dimension 0, not 9 to 9"
    ]


def test_links_follow_new_names():
    assert linked_anew(LINKED, {"x": "a", "y": "b"}) == {
        "a": {"dims": {0: (1, 4), 1: (1, 9)}},
        "b": {"dims": {0: "a.1"}},
    }
    bounds = {"x": {"range": (1, "y.0")}, "y": {"given": (("x.0", 4), "bool")}}
    assert linked_anew(bounds, {"x": "a", "y": "b"}) == {
        "a": {"range": (1, "b.0")},
        "b": {"given": (("a.0", 4), "bool")},
    }


@given(st.sampled_from([*FAULTS, *CLEAN]), st.integers(0, 2**32))
def test_what_is_drawn_is_in_the_domain(model: Any, seed: int):
    names, inputs = parameter_names(model.build()), model.inputs()
    arguments = sample(model.domain, names, inputs, random.Random(seed))
    assert find_outside(model.domain, names, inputs, arguments) == []
    again = sample(model.domain, names, inputs, random.Random(seed))
    assert equal(arguments, again)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (X, X + 9e-5, True),
        (X, X + 2e-4, False),
        (X + 1000, X + 1000.01, True),
        (X + 1000, X + 1000.1, False),
        (X.double(), X.double() + 2e-6, False),
        (X, X.double(), False),
        (X, X[:1], False),
        (X, X.to("meta"), False),
        (X * math.nan, X * math.nan, True),
        (X * math.nan, X, False),
        (X.long(), X.long() + 1, False),
        ((X, X), [X, X], True),
        ((X, X), (X,), False),
        ({"a": X}, {"b": X}, False),
        ({"a": X}, {"a": X + 1}, False),
        (X, None, False),
        (1, 1, True),
        (1, True, False),
    ],
)
def test_results_are_compared_strictly(left: Any, right: Any, expected: bool):
    assert equal(left, right) is expected
