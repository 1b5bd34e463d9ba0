"""How a graph folds: a tree of module calls, control-flow boxes and groups of source lines.

Every node is drawn in one container. A module call is a run of nodes with the same module path, so
that a module called again after something else is two containers. If and Loop are containers of
their blocks. No walk here recurses: models can be nested deeper than Python's stack.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tsviz.frontends import Program, find_model_frame, is_torch, iter_model_frames
from tsviz.ir import Block, Graph, Node, SubgraphRef
from tsviz.location import FileRange, Link
from tsviz.views.crowding import limit_crowds
from tsviz.views.default_view import open_default
from tsviz.views.tree import Container, Kind, is_stub, preorder

_STATEMENTS = ("if ", "elif ", "for ", "while ", "assert ", "return ")


@dataclass(frozen=True, slots=True)
class ContainerTree:
    """The tree of one graph: `containers` in preorder, and the container of every node id."""

    containers: tuple[Container, ...]
    of_node: Mapping[int, int]


def build_containers(program: Program, graph: Graph) -> ContainerTree:
    """The container tree of one of a program's graphs, with its default folds opened."""
    builder = _Builder(program, graph)
    root = builder.build()
    limit_crowds(root, builder.line_of)
    _place_stubs(root, graph)
    containers = tuple(preorder(root))
    _find_calls(graph, containers)
    open_default(root, graph)
    rows = enumerate(containers)
    of_node = {child: row for row, c in rows for child in c.children if isinstance(child, int)}
    return ContainerTree(containers, of_node)


class _Builder:
    """Puts every node that is no stub into the container of its module call and block."""

    def __init__(self, program: Program, graph: Graph) -> None:
        self.program = program
        self.graph = graph
        self.types = {module.path: module.type_name for module in program.modules}
        self.rows: dict[str, list[str]] = {}
        self.pending: list[tuple[Container, Block]] = []

    def build(self) -> Container:
        root = Container(Kind.GRAPH, self.program.title, self.graph.name)
        self.pending.append((root, self.graph.block))
        while self.pending:
            self._fill(*self.pending.pop())
        return root

    def line_of(self, node: int) -> FileRange | None:
        """The model line of a node id."""
        link = self.graph.links.get(node)
        return None if link is None else find_model_frame(link.location)

    def _fill(self, root: Container, block: Block) -> None:
        """Puts the nodes of a block into `root`, opening a container for each module call."""
        here = root
        for node in block.nodes:
            if is_stub(node):
                continue
            path = self.graph.scopes.get(node.id, "")
            here = self._move(here, root, path if _is_inside(path, root.path) else root.path)
            here.children.append(node.id)
            if node.blocks:
                self._open_control(here, node)

    def _move(self, here: Container, root: Container, path: str) -> Container:
        """From one module call to the next: out of those that have ended, into the new ones."""
        while here.parent is not None and here is not root and not _is_inside(path, here.path):
            here = here.parent
        inner = path[len(here.path) :].lstrip(".")
        for name in inner.split(".") if inner else ():
            below = f"{here.path}.{name}" if here.path else name
            here = here.add(Container(Kind.MODULE, name, self.types.get(below, ""), below))
        return here

    def _open_control(self, here: Container, node: Node) -> None:
        title, line = self._title(node), self.line_of(node.id)
        box = here.add(Container(Kind.CONTROL, title, node.op, here.path, node.id, line))
        for index, block in enumerate(node.blocks):
            label = block_label(node, index)
            kind = Kind.SUBGRAPH if label == "subgraph" else Kind.BLOCK
            self.pending.append((box.add(Container(kind, label, "", here.path)), block))

    def _title(self, node: Node) -> str:
        """The statement that made a control-flow node, as it stands in the source."""
        line = self.line_of(node.id)
        rows = self._rows_of(line.file) if line is not None else []
        text = rows[line.line - 1].strip() if line is not None and line.line <= len(rows) else ""
        if text.startswith(_STATEMENTS):
            return text.rstrip(":")
        return {"prim::If": "if", "prim::Loop": "loop"}.get(node.op, node.op)

    def _rows_of(self, file: str) -> list[str]:
        if file not in self.rows:
            source = self.program.sources.get(file)
            self.rows[file] = source.text.split("\n") if source is not None else []
        return self.rows[file]


def _is_inside(path: str, parent: str) -> bool:
    return not parent or path == parent or path.startswith(parent + ".")


def block_label(node: Node, index: int) -> str:
    """What a block is to its node: `then`, `else`, `body` or `subgraph`."""
    if any(value == SubgraphRef(index) for _, value in node.attributes):
        return "subgraph"
    if node.op == "prim::If":
        return ("then", "else")[index]
    return "body"


def _place_stubs(root: Container, graph: Graph) -> None:
    """Constants and attribute reads go where they are first used: they are drawn there."""
    homes = {
        child: container
        for container in preorder(root)
        for child in container.children
        if isinstance(child, int)
    }
    users = graph.users
    stubs = [node for node in graph.nodes.values() if is_stub(node)]
    for node in reversed(stubs):  # a stub that another one reads finds that one's home
        uses = (use.node for out in node.outputs for use in users.get(out, ()))
        homes[node.id] = next((homes[user] for user in uses if user in homes), root)
    for node in stubs:
        homes[node.id].children.append(node.id)


# ── where a module was called ───────────────────────────────────────────────────────────────────

_Frames = tuple[FileRange, ...]


def _find_calls(graph: Graph, containers: tuple[Container, ...]) -> None:
    """The call line of a container is the first frame its nodes share beyond its parent's."""
    shared: dict[int, _Frames] = {}
    chains: dict[int, _Frames] = {}
    for container in reversed(containers):
        known = [
            frames
            for child in container.children
            if (frames := _frames_of(child, graph, shared, chains))
        ]
        shared[id(container)] = _common(known)
    for container in containers:
        if container.kind is not Kind.MODULE or container.parent is None:
            continue
        beyond = shared[id(container)][len(shared[id(container.parent)]) :]
        container.frame = next((frame for frame in beyond if not is_torch(frame.file)), None)


def _frames_of(
    child: Container | int, graph: Graph, shared: dict[int, _Frames], chains: dict[int, _Frames]
) -> _Frames:
    """The frames of a node, or those that all nodes of a container share; outermost first."""
    if isinstance(child, Container):
        return shared[id(child)]
    link: Link | None = graph.links.get(child)
    if link is None:
        return ()
    frames = chains.get(id(link))
    if frames is None:
        frames = chains[id(link)] = tuple(iter_model_frames(link.location))[::-1]
    return frames


def _common(chains: list[_Frames]) -> _Frames:
    common = chains[0] if chains else ()
    for chain in chains[1:]:
        if chain is common:
            continue
        length = 0
        for a, b in zip(common, chain, strict=False):
            if (a.file, a.line) != (b.file, b.line):
                break
            length += 1
        common = common[:length]
    return common
