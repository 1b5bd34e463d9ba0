"""Which containers are the same computation: equal numbers mean equal structure.

Two containers are alike when what they hold agrees in order, op, attributes and wiring; names,
ids, source lines and weights do not count. Each container is compared through its children, and a
child counts as one step with inputs and outputs, so that deep nesting costs no more than flat.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tsviz.ir import Graph
from tsviz.views.containers import ContainerTree
from tsviz.views.tree import Container, Kind, is_stub


def number_alike(graph: Graph, tree: ContainerTree) -> None:
    """Sets `alike` on every module container that has a twin."""
    shapes = _Shapes(graph, tree)
    classes = {id(container): shapes.add(container) for container in reversed(tree.containers)}
    modules = [c for c in tree.containers if c.kind is Kind.MODULE]
    counts = Counter(classes[id(container)] for container in modules)
    twins = [shape for shape, count in counts.most_common() if count > 1]
    numbers = {shape: number for number, shape in enumerate(twins)}
    for container in modules:
        container.alike = numbers.get(classes[id(container)], -1)


@dataclass(frozen=True, slots=True)
class _Step:
    """A node or a container as its parent sees it.

    Attributes:
        shape: equal shapes mean equal structure.
        inputs: values it reads, in the order in which it first does.
        outputs: values it yields that are read elsewhere.
    """

    shape: object
    inputs: Sequence[int]
    outputs: Sequence[int]


class _Shapes:
    """The steps of all containers; inner ones are added before those around them."""

    def __init__(self, graph: Graph, tree: ContainerTree) -> None:
        self.graph = graph
        self.tree = tree
        self.rows = {id(container): row for row, container in enumerate(tree.containers)}
        self.last_rows: dict[int, int] = {}
        self.steps: dict[int, _Step] = {}
        self.known: dict[tuple[object, ...], int] = {}

    def add(self, container: Container) -> object:
        """The shape of a container."""
        local: dict[int, int] = {}
        made: dict[int, None] = {}
        parts: list[object] = []
        for child in container.children:
            step = self._step(child)
            if step is None:
                continue
            parts.append((step.shape, self._operands(step.inputs, local)))
            for value in step.outputs:
                local.setdefault(value, len(local))
                made[value] = None
        if container.kind is Kind.CONTROL:
            blocks = self.graph.nodes[container.node].blocks
            parts += (self._operands(block.returns, local) for block in blocks)
        shape = self.known.setdefault((container.kind, *parts), len(self.known))
        rows = self._extent(container)
        outputs = [value for value in made if self._is_read_outside(value, rows)]
        inputs = [value for value in local if value not in made]
        self.steps[id(container)] = _Step(shape, inputs, outputs)
        return shape

    def _step(self, child: Container | int) -> _Step | None:
        if isinstance(child, Container):
            return self.steps[id(child)]
        node = self.graph.nodes[child]
        if is_stub(node):
            return None
        shape = (node.op, len(node.outputs), len(node.blocks), repr(node.attributes))
        return _Step(shape, node.inputs, node.outputs)

    def _operands(self, values: Iterable[int], local: dict[int, int]) -> tuple[object, ...]:
        """What is read: a constant by itself, a weight by its name, else where it was first met."""
        return tuple(self._operand(value, local) for value in values)

    def _operand(self, value: int, local: dict[int, int]) -> object:
        maker = self.graph.producers.get(value)
        if maker is not None and is_stub(maker):
            return repr(maker.attributes)
        return local.setdefault(value, len(local))

    def _extent(self, container: Container) -> range:
        """The rows of a container and all below it."""
        first = self.rows[id(container)]
        inner = (self.last_rows[id(child)] for child in container.inner)
        self.last_rows[id(container)] = last = max(inner, default=first)
        return range(first, last + 1)

    def _is_read_outside(self, value: int, rows: range) -> bool:
        uses = self.graph.users.get(value, ())
        return any(self.tree.of_node.get(use.node, -1) not in rows for use in uses)
