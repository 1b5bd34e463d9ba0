"""How much of a graph leads back to a source line: the figure every face shows.

The four shares are always shown apart; their sum alone would hide how much is inferred.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tsviz.location import FileRange, How


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts of nodes by how surely their model line is known.

    Attributes:
        nodes: all nodes, nested blocks included.
        lines: number of distinct model lines.
        top_share: share (0 to 1) of the nodes on the most frequent line; a map that sends
            everything to one line is no map.
    """

    nodes: int
    exact: int
    call: int
    inferred: int
    none: int
    lines: int
    top_share: float

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.nodes:
            return "no nodes"
        linked = self.nodes - self.none
        parts = [f"{self.exact} exact", f"{self.call} call", f"{self.inferred} inferred"]
        parts += [f"{self.none} none"] if self.none else []
        return f"{percent(linked, self.nodes)} linked · {' · '.join(parts)}"


def percent(part: int, whole: int) -> str:
    """A percentage that says 100% only when nothing is missing and 0% only when all is."""
    if part in (0, whole):
        return "100%" if part and part == whole else "0%"
    return f"{min(99.9, max(0.1, 100 * part / whole)):.1f}%"


def measure_coverage(links: Iterable[tuple[FileRange | None, How]]) -> Coverage:
    """Counts the model line and its strength of every node."""
    strengths: Counter[How] = Counter()
    lines: Counter[tuple[str, int]] = Counter()
    for line, how in links:
        strengths[how if line is not None else How.NONE] += 1
        if line is not None:
            lines[line.file, line.line] += 1
    nodes = strengths.total()
    top = lines.most_common(1)
    return Coverage(
        nodes,
        strengths[How.EXACT],
        strengths[How.CALL],
        strengths[How.INFERRED],
        strengths[How.NONE],
        len(lines),
        top[0][1] / nodes if top else 0.0,
    )
