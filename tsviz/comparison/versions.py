"""Another version of a model beside it: two files, or one file before and after it changed."""

from collections.abc import Collection

from tsviz.comparison.align import Alignment, Lone, Match, Pair
from tsviz.comparison.beside import Beside
from tsviz.comparison.differences import ProgramDiff
from tsviz.frontends import Program


def lay_version_beside(program: Program, other: Program, found: ProgramDiff, title: str) -> Beside:
    """The other version beside the program, its nodes paired as `diff` paired them.

    Args:
        found: what `tsviz.diff(other, program)` found.
        title: what the other version is called.
    """
    partners = {after: before for before, after in found.pairs.items()}
    pairs = tuple(
        Pair(node, partners[node], program.model_line(program.graph.nodes[node]), Match.STRUCTURE)
        for node in program.graph.nodes
        if node in partners
    )
    alone = _lone(program, partners.keys()), _lone(other, found.pairs.keys())
    alignment = Alignment(program, other, pairs, *alone)
    return Beside(other.variant, alignment, title=title)


def _lone(program: Program, paired: Collection[int]) -> tuple[Lone, ...]:
    """The nodes without a counterpart."""
    return tuple(
        Lone(node.id, node.op, program.model_line(node))
        for node in program.graph.nodes.values()
        if node.id not in paired
    )
