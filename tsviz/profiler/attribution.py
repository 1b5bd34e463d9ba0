"""From what the profiler noted to the nodes of the plan.

A profiled run of the executor names, for each op, the node of the *program* that it comes from:
copies that unrolling made bear one mark, and what a pass made anew may bear none. A marked run of
the same plan, in which every node has a mark of its own, tells them apart: what both ran under one
mark and one name is the same, one after the other.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tsviz.ir import Graph
from tsviz.jit.marking import FIRST
from tsviz.jit.sampling import Op, Sampling

_Key = tuple[int | None, str]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an op is.

    Attributes:
        nodes: ids of nodes of the plan; () where none is known.
    """

    nodes: tuple[int, ...] = ()


class Attribution:
    """Finds the nodes of ops of one plan."""

    def __init__(self, plan: Graph, tags: Mapping[int, int]) -> None:
        """Prepares.

        Args:
            tags: id of a node of the plan → the mark it bears there.
        """
        self._nodes = tuple(plan.nodes.values())
        self._tags = tags
        self._bearers: defaultdict[int, list[int]] = defaultdict(list)
        self._callers: defaultdict[_Key, list[int]] = defaultdict(list)
        for node in self._nodes:
            tag = tags.get(node.id)
            if tag is not None:
                self._bearers[tag].append(node.id)
                self._callers[tag, node.op].append(node.id)

    def own(self, marked: Sequence[Op]) -> list[int | None]:
        """The node of each op of a marked run; `None` also in functions that the plan calls."""
        tags = (-1 if op.tag is None else op.tag - FIRST for op in marked)
        return [self._nodes[tag].id if tag >= 0 else None for tag in tags]

    def assign(self, run: Sampling, marked: Sampling | None) -> list[Owner]:
        """Whose the ops of a profiled run are.

        Args:
            run: of the executor.
            marked: the marked run that began from the same state, if there is one.
        """
        seen: defaultdict[_Key, list[int | None]] = defaultdict(list)
        if marked is not None:
            for op, node in zip(marked.ops, self.own(marked.ops), strict=True):
                tag = op.tag if node is None else self._tags.get(node)
                seen[tag, op.name].append(node)
        places: defaultdict[_Key, list[int]] = defaultdict(list)
        for at, op in enumerate(run.ops):
            places[op.tag, op.name].append(at)
        owners = [Owner()] * len(run.ops)
        for key, found in places.items():
            nodes = seen.get(key, [])
            if len(nodes) == len(found) and None not in nodes:
                for at, node in zip(found, nodes, strict=True):
                    owners[at] = Owner((node or 0,))
                continue
            owner = Owner(self._candidates(key, nodes))
            for at in found:
                owners[at] = owner
        return owners

    def _candidates(self, key: _Key, nodes: list[int | None]) -> tuple[int, ...]:
        """The nodes it may be, those that a marked run showed first."""
        shown = tuple(dict.fromkeys(node for node in nodes if node is not None))
        if shown or key[0] is None:
            return shown
        callers = self._callers.get(key)
        return tuple(callers or self._bearers.get(key[0], ()))


def split(total: int, parts: int) -> list[int]:
    """`total` in `parts` whole numbers that differ by 1 at most and add up to it."""
    each, rest = divmod(total, parts)
    return [each + (at < rest) for at in range(parts)]
