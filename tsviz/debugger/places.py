"""Where every node of a stepped program stands: its block, its lines, its module, its turn."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from tsviz.frontends import Program, is_printed, is_torch, iter_model_frames
from tsviz.ir import Listing, Node, list_graph
from tsviz.location import FileRange, How, iter_frames

UNSTEPPED = ("prim::Constant", "prim::Uninitialized")
"""Nodes at which no run is held."""

Line = tuple[str, int, str]
"""File, line and function."""


class Places:
    """What the graph of a program says about its nodes, found when it is asked for.

    Attributes:
        program: the program, forks inlined.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.graph = program.graph
        self._stacks: dict[int, tuple[Line, ...]] = {}

    def node(self, number: int) -> Node:
        """The node of an arrival; that of a loop's head is negative."""
        return self.graph.nodes[abs(number)]

    # ── lines and modules ────────────────────────────────────────────────────────────────────

    def stack(self, node: int) -> tuple[Line, ...]:
        """The lines of the user's code that lead to a node, outermost first; () if none do."""
        known = self._stacks.get(node)
        if known is None:
            link = self.graph.link(self.graph.nodes[node])
            frames = () if link.how is How.NONE else tuple(iter_model_frames(link.location))
            users = (one for one in frames if not is_torch(one.file) and not is_printed(one.file))
            known = tuple((one.file, one.line, one.function) for one in users)[::-1]
            self._stacks[node] = known
        return known

    def frames(self, node: int) -> tuple[FileRange, ...]:
        """All frames of a node, innermost first, PyTorch's own functions included."""
        link = self.graph.link(self.graph.nodes[node])
        return () if link.how is How.NONE else tuple(iter_model_frames(link.location))

    def line(self, node: int) -> FileRange | None:
        """The user's own line of a node, else the model's."""
        found = self.graph.nodes[node]
        return self.program.own_line(found) or self.program.model_line(found)

    def range(self, node: int) -> FileRange | None:
        """The innermost range of a node, wherever it lies."""
        return next(iter_frames(self.graph.link(self.graph.nodes[node]).location), None)

    def scope(self, node: int) -> str:
        """The module path of a node."""
        return self.graph.scopes.get(node, "")

    # ── blocks ───────────────────────────────────────────────────────────────────────────────

    def depth(self, number: int) -> int:
        """How many blocks lie around an arrival; a loop's head lies inside the loop."""
        return len(self.owners(number))

    def owners(self, number: int) -> tuple[int, ...]:
        """The nodes whose blocks an arrival is in, outermost first."""
        around = self._owners.get(abs(number), ())
        return (*around, -number) if number < 0 else around

    def is_in_sight(self, value: int, number: int) -> bool:
        """Whether an arrival is where a value can be used, and after it was made."""
        return next(self.iter_in_sight((value,), number), None) is not None

    def iter_in_sight(self, values: Iterable[int], number: int) -> Iterator[int]:
        """Those of the values that can be used at an arrival, and were made before it."""
        here, around = 2 * self._order[abs(number)], {(), *self._prefixes(number)}
        for value in values:
            home, order = self._homes.get(value, (None, 0))
            if home in around and order <= here:
                yield value

    def _prefixes(self, number: int) -> Iterator[tuple[int, ...]]:
        path = self._paths.get(abs(number), ())
        if number < 0:
            path = (*path, -number, 0)
        return (path[:end] for end in range(0, len(path) + 1, 2))

    @cached_property
    def _order(self) -> dict[int, int]:
        return {node: at for at, node in enumerate(self.graph.nodes, start=1)}

    @cached_property
    def _owners(self) -> dict[int, tuple[int, ...]]:
        return {node: path[::2] for node, path in self._paths.items()}

    @cached_property
    def _paths(self) -> dict[int, tuple[int, ...]]:
        """Node → owner, number of its block, owner inside that, …; none for nodes at the top."""
        paths: dict[int, tuple[int, ...]] = {}
        for node in self.graph.nodes.values():
            around = paths.get(node.id, ())
            for at, block in enumerate(node.blocks):
                inside = (*around, node.id, at)
                paths.update((inner.id, inside) for inner in block.nodes)
        return paths

    @cached_property
    def _homes(self) -> dict[int, tuple[tuple[int, ...], int]]:
        """Value → the block it is made in, and when: a node's number doubled, its outputs odd."""
        homes: dict[int, tuple[tuple[int, ...], int]] = dict.fromkeys(
            self.graph.block.params, ((), 0)
        )
        for node in self.graph.nodes.values():
            order, around = 2 * self._order[node.id], self._paths.get(node.id, ())
            homes.update((value, (around, order + 1)) for value in node.outputs)
            for at, block in enumerate(node.blocks):
                homes.update((value, ((*around, node.id, at), order)) for value in block.params)
        return homes

    @cached_property
    def makers(self) -> dict[int, int]:
        """Value → the node that makes it, or whose block has it as parameter; 0 at the top."""
        makers = dict.fromkeys(self.graph.block.params, 0)
        for node in self.graph.nodes.values():
            makers.update(dict.fromkeys(node.outputs, node.id))
            for block in node.blocks:
                makers.update(dict.fromkeys(block.params, node.id))
        return makers

    @cached_property
    def read(self) -> frozenset[int]:
        """The values that are attributes of modules."""
        reads = (node for node in self.graph.nodes.values() if node.op == "prim::GetAttr")
        return frozenset(value for node in reads for value in node.outputs)

    def text(self, node: int) -> str:
        """A node as IR text, in one line."""
        first, _ = self._listing.rows[node]
        return self._listing.lines[first].strip()

    @cached_property
    def _listing(self) -> Listing:
        return list_graph(self.graph, comments=False)

    @cached_property
    def names(self) -> dict[str, int]:
        """Name → value."""
        return {value.name: identity for identity, value in self.graph.values.items()}

    def named(self, names: Iterable[str]) -> Iterator[int]:
        """The values of names in the IR, `%x.1`, and all of variables, `x`."""
        wanted = frozenset(f"%{self.split(n[1:])[0]}" if n[:1] == "%" else n for n in names)
        for name, value in self.names.items() if wanted else ():
            if f"%{name}" in wanted or base_name(name) in wanted:
                yield value

    def split(self, text: str) -> tuple[str, tuple[str, ...]]:
        """`y.1.shape` → the value's name, `y.1`, and the members; names have dots, too."""
        name, members = text, tuple[str, ...]()
        while name not in self.names and name.rpartition(".")[2].isidentifier() and "." in name:
            name, _, member = name.rpartition(".")
            members = (member, *members)
        return (name, members) if name in self.names else (text, ())

    def in_scope(self, path: str) -> Iterable[int]:
        """The nodes of a module and of those inside it."""
        for node, scope in self.graph.scopes.items():
            if scope == path or scope.startswith(f"{path}."):
                yield node


def base_name(name: str) -> str:
    """The variable of Python's that a value is called after: `x` of `x.3`, "" of `17`."""
    base = name.partition(".")[0]
    return base if base.isidentifier() else ""
