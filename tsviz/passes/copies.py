"""Which nodes of a graph are copies of which, told by the numbers of their values.

PyTorch numbers values as it makes them, and a copy is made in printed order. So the number of a
copied value is that of its place in the original, plus the number at which copying began; what was
taken away since leaves a gap. Values with a name of their own hide their number; they lie between
those that show it.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from tsviz.ir import Block, Graph, Node, SubgraphRef

_VOTERS, _EACH = 64, 8
_KINDS = 3  # so many ops make a coincidence unlikely
_NEAR = 8


@dataclass(frozen=True, slots=True)
class _Made:
    """A value in the order in which copying makes them: which result of which node it is."""

    node: Node | None
    index: int


def find_copies(before: Graph, after: Graph, new: Iterable[int]) -> dict[int, int]:
    """Id of a node of `after` → id of the node of `before` that it was copied from.

    Args:
        new: the nodes of `after` that may be copies, in printed order.

    Returns:
        Nothing where the numbers do not agree on where copying began.
    """
    return _Copies(before, after).find([after.nodes[node] for node in new])


class _Copies:
    def __init__(self, before: Graph, after: Graph) -> None:
        self.before, self.after = before, after
        self.made = list(_iter_made(before.block))

    def find(self, new: list[Node]) -> dict[int, int]:
        start = self._start(new)
        if start is None:
            return {}
        found: dict[int, int] = {}
        taken: set[int] = set()
        at = 0
        for node in new:
            number = self._number(node)
            places = range(at, at + _NEAR) if number is None else (number - start,)
            place = next((p for p in places if self._is_like(node, p, taken)), None)
            if place is not None:
                original = self.made[place].node
                assert original is not None
                found[node.id] = original.id
                taken.add(original.id)
                at = place + len(node.outputs)
        return found

    def _start(self, new: list[Node]) -> int | None:
        """The number of the first value of the copy, by vote."""
        places: dict[str, list[int]] = {}
        for place, made in enumerate(self.made):
            if made.node is not None and made.index == 0:
                places.setdefault(made.node.op, []).append(place)
        voters = list(islice(self._voters(new, places), _VOTERS))
        votes = Counter(number - place for op, number in voters for place in places[op])
        start, count = votes.most_common(1)[0] if votes else (0, 0)
        agreeing = {op for op, number in voters if number - start in places[op]}
        return start if 2 * count > len(voters) and len(agreeing) >= _KINDS else None

    def _voters(self, new: list[Node], places: Container[str]) -> Iterator[tuple[str, int]]:
        """Op and number of nodes that may be copies; a few of each op, as some come in masses."""
        seen: Counter[str] = Counter()
        for node in new:
            number = self._number(node) if node.op in places and seen[node.op] < _EACH else None
            if number is not None:
                seen[node.op] += 1
                yield node.op, number

    def _number(self, node: Node) -> int | None:
        """The number of a node's first result, which any of its results tells."""
        for index, out in enumerate(node.outputs):
            name = self.after.values[out].name
            if name.isdigit():
                return int(name) - index
        return None

    def _is_like(self, node: Node, place: int, taken: set[int]) -> bool:
        if not 0 <= place < len(self.made):
            return False
        original, index = self.made[place].node, self.made[place].index
        if original is None or index or original.id in taken or original.op != node.op:
            return False
        return len(original.outputs) == len(node.outputs)


def _iter_made(block: Block) -> Iterator[_Made]:
    """The values of a block as copying makes them; subgraphs number their values apart."""
    stack: list[Iterator[Block | Node]] = [iter((block,))]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
        elif isinstance(item, Block):
            yield from (_Made(None, index) for index in range(len(item.params)))
            stack.append(iter(item.nodes))
        else:
            yield from (_Made(item, index) for index in range(len(item.outputs)))
            own = {value.index for _, value in item.attributes if isinstance(value, SubgraphRef)}
            stack.append(iter([b for at, b in enumerate(item.blocks) if at not in own]))
