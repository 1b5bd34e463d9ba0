"""Which of the places where Python decides still decide in a variant's graph."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from linecache import getlines

from tsviz.comparison.sites import LOOPS, Site, SiteKind, file_range
from tsviz.frontends import Program
from tsviz.location import FileRange, How, iter_frames


@dataclass(frozen=True, slots=True)
class ControlFlow:
    """The sites that ran in Python, by what became of them.

    Attributes:
        kept: those of which the graph has a `prim::If` or a `prim::Loop`.
        lost: the others: what is decided for good, when the variant is made.
    """

    kept: tuple[Site, ...]
    lost: tuple[Site, ...]

    @property
    def total(self) -> int:
        """How many sites ran."""
        return len(self.kept) + len(self.lost)


def find_control_flow(program: Program, sites: Iterable[Site]) -> ControlFlow:
    """What a program keeps of some sites, by line and column.

    Nodes of one line are told apart by where the statement or expression begins, as far as the
    program knows columns; several that begin at one place count as often as the graph has them.
    """
    free = _decisions(program)
    kept: list[Site] = []
    lost: list[Site] = []
    for site in sites:
        places = free.get((_op(site), site.place.file, site.span[0]), [])
        found = next((place for place in places if _begins(place, site)), None)
        if found is None:
            lost.append(site)
        else:
            places.remove(found)
            kept.append(site)
    return ControlFlow(tuple(kept), tuple(lost))


_UNKNOWN = frozenset({SiteKind.TRY, SiteKind.MATCH})
"""TorchScript has neither."""


def _op(site: Site) -> str:
    if site.kind in _UNKNOWN:
        return ""
    return "prim::Loop" if site.kind in LOOPS else "prim::If"


def _decisions(program: Program) -> dict[tuple[str, str, int], list[FileRange]]:
    """The ranges that an If or a Loop was written at, by op, file and line; inlined ones once."""
    found: defaultdict[tuple[str, str, int], dict[FileRange, None]] = defaultdict(dict)
    for node in program.graph.iter_nodes():
        link = program.graph.link(node)
        if node.op in ("prim::If", "prim::Loop") and link.how is How.EXACT:
            place = next(iter_frames(link.location), None)
            if place is not None:
                found[node.op, place.file, place.line][place] = None
    return {key: list(places) for key, places in found.items()}


def _begins(place: FileRange, site: Site) -> bool:
    """Whether a range begins where a site does."""
    file = site.place.file
    return place.is_whole_line or place.col == file_range(file, site.span, getlines(file), "").col
