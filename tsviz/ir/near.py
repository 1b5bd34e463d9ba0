"""Which nodes stand near a node: where to look for what is not known about the node itself.

The nearest first: a constant that only this node uses was written in the same expression; what
takes a tuple or list apart stands where that was made; then the users of its results, the makers of
its arguments, the nodes beside it in its block, and the If or Loop around. Whoever asks says what
counts as an answer.
"""

from collections.abc import Callable, Iterable, Sequence

from tsviz.ir.graph import Graph, Node

Adopt = Callable[[Node, int], bool]
"""Whether a node could take over what is known about the node with that id."""

_BESIDE = 8
_UNPACKS = ("prim::ListUnpack", "prim::TupleUnpack")


def settle_near(graph: Graph, pending: Sequence[Node], adopt: Adopt) -> list[Node]:
    """Offers every node the nodes near it until one is adopted.

    Args:
        pending: in printed order.

    Returns:
        The nodes that adopted none.
    """
    near = _Near(graph, pending)
    pending = _settle(pending, near.own_constants, adopt)
    pending = _settle(pending, near.unpacked, adopt)
    pending = _settle(pending[::-1], near.users, adopt)[::-1]
    pending = _settle(pending, near.producers, adopt)
    pending = _settle(pending, near.beside, adopt)
    return _settle(pending, near.owners, adopt)


def _settle(
    pending: Sequence[Node], candidates: Callable[[Node], Iterable[int]], adopt: Adopt
) -> list[Node]:
    return [node for node in pending if not any(adopt(node, other) for other in candidates(node))]


class _Near:
    def __init__(self, graph: Graph, pending: Sequence[Node]) -> None:
        self.graph = graph
        self.places = _find_places(graph, {node.id for node in pending})

    def own_constants(self, node: Node) -> Iterable[int]:
        """Constants that nothing else uses, and the weights of a frozen module."""
        for maker in self._makers(node):
            if maker.op == "prim::Constant" and self._is_own(maker.outputs[0]):
                yield maker.id

    def _is_own(self, constant: int) -> bool:
        used_once = len(self.graph.users[constant]) == 1
        return used_once or self.graph.values[constant].name.startswith("self.")

    def unpacked(self, node: Node) -> Iterable[int]:
        """What made the tuple or list that the node takes apart."""
        return (maker.id for maker in self._makers(node)) if node.op in _UNPACKS else ()

    def users(self, node: Node) -> Iterable[int]:
        uses = self.graph.users
        return (use.node for out in node.outputs for use in uses.get(out, ()) if use.index >= 0)

    def producers(self, node: Node) -> Iterable[int]:
        """Makers of the arguments, and what is inside the node's own blocks.

        Constants do not count: equal ones are pooled into the first that was needed.
        """
        yield from (maker.id for maker in self._makers(node) if maker.op != "prim::Constant")
        yield from (inner.id for block in node.blocks for inner in block.nodes)

    def beside(self, node: Node) -> Iterable[int]:
        """First the nodes after it, then those before."""
        ids, at = self.places[node.id]
        return (*ids[at + 1 : at + 1 + _BESIDE], *reversed(ids[max(0, at - _BESIDE) : at]))

    def owners(self, node: Node) -> Iterable[int]:
        """The If or Loop whose block returns what the node yields."""
        uses = (use for out in node.outputs for use in self.graph.users.get(out, ()))
        return (use.node for use in uses if use.index < 0 and use.node)

    def _makers(self, node: Node) -> Iterable[Node]:
        producers = self.graph.producers
        return (producers[value] for value in node.inputs if value in producers)


def _find_places(graph: Graph, wanted: set[int]) -> dict[int, tuple[list[int], int]]:
    """Node id → the ids of the nodes of its block, and its place among them."""
    if not wanted:
        return {}
    inner = [block for node in graph.nodes.values() for block in node.blocks]
    places: dict[int, tuple[list[int], int]] = {}
    for block in (graph.block, *inner):
        ids = [node.id for node in block.nodes]
        places |= {identity: (ids, at) for at, identity in enumerate(ids) if identity in wanted}
    return places
