"""What was measured of a program: a profile, that profile against another, other conditions."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.given import as_profile, as_profile_comparison, as_sweep

if TYPE_CHECKING:
    from tsviz.frontends import Program
    from tsviz.profiler import Profile, ProfileComparison, Sweep


@dataclass(frozen=True, slots=True)
class Measured:
    """What is known by now.

    Attributes:
        profile: where the time goes.
        against: that profile held against another.
        sweep: the program under other conditions; the profile is then that of its first point.
    """

    profile: "Profile | None" = None
    against: "ProfileComparison | None" = None
    sweep: "Sweep | None" = None

    @property
    def program(self) -> "Program | None":
        """What was measured."""
        return None if self.profile is None else self.profile.program


NOTHING = Measured()


def measured_of(target: object) -> Measured:
    """What a profile, a comparison of two or a sweep holds; nothing, if it is none of these.

    Raises:
        UsageError: `TSV-T31` a sweep of which every point failed.
    """
    against, sweep = as_profile_comparison(target), as_sweep(target)
    if against is not None:
        return Measured(against.after, against)
    if sweep is not None:
        return of_sweep(sweep)
    return Measured(as_profile(target))


def of_sweep(sweep: "Sweep") -> Measured:
    """A sweep with the profile of its first point.

    Raises:
        UsageError: `TSV-T31` it failed everywhere.
    """
    made = next((one.profile for one in sweep.points if one.profile is not None), None)
    if made is None:
        message = f"`{sweep.program.title}` failed at each of {len(sweep.points)} points"
        found = (one.failure.message for one in sweep.points if one.failure is not None)
        raise UsageError(Diagnostic("TSV-T31", message, notes=tuple(dict.fromkeys(found))))
    return Measured(made, None, sweep)
