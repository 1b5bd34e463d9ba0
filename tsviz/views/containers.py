"""How a graph folds: a tree of module calls, control-flow boxes and groups of source lines.

Every node is drawn in one container. A module call is a run of nodes with the same module path;
called twice, it is two containers. If and Loop are containers of their blocks. Where a container
would hold too many boxes, neighbours on one source line are grouped, so that no unfolding ever
shows more than `CROWD` boxes at once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby
from math import ceil

from tsviz.frontends import Program, find_model_frame, is_torch, iter_model_frames
from tsviz.ir import Block, Graph, Node, SubgraphRef
from tsviz.location import FileRange

CROWD = 60
BUDGET = 60
"""Boxes the default view aims at; it is opened breadth-first until the next step would pass it."""


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


@dataclass(slots=True, eq=False)
class Container:
    """One fold of the tree; `children` holds containers and node ids in graph order."""

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

    def add(self, child: "Container") -> "Container":
        """Appends `child` and returns it."""
        child.parent = self
        self.children.append(child)
        return child


@dataclass(frozen=True, slots=True)
class ContainerTree:
    """The tree of one graph: `containers` in preorder, and the container of every node id."""

    containers: tuple[Container, ...]
    of_node: Mapping[int, int]


def build_containers(program: Program, graph: Graph) -> ContainerTree:
    """The container tree of one of a program's graphs, with its default folds opened."""
    builder = _Builder(program, graph)
    root = builder.build()
    _crowd_control(root, builder.line_of)
    containers = tuple(_preorder(root))
    of_node = {
        child: index
        for index, container in enumerate(containers)
        for child in container.children
        if isinstance(child, int)
    }
    _find_calls(graph, containers)
    _open_default(root, graph)
    return ContainerTree(containers, of_node)


class _Builder:
    def __init__(self, program: Program, graph: Graph) -> None:
        self.program = program
        self.graph = graph
        self.types = {module.path: module.type_name for module in program.modules}
        self.stubs: list[Node] = []
        self.homes: dict[int, Container] = {}

    def build(self) -> Container:
        root = Container(Kind.GRAPH, self.program.title, self.graph.name)
        self._fill(root, self.graph.block, "")
        self._place_stubs(root)
        return root

    def line_of(self, node: int) -> FileRange | None:
        """The model line of a node id."""
        link = self.graph.links.get(node)
        return None if link is None else find_model_frame(link.location)

    def _fill(self, root: Container, block: Block, base: str) -> None:
        """Puts the nodes of a block into `root`, opening a container for each module call."""
        here, path = root, base
        for node in block.nodes:
            if role_of(node) in (Role.CONSTANT, Role.ATTRIBUTE):
                self.stubs.append(node)
                continue
            target = self.graph.scopes.get(node.id, "")
            target = target if _inside(target, base) else base
            here, path = self._move(here, path, target)
            self._put(here, node, target)

    def _move(self, here: Container, path: str, target: str) -> tuple[Container, str]:
        while path and not _inside(target, path) and here.parent is not None and here.path == path:
            here = here.parent
            path = here.path if here.kind is Kind.MODULE else path.rpartition(".")[0]
        if target == path:
            return here, path
        for name in target[len(path) :].strip(".").split("."):
            path = f"{path}.{name}" if path else name
            module = Container(Kind.MODULE, name, self.types.get(path, ""), path)
            here = here.add(module)
        return here, path

    def _put(self, here: Container, node: Node, path: str) -> None:
        self.homes[node.id] = here
        if not node.blocks:
            here.children.append(node.id)
            return
        here.children.append(node.id)
        control = here.add(Container(Kind.CONTROL, self._title(node), node.op, path, node.id))
        control.frame = self.line_of(node.id)
        for index, block in enumerate(node.blocks):
            label = _block_label(node, index)
            kind = Kind.SUBGRAPH if label == "subgraph" else Kind.BLOCK
            inner = control.add(Container(kind, label, "", path))
            self._fill(inner, block, path)

    def _title(self, node: Node) -> str:
        """The statement that made a control-flow node, as it stands in the source."""
        line = self.line_of(node.id)
        source = self.program.sources.get(line.file) if line is not None else None
        if line is not None and source is not None and not is_torch(line.file):
            rows = source.text.split("\n")
            text = rows[line.line - 1].strip().rstrip(":") if line.line <= len(rows) else ""
            if text.startswith(("if ", "elif ", "for ", "while ", "assert ", "return ")):
                return text
        return {"prim::If": "if", "prim::Loop": "loop"}.get(node.op, node.op)

    def _place_stubs(self, root: Container) -> None:
        """Constants and attribute reads go where they are first used: they are drawn there."""
        users = self.graph.users
        for node in reversed(self.stubs):
            uses = (use.node for out in node.outputs for use in users.get(out, ()))
            home = next((self.homes[user] for user in uses if user in self.homes), root)
            self.homes[node.id] = home
            home.children.append(node.id)


def _inside(path: str, parent: str) -> bool:
    return not parent or path == parent or path.startswith(parent + ".")


def _block_label(node: Node, index: int) -> str:
    if any(value == SubgraphRef(index) for _, value in node.attributes):
        return "subgraph"
    if node.op == "prim::If":
        return ("then", "else")[index] if index < 2 else "block"
    return "body"


# ── keeping containers small ────────────────────────────────────────────────────────────────────


def _crowd_control(root: Container, line_of: "object") -> None:
    for container in list(_preorder(root)):
        if len(container.children) > CROWD:
            _group_lines(container, line_of)
        while len(container.children) > CROWD:
            _chunk(container)


def _group_lines(container: Container, line_of: "object") -> None:
    """Gathers neighbouring nodes of one source line."""

    def key(child: Container | int) -> object:
        line = line_of(child) if isinstance(child, int) else None  # type: ignore[operator]
        return (line.file, line.line) if line is not None else id(child)

    groups = [list(run) for _, run in groupby(container.children, key)]
    container.children = []
    for run in groups:
        if len(run) < 3 or not isinstance(run[0], int):
            container.children += run
            continue
        line = line_of(run[0])  # type: ignore[operator]
        group = Container(Kind.LINES, _short(line), f"{len(run)} nodes", container.path, frame=line)
        _adopt(group, run)
        container.add(group)


def _chunk(container: Container) -> None:
    """Cuts the children into at most `CROWD` runs of equal length."""
    children = container.children
    size = ceil(len(children) / CROWD)
    container.children = []
    for start in range(0, len(children), size):
        run = children[start : start + size]
        if len(run) == 1:
            container.children += run
            continue
        label = f"{start + 1} to {start + len(run)} of {len(children)}"
        group = Container(Kind.LINES, label, "in graph order", container.path)
        _adopt(group, run)
        container.add(group)


def _adopt(group: Container, children: "list[Container | int]") -> None:
    group.children = children
    for child in children:
        if isinstance(child, Container):
            child.parent = group


def _short(line: FileRange | None) -> str:
    if line is None:
        return "no line"
    return f"{line.file.replace(chr(92), '/').rpartition('/')[2]}:{line.line}"


def _preorder(root: Container) -> Iterator[Container]:
    stack = [root]
    while stack:
        container = stack.pop()
        yield container
        stack += [c for c in reversed(container.children) if isinstance(c, Container)]


# ── where a module was called ───────────────────────────────────────────────────────────────────


def _find_calls(graph: Graph, containers: tuple[Container, ...]) -> None:
    """The call line of a container is the first frame its nodes share beyond its parent's."""
    shared: dict[int, tuple[FileRange, ...] | None] = {}
    for container in reversed(containers):
        common: tuple[FileRange, ...] | None = None
        for child in container.children:
            outer = shared[id(child)] if isinstance(child, Container) else _outer(graph, child)
            common = outer if common is None else _prefix(common, outer)
        shared[id(container)] = common
    for container in containers:
        if container.kind is not Kind.MODULE or container.parent is None:
            continue
        depth = len(shared[id(container.parent)] or ())
        beyond = (shared[id(container)] or ())[depth:]
        container.frame = next((f for f in beyond if not is_torch(f.file)), None)


def _outer(graph: Graph, node: int) -> tuple[FileRange, ...] | None:
    link = graph.links.get(node)
    frames = tuple(iter_model_frames(link.location)) if link is not None else ()
    return frames[::-1] or None


def _prefix(
    a: tuple[FileRange, ...], b: tuple[FileRange, ...] | None
) -> tuple[FileRange, ...]:
    if b is None:
        return a
    length = 0
    for x, y in zip(a, b, strict=False):
        if (x.file, x.line) != (y.file, y.line):
            break
        length += 1
    return a[:length]


# ── the default view ────────────────────────────────────────────────────────────────────────────


def _open_default(root: Container, graph: Graph) -> None:
    """Opens containers breadth-first while the boxes in view stay within the budget.

    What one source line did stays folded: its parts are PyTorch's own."""
    root.open = True
    boxes = _boxes(root, graph)
    lines = _lines_by_container(root, graph)
    level = _inner(root)
    while level:
        following: list[Container] = []
        for container in level:
            gain = _boxes(container, graph) - 1
            if len(lines[id(container)]) > 1 and boxes + gain <= BUDGET:
                container.open = True
                boxes += gain
                following += _inner(container)
        level = following


def _lines_by_container(root: Container, graph: Graph) -> dict[int, set[tuple[str, int]]]:
    """Container → its distinct model lines, two at the most (more do not matter here)."""
    found: dict[int, set[tuple[str, int]]] = {}
    for container in reversed(list(_preorder(root))):
        lines: set[tuple[str, int]] = set()
        for child in container.children:
            if len(lines) > 1:
                break
            if isinstance(child, Container):
                lines |= found[id(child)]
            elif (link := graph.links.get(child)) is not None:
                frame = find_model_frame(link.location)
                lines |= {(frame.file, frame.line)} if frame is not None else set()
        found[id(container)] = lines
    return found


def _boxes(container: Container, graph: Graph) -> int:
    """Boxes that unfolding `container` shows: its inner containers and nodes that are no stubs."""
    count = len(_inner(container))
    owners = {c.node for c in _inner(container)}
    for child in container.children:
        if isinstance(child, int) and child not in owners:
            count += role_of(graph.nodes[child]) not in (Role.CONSTANT, Role.ATTRIBUTE)
    return count


def _inner(container: Container) -> list[Container]:
    return [child for child in container.children if isinstance(child, Container)]
