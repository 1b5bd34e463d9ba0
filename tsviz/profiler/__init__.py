"""Where a program's time and memory go, measured on the nodes of what really runs."""

from tsviz.profiler.against import FEW, Change, ProfileComparison
from tsviz.profiler.measure import INTERRUPTED, Progress, profile
from tsviz.profiler.noise import Difference
from tsviz.profiler.profile import Profile
from tsviz.profiler.rates import Rate, Throughput, throughput
from tsviz.profiler.roofline import Roofline, measure_roofline
from tsviz.profiler.samples import Accounting, Check, Piece, Sample, Spread, WarmUp
from tsviz.profiler.sweeping import Point, Sweep, sweep

__all__ = [
    "FEW",
    "INTERRUPTED",
    "Accounting",
    "Change",
    "Check",
    "Difference",
    "Piece",
    "Point",
    "Profile",
    "ProfileComparison",
    "Progress",
    "Rate",
    "Roofline",
    "Sample",
    "Spread",
    "Sweep",
    "Throughput",
    "WarmUp",
    "measure_roofline",
    "profile",
    "sweep",
    "throughput",
]
