"""What may be said of measured times: medians, spreads, and ratios with an interval."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The interval in which the median lies with 95% confidence, from the order of the values.

    Nothing is assumed of their distribution. Fewer than six values cannot give such an interval;
    then it is their range.
    """
    ordered, n = sorted(values), len(values)
    outside, rank = 0.0, 0
    while 2 * (outside + math.comb(n, rank) / 2**n) <= 1 - CONFIDENCE:
        outside += math.comb(n, rank) / 2**n
        rank += 1
    rank = max(rank - 1, 0)
    return ordered[rank], ordered[n - 1 - rank]


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median, third quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure with the target it must stay under.

    Attributes:
        text: what is claimed.
        values: the figure of each repetition: of a ratio, both sides measured in that repetition.
        target: the most it may be.
        unit: "" for a ratio.
    """

    text: str
    values: tuple[float, ...]
    target: float
    unit: str = ""

    @property
    def verdict(self) -> str:
        """`shown`, `missed`, or `not shown` where the interval holds the target."""
        low, high = interval(self.values)
        if high <= self.target:
            return "shown"
        return "missed" if low > self.target else "not shown"

    def render(self) -> str:
        """One line: the figure, its target, and the verdict."""
        return f"{self.render_figure()}   at most {self.target:g}{self.unit}: {self.verdict}"

    def render_figure(self) -> str:
        """One line: the median and its interval."""
        low, high = interval(self.values)
        digits = 0 if self.unit else 2
        figure = f"{statistics.median(self.values):.{digits}f}{self.unit}"
        return f"  {self.text:<64} {figure:>8} [{low:.{digits}f}, {high:.{digits}f}]"


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, ...]:
    """Our time over theirs, repetition by repetition."""
    return tuple(a / b for a, b in zip(ours, theirs, strict=True))
