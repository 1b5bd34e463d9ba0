"""Which containers are the same computation: equal numbers mean equal structure.

Two containers are alike when their nodes agree in order, op, attributes and wiring; names, ids,
source lines and weights do not count.
"""

from collections import Counter
from collections.abc import Sequence

from tsviz.ir import Graph, Node
from tsviz.views.containers import Container, Kind


def number_alike(graph: Graph, containers: Sequence[Container]) -> None:
    """Sets `alike` on every module container that has a twin."""
    order = {identity: at for at, identity in enumerate(graph.nodes)}
    digests = {
        id(container): _digest(graph, sorted(_nodes_in(container), key=order.__getitem__))
        for container in containers
        if container.kind is Kind.MODULE
    }
    frequent = [d for d, count in Counter(digests.values()).most_common() if count > 1]
    numbers = {digest: number for number, digest in enumerate(frequent)}
    for container in containers:
        container.alike = numbers.get(digests.get(id(container), 0), -1)


def _nodes_in(container: Container) -> list[int]:
    found: list[int] = []
    stack: list[Container | int] = [container]
    while stack:
        item = stack.pop()
        if isinstance(item, int):
            found.append(item)
        else:
            stack += item.children
    return found


def _digest(graph: Graph, nodes: list[int]) -> int:
    """A hash of the structure; values from outside are numbered as they are first met."""
    local: dict[int, int] = {}
    parts: list[object] = []
    for identity in nodes:
        node = graph.nodes[identity]
        if node.op in ("prim::Constant", "prim::GetAttr"):
            continue
        parts.append((node.op, _shape(node), tuple(_local(graph, v, local) for v in node.inputs)))
        for out in node.outputs:
            local.setdefault(out, len(local))
    return hash(tuple(parts))


def _local(graph: Graph, value: int, local: dict[int, int]) -> object:
    producer = graph.producers.get(value)
    if producer is not None and producer.op == "prim::Constant":
        return repr(producer.attributes)
    return local.setdefault(value, len(local))


def _shape(node: Node) -> tuple[object, ...]:
    return (len(node.outputs), len(node.blocks), repr(node.attributes))
