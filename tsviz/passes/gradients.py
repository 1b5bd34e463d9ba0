"""Which node of a forward graph each node of its backward graph belongs to.

Autodiff puts what it makes for a node into a `prim::GradOf` with the node's op for a name, and its
log says which value is the gradient of which. So from the results on, whose gradients are the
arguments, the two graphs can be walked together: what takes the gradient of a node's results is
that node's `prim::GradOf`, and what it yields are gradients of what the node was given.
"""

from collections.abc import Sequence

from tsviz.ir import Graph, Node, Use, iter_block, settle_near
from tsviz.jit.autodiff_log import Differentiation
from tsviz.location import How
from tsviz.passes.records import Action, Origin

_GRADIENT, _SUM = "prim::GradOf", "prim::AutogradAdd"


def pair_gradients(log: Differentiation, forward: Graph, backward: Graph) -> dict[int, int]:
    """Id of a node of the backward graph → id of the forward node it is the gradient of.

    Args:
        log: what autodiff said.
        forward, backward: its two graphs, read; node and value ids are those of the result.

    Returns:
        The nodes that autodiff's own notes lead to; others are missing.
    """
    return _Pairing(log, forward, backward).run()


def find_gradients(backward: Graph, forward: Sequence[int]) -> tuple[Origin, ...]:
    """Origins of the nodes of a backward graph, those without a note from the nodes near by.

    Args:
        forward: for its nodes, in printed order, the node each is the gradient of, or 0; nodes at
            the end may be missing.
    """
    nodes = list(backward.iter_nodes())
    found = {
        node.id: Origin(node.id, (source,), Action.GRADIENT, How.INFERRED)
        for node, source in zip(nodes, forward, strict=False)
        if source
    }

    def adopt(node: Node, other: int) -> bool:
        near = found.get(other)
        if near is not None:
            found[node.id] = Origin(node.id, near.sources, Action.CREATED, How.INFERRED)
        return near is not None

    settle_near(backward, [node for node in nodes if node.id not in found], adopt)
    return tuple(found.values())


class _Pairing:
    """Walks the backward graph; `of` is the forward value that a value is the gradient of."""

    def __init__(self, log: Differentiation, forward: Graph, backward: Graph) -> None:
        self.forward, self.backward = forward, backward
        self.sums = {gradient: value for value, gradient in log.sums}
        self.values = {value.name: value.id for value in forward.values.values()}
        self.of: dict[int, int] = {}
        for (value, _), param in zip(log.seeds, backward.block.params, strict=False):
            if value in self.values:
                self.of[param] = self.values[value]
        self.entries = self._by_node(list(log.entries[len(log.seeds) :]))

    def run(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for node in self.backward.block.nodes:
            source = self._source(node)
            if source is None:
                continue
            found[node.id] = source
            inner = (made for block in node.blocks for made in iter_block(block))
            found.update((made.id, source) for made in inner)
        return found

    def _source(self, node: Node) -> int | None:
        if node.op == _SUM:
            return self._sum(node)
        if node.op != _GRADIENT:
            return None
        makers = (self.forward.producers.get(self.of.get(value, 0)) for value in node.inputs)
        maker = next((maker for maker in makers if maker is not None), None)
        if maker is None or maker.op != node.get_attribute("name"):
            return None
        self._enter(node, maker)
        return maker.id

    def _sum(self, node: Node) -> int | None:
        """A sum of gradients of one value belongs to what made that value, or else uses it."""
        known = [self.of[value] for value in node.inputs if value in self.of]
        value = next(iter(known), None)
        if value is None:
            value = self.values.get(self.sums.get(self._name(node.outputs[0]), ""))
        if value is None:
            return None
        self.of[node.outputs[0]] = value
        maker = self.forward.producers.get(value)
        if maker is not None:
            return maker.id
        return next((use.node for use in self.forward.users.get(value, ()) if use.node), None)

    def _by_node(self, entries: list[tuple[str, str]]) -> dict[int, list[tuple[int, str]]]:
        """Forward node → the notes made for it: pairs of what it was given, and the gradient.

        Autodiff visits what has a gradient already, from the end on.
        """
        found: dict[int, list[tuple[int, str]]] = {}
        visited = set(self.of.values())
        todo = entries[::-1]
        for node in reversed(self.forward.block.nodes):
            if visited.isdisjoint(node.outputs):
                continue
            inputs = list(node.inputs)
            while todo and (at := self._given(inputs, todo[-1][0])) is not None:
                found.setdefault(node.id, []).append((inputs[at], todo.pop()[1]))
                visited.add(inputs[at])
                del inputs[: at + 1]
        return found

    def _enter(self, gradient: Node, maker: Node) -> None:
        """Notes what the results of a gradient are gradients of."""
        entries = self.entries.get(maker.id, [])
        outputs = list(gradient.outputs)
        for value, name in entries:
            # results that nothing uses were taken out since the notes were made
            at = 0 if len(entries) == len(gradient.outputs) else self._find(outputs, name, value)
            if at is not None:
                self.of[outputs[at]] = value
                del outputs[: at + 1]

    def _given(self, inputs: list[int], name: str) -> int | None:
        """Which of a node's inputs is meant: formulas with names of their own rename values."""
        names = [self.forward.values[value].name for value in inputs]
        if name in names:
            return names.index(name)
        bases = [_base(known) for known in names]
        return bases.index(_base(name)) if _base(name) in bases else None

    def _find(self, outputs: list[int], name: str, value: int) -> int | None:
        """Which of the results is meant: their names were numbered anew since the note."""
        for at, out in enumerate(outputs):
            if name and _base(self._name(out)) == _base(name):
                return at
            if not name and any(self._adds_to(use.node, value) for use in self._uses(out)):
                return at
        return None

    def _adds_to(self, user: int, value: int) -> bool:
        node = self.backward.nodes.get(user)
        return node is not None and node.op == _SUM and self.of.get(node.inputs[0]) == value

    def _uses(self, value: int) -> tuple[Use, ...]:
        return self.backward.users.get(value, ())

    def _name(self, value: int) -> str:
        return self.backward.values[value].name


def _base(name: str) -> str:
    base, dot, number = name.rpartition(".")
    return base if dot and number.isdigit() else name
