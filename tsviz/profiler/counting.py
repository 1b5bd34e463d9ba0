"""How often the nodes of a plan ran, from the marks at the start of its blocks.

A block runs from its first node to its last, so every node in it ran as often as the block did. A
group that runs in an executor of its own (what is differentiated) runs as often as its node; which
way branches inside it went is not known.

What was specialised stands behind a guard, and beside it a call of a function with the same nodes
as they were before. Where the guard fails, that function runs; its ops bear the marks of the nodes
that were specialised, so these count as run.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tsviz.ir import Block, Graph, Node
from tsviz.jit.marking import BRANCH, LOOP, UNMARKED, Mark
from tsviz.jit.sampling import Sampling


@dataclass(frozen=True, slots=True)
class Counts:
    """How often things ran.

    Attributes:
        nodes: id → calls; those of which they are not known are missing.
        blocks: (node, block) of an If or a Loop → how often it was entered.
        fallbacks: id of the If of a guard → how often it failed, where it did.
    """

    nodes: Mapping[int, int]
    blocks: Mapping[Mark, int]
    fallbacks: Mapping[int, int]


def find_guards(plan: Graph) -> dict[int, int]:
    """The If of each guard → the node that calls what runs where the guard fails."""
    return {
        node.id: call
        for node in plan.nodes.values()
        if node.op == BRANCH and (call := _fallback_call(plan, node)) is not None
    }


def _fallback_call(plan: Graph, guard: Node) -> int | None:
    for node in guard.blocks[1].nodes:
        function = plan.producers.get(node.inputs[0]) if node.op == "prim::CallFunction" else None
        if function is not None and ("fallback", 1) in function.attributes:
            return node.id
    return None


def count(plan: Graph, marked: Sequence[Sampling], runs: int) -> Counts:
    """Counts over all runs.

    Args:
        marked: marked runs; one does for a plan without blocks.
        runs: how many there were.
    """
    entered = Counter(
        passage.mark for run in marked for passage in run.passages if passage.mark[1] >= 0
    )
    guards = find_guards(plan)
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
                inner = [entered[node.id, at] for at in range(len(node.blocks))]
                if node.id in guards:
                    inner[0] += inner[1]
                stack += zip(node.blocks, inner, [True] * len(inner), strict=True)
    fallbacks = {guard: entered[guard, 1] for guard in guards if entered[guard, 1]}
    return Counts(nodes, entered, fallbacks)
