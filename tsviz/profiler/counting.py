"""How often the nodes of a plan ran, from the marks at the start of its blocks.

A block runs from its first node to its last, so every node in it ran as often as the block did. A
group that runs in an executor of its own (what is differentiated) runs as often as its node; which
way branches inside it went is not known.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tsviz.ir import Block, Graph
from tsviz.jit.marking import UNMARKED, Mark
from tsviz.jit.sampling import Sampling

BRANCH, LOOP = "prim::If", "prim::Loop"


@dataclass(frozen=True, slots=True)
class Counts:
    """How often things ran.

    Attributes:
        nodes: id → calls; those of which they are not known are missing.
        blocks: (node, block) of an If or a Loop → how often it was entered.
    """

    nodes: Mapping[int, int]
    blocks: Mapping[Mark, int]


def has_blocks(plan: Graph) -> bool:
    """Whether runs can go different ways."""
    return any(node.op in (BRANCH, LOOP) for node in plan.nodes.values())


def count(plan: Graph, marked: Sequence[Sampling], runs: int) -> Counts:
    """Counts over all runs.

    Args:
        marked: marked runs; one does for a plan without blocks.
        runs: how many there were.
    """
    entered = Counter(
        passage.mark for run in marked for passage in run.passages if passage.mark[1] >= 0
    )
    nodes: dict[int, int] = {}
    stack: list[tuple[Block, int, bool]] = [(plan.block, runs, True)]
    while stack:
        block, times, is_marked = stack.pop()
        for node in block.nodes:
            nodes[node.id] = times
            inside = is_marked and node.op not in UNMARKED
            if node.op not in (BRANCH, LOOP):
                stack += [(inner, times, inside) for inner in node.blocks]
            elif is_marked:
                stack += [
                    (inner, entered[node.id, at], True) for at, inner in enumerate(node.blocks)
                ]
    return Counts(nodes, entered)
