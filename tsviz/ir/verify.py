"""Checks that a graph is whole.

Everything downstream takes for granted that values are defined before they are used and that
blocks fit the node that owns them. A rewrite or a file that breaks this is found here, at the node
where it is broken, and not where somebody trips over it. Linear in the nodes, nesting has no limit.
"""

from collections.abc import Iterable, Iterator

from tsviz.errors import Diagnostic
from tsviz.ir.graph import Block, Graph, Node, SubgraphRef

HAVE_BLOCKS = frozenset({"prim::If", "prim::Loop"})
"""The ops whose blocks follow from their outputs."""


def iter_faults(graph: Graph, *, shared_tables: bool = False) -> Iterator[Diagnostic]:
    """What is wrong with `graph`, in printed order; nothing where it is whole.

    Args:
        shared_tables: whether its tables may tell of other graphs' nodes, too, as those of
            snapshots do.

    Codes: `TSV-V01` a value is used where it is not defined; `TSV-V02` an id or a name is taken
    twice; `TSV-V03` the blocks of a node do not fit it; `TSV-V04` a value has no name or no type;
    `TSV-V05` a table tells of a node that is not in the graph.
    """
    walk = _Walk(graph)
    yield from walk.iter_faults()
    for table in () if shared_tables else ("links", "scopes", "digests"):
        for identity in getattr(graph, table):
            if identity not in walk.nodes:
                message = f"expected {table} of nodes of the graph, got one of node {identity}"
                yield Diagnostic("TSV-V05", message)


def find_block_fault(node: Node) -> str:
    """Why the blocks of `node` do not fit its inputs and outputs, "" where they do."""
    ins, outs = len(node.inputs), len(node.outputs)
    found = [(len(block.params), len(block.returns)) for block in node.blocks]
    for _, value in node.attributes:
        if isinstance(value, SubgraphRef):
            got = found[value.index : value.index + 1]
            # one that is differentiated also returns what its backward pass needs
            if not got or got[0][0] != ins or got[0][1] < outs:
                start = f"expected the subgraph of {node.op} to be"
                return f"{start} {_shapes([(ins, outs)])}, got {_shapes(got)}"
    if node.op == "prim::If":
        wanted_ins, wanted = 1, [(0, outs), (0, outs)]
    elif node.op == "prim::Loop":
        wanted_ins, wanted = 2 + outs, [(1 + outs, 1 + outs)]
    else:
        return ""
    if ins != wanted_ins:
        return f"expected {node.op} of {outs} outputs to take {wanted_ins} inputs, got {ins}"
    if found != wanted:
        return (
            f"expected {node.op} of {outs} outputs to hold {_shapes(wanted)}, got {_shapes(found)}"
        )
    return ""


def _shapes(blocks: list[tuple[int, int]]) -> str:
    return " and ".join(f"a block ({i} → {o})" for i, o in blocks) or "no block"


class _Walk:
    """Goes through the nodes as they are printed, with the values that are in reach."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: set[int] = set()
        self.defined: set[int] = set()
        self.reach: set[int] = set()
        self.names: set[str] = set()

    def iter_faults(self) -> Iterator[Diagnostic]:
        stack = [self._iter_block(self.graph.block, None)]
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
            elif isinstance(step, Diagnostic):
                yield step
            else:
                stack.append(self._iter_node(step))

    def _iter_node(self, node: Node) -> Iterator[Diagnostic | Node]:
        """The faults of a node, and the nodes to go through before the next fault."""
        if node.id in self.nodes:
            yield self._fault("TSV-V02", f"expected one node {node.id}, got another", node)
        self.nodes.add(node.id)
        yield from self._missing(node.inputs, node)
        if fault := find_block_fault(node):
            yield self._fault("TSV-V03", fault, node)
        subgraphs = {value.index for _, value in node.attributes if isinstance(value, SubgraphRef)}
        for index, block in enumerate(node.blocks):
            hidden = self.reach, self.names
            if index in subgraphs:  # it sees nothing of what is around it
                self.reach, self.names = set(), set()
            yield from self._iter_block(block, node)
            self.reach, self.names = hidden
        yield from self._define(node.outputs, node)

    def _iter_block(self, block: Block, owner: Node | None) -> Iterator[Diagnostic | Node]:
        yield from self._define(block.params, owner)
        yield from block.nodes
        yield from self._missing(block.returns, owner)
        self.reach.difference_update(block.params)
        for node in block.nodes:
            self.reach.difference_update(node.outputs)

    def _define(self, values: Iterable[int], owner: Node | None) -> Iterator[Diagnostic]:
        for value in values:
            known = self.graph.values.get(value)
            name = known.name if known is not None else ""
            if not name or value not in self.graph.types:
                lacking = "type" if name else "name"
                message = f"expected a name and a type of value {value}, got no {lacking}"
                yield self._fault("TSV-V04", message, owner)
            if value in self.defined or name in self.names:
                message = f"expected value {value} (%{name}) to be new, got it for the second time"
                yield self._fault("TSV-V02", message, owner)
            self.defined.add(value)
            self.reach.add(value)
            self.names.add(name)

    def _missing(self, values: Iterable[int], owner: Node | None) -> Iterator[Diagnostic]:
        for value in values:
            if value in self.reach:
                continue
            known = self.graph.values.get(value)
            name = f"value {value}" if known is None else f"%{known.name}"
            why = (
                "another block defines it" if value in self.defined else "nothing before defines it"
            )
            message = f"expected a value that is in reach, got {name}: {why}"
            yield self._fault("TSV-V01", message, owner)

    def _fault(self, code: str, message: str, owner: Node | None) -> Diagnostic:
        if owner is None:
            return Diagnostic(code, message, notes=("in the parameters or returns of the graph",))
        values = self.graph.values
        names = (f"%{values[out].name}" for out in owner.outputs if out in values)
        note = f"in node {owner.id}: {', '.join(names)} = {owner.op}"
        return Diagnostic(code, message, self.graph.link(owner).location, (note,))
