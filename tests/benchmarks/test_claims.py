"""A figure says no more than its repetitions show."""

import math

import pytest

from benchmarks.claims import Claim, interval, quartiles, ratios


def coverage(n: int, rank: int) -> float:
    """The chance that the median lies between the values of `rank` from both ends."""
    return 1 - 2 * sum(math.comb(n, k) for k in range(rank + 1)) / 2**n


@pytest.mark.parametrize("n", range(6, 40))
def test_the_interval_is_the_narrowest_that_holds_the_median_with_95_percent(n: int):
    low, high = interval(range(n))
    assert high == n - 1 - low
    assert coverage(n, int(low)) >= 0.95
    assert coverage(n, int(low) + 1) < 0.95


def test_nine_repetitions_leave_out_one_value_at_each_end():
    assert interval([5, 1, 9, 3, 7, 2, 8, 4, 6]) == (2, 8)


@pytest.mark.parametrize("n", range(1, 6))
def test_of_too_few_values_the_interval_is_their_range(n: int):
    assert interval(range(n)) == (0, n - 1)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((0.2,) * 9, "shown"),
        ((0.25,) * 9, "shown"),
        ((0.3,) * 9, "missed"),
        ((0.2,) * 7 + (0.3,) * 2, "not shown"),
        ((0.2,) * 8 + (9.0,), "shown"),
        ((0.2,) * 2 + (0.3,) * 7, "not shown"),
    ],
)
def test_a_claim_is_shown_only_where_its_whole_interval_is(values: tuple[float, ...], verdict: str):
    claim = Claim("ours / theirs", values, 0.25)
    assert claim.verdict == verdict
    assert claim.render().endswith(f"at most 0.25: {verdict}")


def test_a_claim_is_one_line_with_its_interval_and_unit():
    line = Claim("until it stands still", (100.4, 200.0, 300.0), 250, " ms").render()
    assert line.split("still")[1].split() == (
        ["200", "ms", "[100,", "300]", "at", "most", "250", "ms:", "not", "shown"]
    )


def test_ratios_pair_the_values_of_a_repetition():
    assert ratios([1, 6], [2, 3]) == (0.5, 2.0)
    with pytest.raises(ValueError, match="shorter"):
        ratios([1, 2], [1])


def test_quartiles():
    assert quartiles([1, 2, 3, 4, 5]) == (2, 3, 4)
    assert quartiles([7]) == (7, 7, 7)
