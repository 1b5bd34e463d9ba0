"""The parts of a folded graph: containers, and the roles of the nodes in them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from tsviz.ir import Graph, Node
from tsviz.location import FileRange


class Kind(IntEnum):
    """What a container stands for; the numbers travel to the browser."""

    GRAPH = 0
    MODULE = 1
    FUNCTION = 2
    CONTROL = 3
    BLOCK = 4
    LINES = 5
    SUBGRAPH = 6


class Role(IntEnum):
    """What part a node plays in the picture; the numbers travel to the browser."""

    OP = 0
    CONSTANT = 1
    ATTRIBUTE = 2
    PLUMBING = 3
    CONTROL = 4
    CALL = 5


_ROLES = {
    "prim::Constant": Role.CONSTANT,
    "prim::ConstantMKLDNNTensor": Role.CONSTANT,
    "prim::GetAttr": Role.ATTRIBUTE,
    "prim::If": Role.CONTROL,
    "prim::Loop": Role.CONTROL,
    "prim::CallMethod": Role.CALL,
    "prim::CallFunction": Role.CALL,
    "prim::fork": Role.CALL,
    "aten::Int": Role.PLUMBING,
    "aten::Bool": Role.PLUMBING,
    "aten::Float": Role.PLUMBING,
}
_PLUMBING = ("Construct", "Unpack", "Index", "unchecked_cast", "NumToTensor", "Uninitialized")


def role_of(node: Node) -> Role:
    """The part `node` plays."""
    role = _ROLES.get(node.op)
    if role is not None:
        return role
    if node.op.startswith("prim::") and node.op.endswith(_PLUMBING):
        return Role.PLUMBING
    return Role.OP


def is_stub(node: Node) -> bool:
    """Whether a node is drawn at its users, and no box of its own."""
    return role_of(node) in (Role.CONSTANT, Role.ATTRIBUTE)


@dataclass(slots=True, eq=False)
class Container:
    """One fold of the tree.

    Attributes:
        path: of the module, "" at the top.
        node: of an If, a Loop, a fork, else -1.
        frame: where it was called.
        alike: equal numbers ≥ 0 mean equal structure, -1 that there is no twin.
        children: containers and node ids in graph order, then the ids of stubs. The id of a node
            with blocks precedes the container that draws it.
    """

    kind: Kind
    label: str
    detail: str = ""
    path: str = ""
    node: int = -1
    frame: FileRange | None = None
    alike: int = -1
    open: bool = False
    parent: "Container | None" = field(default=None, repr=False)
    children: list["Container | int"] = field(default_factory=list["Container | int"], repr=False)

    @property
    def inner(self) -> "list[Container]":
        """The containers directly inside."""
        return [child for child in self.children if isinstance(child, Container)]

    def add(self, child: "Container") -> "Container":
        """Appends `child` and returns it."""
        child.parent = self
        self.children.append(child)
        return child

    def adopt(self, children: "list[Container | int]") -> None:
        """Takes `children` over from their parent, behind its own."""
        self.children += children
        for child in children:
            if isinstance(child, Container):
                child.parent = self


def preorder(root: Container) -> Iterator[Container]:
    """A container and all below it, parents first."""
    stack = [root]
    while stack:
        container = stack.pop()
        yield container
        stack += reversed(container.inner)


def nodes_in(container: Container) -> list[int]:
    """The ids of all nodes in a container and below it."""
    return [
        child for inner in preorder(container) for child in inner.children if isinstance(child, int)
    ]


def count_boxes(container: Container, graph: Graph) -> int:
    """Boxes that unfolding shows: inner containers, and nodes that are drawn by themselves."""
    inner = container.inner
    owners = {child.node for child in inner}
    alone = (
        child
        for child in container.children
        if isinstance(child, int) and child not in owners and not is_stub(graph.nodes[child])
    )
    return len(inner) + sum(1 for _ in alone)
