"""Where a program's time and memory go, measured on the nodes of what really runs."""

from tsviz.profiler.measure import Progress, profile
from tsviz.profiler.profile import Profile
from tsviz.profiler.roofline import Roofline, measure_roofline
from tsviz.profiler.samples import Accounting, Check, Piece, Sample, Spread, WarmUp

__all__ = [
    "Accounting",
    "Check",
    "Piece",
    "Profile",
    "Progress",
    "Roofline",
    "Sample",
    "Spread",
    "WarmUp",
    "measure_roofline",
    "profile",
]
