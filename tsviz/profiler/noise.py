"""What may be said of two series of times: how far they are apart, and whether that is noise.

Nothing is assumed of how times are distributed. The interval of the difference comes from the order
of all pairwise differences (Hodges and Lehmann's, by the distribution of Mann and Whitney's count);
what the machine drifted while each series was measured is added to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Difference:
    """How far `after` is from `before`, in nanoseconds.

    Attributes:
        middle: the median of the pairwise differences.
        low, high: where it lies with the confidence asked for; infinite where the values are too
            few to tell.
    """

    middle: float
    low: float
    high: float

    @property
    def is_noise(self) -> bool:
        """Whether the interval holds 0, so that nothing can be said to differ."""
        return self.low <= 0 <= self.high


def difference_of(
    before: Sequence[float], after: Sequence[float], *, comparisons: int = 1
) -> Difference:
    """The difference of two series.

    Args:
        before, after: in the order in which they were measured.
        comparisons: how many are made in all; the confidence holds for all of them together, so
            that of a hundred lines not five seem to differ by chance.
    """
    pairs = sorted(new - old for new in after for old in before)
    middle = median(pairs)
    outside = (1 - CONFIDENCE) / 2 / max(comparisons, 1)
    rank = _rank(len(before), len(after), outside)
    if rank is None:
        return Difference(middle, float("-inf"), float("inf"))
    drift = _drift(before) + _drift(after)
    return Difference(middle, pairs[rank] - drift, pairs[len(pairs) - 1 - rank] + drift)


def _drift(values: Sequence[float]) -> float:
    """How far the halves of a series are apart: runs that follow each other are alike."""
    half = len(values) // 2
    return abs(median(values[-half:]) - median(values[:half])) / 2 if half else 0.0


@cache
def _rank(before: int, after: int, outside: float) -> int | None:
    """How many of the ordered differences may be left out at each end; `None`: too few values."""
    ways = _counts(before, after)
    bound, so_far = outside * sum(ways), 0
    for rank, number in enumerate(ways):
        so_far += number
        if so_far > bound:
            return rank - 1 if rank else None
    return None


@cache
def _counts(before: int, after: int) -> tuple[int, ...]:
    """In how many orders of all values each count of pairs is the wrong way round.

    The coefficients of the Gaussian binomial `before + after` over `before`.
    """
    ways = [1] + [0] * (before * after)
    for at in range(1, before + 1):
        for place in range(len(ways) - 1, after + at - 1, -1):
            ways[place] -= ways[place - after - at]
        for place in range(at, len(ways)):
            ways[place] += ways[place - at]
    return tuple(ways)
