"""Tensors at one look: every number is in a bar, the course keeps its ends, pictures stay small."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsviz.debugger.portraits import (
    BARS,
    MOST_NUMBERS,
    MOST_PIXELS,
    POINTS,
    course,
    histogram,
    picture,
    portrait,
)

_FLOATS = st.lists(st.floats(width=32), min_size=1, max_size=300)


@given(_FLOATS)
def test_every_finite_number_is_in_one_bar(numbers: list[float]):
    tensor = torch.tensor(numbers, dtype=torch.float64)
    found = histogram(tensor)
    finite = tensor[tensor.isfinite()]
    assert (found is None) == (not finite.numel())
    if found is not None:
        assert sum(found.counts) == finite.numel()
        assert len(found.counts) <= BARS
        assert found.low <= float(finite.min()) <= float(finite.max()) <= found.high


@given(_FLOATS)
def test_the_course_keeps_the_least_and_the_most(numbers: list[float]):
    tensor = torch.tensor(numbers, dtype=torch.float64)
    found = course(tensor)
    assert len(found.least) == len(found.most) == min(len(numbers), POINTS)
    finite = tensor[tensor.isfinite()]
    known = [one for one in found.least if one == one]
    if finite.numel():
        assert min(known) == float(finite.min())
        assert max(one for one in found.most if one == one) == float(finite.max())
    else:
        assert known == []


@pytest.mark.parametrize(
    ("tensor", "low", "high", "counts"),
    [
        (torch.tensor([1, 1, 3]), 0.5, 3.5, (2, 0, 1)),
        (torch.tensor([True, False, True]), -0.5, 1.5, (1, 2)),
        (torch.full((4,), 0.5), 0.5, 0.5, (4,)),
        (torch.tensor([2.0]), 1.5, 2.5, (1,)),
    ],
)
def test_bars_of_few_integers(
    tensor: torch.Tensor, low: float, high: float, counts: tuple[int, ...]
):
    found = portrait(tensor).histogram
    assert found is not None
    assert (found.low, found.high, found.counts) == (low, high, counts)


@pytest.mark.parametrize(
    ("tensor", "size", "words"),
    [
        (torch.rand(3, 48, 64), (64, 48), "colours; black "),
        (torch.rand(2, 3, 48, 64), (64, 48), "colours; black "),
        (torch.rand(20, 30, 3), (30, 20), "colours; black "),
        (torch.eye(6), (6, 6), "a matrix; black 0, white 1"),
        (torch.eye(6).bool(), (6, 6), "a matrix; black 0, white 1"),
        (torch.eye(5, dtype=torch.uint8), (5, 5), "a matrix; black 0, white 255"),
        (torch.rand(8, 10, 20), (62, 32), "8 matrices; black "),
        (torch.rand(5, 7, 10, 20), (83, 43), "35 matrices, the first 16 of them; black "),
        (torch.rand(1000, 500), (64, 128), "a matrix; black "),
        (torch.rand(5, 5, dtype=torch.complex64), (5, 5), "a matrix; black "),
    ],
)
def test_pictures(tensor: torch.Tensor, size: tuple[int, int], words: str):
    found = portrait(tensor).picture
    assert found is not None
    assert (found.width, found.height) == size
    assert len(found.pixels) == 3 * found.width * found.height
    assert found.words.startswith(words)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.rand(9),
        torch.rand(3, 3),
        torch.rand(2, 10, 3),
        torch.full((5, 5), float("nan")),
        torch.rand(0, 5, 5),
        torch.rand(5, 5, device="meta"),
    ],
)
def test_no_pictures(tensor: torch.Tensor):
    assert portrait(tensor).picture is None


def test_pixels_are_what_was_there():
    found = picture(torch.tensor([0.0, 1.0, float("nan"), 0.5]).expand(4, 4))
    assert found is not None
    assert list(found.pixels[:12]) == [0, 0, 0, 255, 255, 255, 230, 0, 90, 128, 128, 128]
    assert found.words == "a matrix, red: not finite; black 0, white 1"


def test_what_is_big_is_looked_at_in_part():
    big = torch.zeros(1).expand(1 << 14, 1 << 10)
    found = portrait(big)
    assert 0 < found.looked_at <= MOST_NUMBERS
    assert found.picture is not None
    assert max(found.picture.width, found.picture.height) <= MOST_PIXELS


def test_nothing_to_look_at():
    for tensor in (torch.empty(0), torch.ones(2, device="meta")):
        assert portrait(tensor) == type(portrait(tensor))(0, None, None, None)


def test_random_numbers_stay():
    before = torch.get_rng_state()
    portrait(torch.ones(3, 9, 9))
    assert torch.equal(torch.get_rng_state(), before)
