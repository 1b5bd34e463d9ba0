"""What is suspected of being lost, and what speaks for it: filled while inputs are tried."""

from dataclasses import dataclass, field

from tsviz.comparison.candidates import Candidate
from tsviz.comparison.changes import Change, Spot
from tsviz.comparison.gaps import Gap
from tsviz.comparison.subject import Outcome
from tsviz.location import FileRange


@dataclass(frozen=True, slots=True)
class Proof:
    """An input on which the variant is wrong, because of one spot."""

    candidate: Candidate
    expected: Outcome
    found: Outcome
    gap: Gap
    affected: tuple[FileRange, ...] = ()


@dataclass(slots=True)
class Suspect:
    """One spot.

    Attributes:
        change: the first change that was seen there, `None` where there was none.
        changed: in how many inputs something else happened there.
        agreed: in how many of these the variant was right all the same.
        refused: how often Python refused an input at this place.
        proof, outside: what shows it, inside and outside the domain.
        warnings: what PyTorch warned of.
    """

    spot: Spot
    change: Change | None = None
    changed: int = 0
    agreed: int = 0
    refused: int = 0
    proof: Proof | None = None
    outside: Proof | None = None
    warnings: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a proof is still looked for."""
        return self.proof is None


@dataclass(slots=True)
class Suspects:
    """All of them, in the order in which they were met."""

    by_spot: dict[Spot, Suspect] = field(default_factory=dict[Spot, Suspect])

    def at(self, spot: Spot) -> Suspect:
        """The one of a spot."""
        return self.by_spot.setdefault(spot, Suspect(spot))

    def unchanged(self) -> list[Suspect]:
        """Those that decide something, and decided the same each time by now."""
        return [one for one in self.by_spot.values() if one.change is None and one.spot.site]
