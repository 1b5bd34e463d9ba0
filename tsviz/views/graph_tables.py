"""A graph as flat tables: nodes, values, blocks and containers, a row each."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from math import nan

from tsviz.frontends import Program, describe, find_model_frame, find_own_frame
from tsviz.ir import Block, Graph, Listing, Node, SubgraphRef, list_graph
from tsviz.ir.literals import render_literal
from tsviz.location import How, Link
from tsviz.protocol import Column, tables
from tsviz.views.alike import number_alike
from tsviz.views.containers import ContainerTree, block_label, build_containers
from tsviz.views.places import Intern, Places
from tsviz.views.tree import Kind, role_of

_HOW = {How.EXACT: 0, How.CALL: 1, How.INFERRED: 2, How.NONE: 3}


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about a program beyond its graphs.

    Attributes:
        observed: value id → what one run showed, such as `f32[1, 3, 8, 8]`.
        flops: node id → floating point operations of one call.
        schemas: node id → operator schema.
        modules: module path → its row in the document.
        number: node id, or another key → what it is called in the document.
        changes: node id → what a pass did to it.
    """

    observed: Mapping[int, str]
    flops: Mapping[int, float]
    schemas: Mapping[int, str]
    modules: Mapping[str, int]
    number: Callable[[Hashable], int]
    changes: Mapping[int, int] = field(default_factory=dict[int, int])


def graph_payload(
    program: Program,
    graph: Graph,
    name: str,
    kind: str,
    known: Known,
    intern: Intern,
    places: Places,
) -> tables.GraphPayload:
    """One of a program's graphs for the wire."""
    tree = build_containers(program, graph)
    number_alike(graph, tree)
    listing = list_graph(graph, comments=False)
    writer = _Tables(graph, tree, known, intern, places)
    return tables.GraphPayload(
        name=name,
        kind=kind,
        text=tables.PackedLines.of_text(listing.text.removesuffix("\n")),
        nodes=writer.nodes(listing),
        values=writer.values(),
        blocks=writer.blocks(),
        containers=writer.containers(),
    )


class _Tables:
    def __init__(
        self, graph: Graph, tree: ContainerTree, known: Known, intern: Intern, places: Places
    ) -> None:
        self.graph = graph
        self.tree = tree
        self.known = known
        self.intern = intern
        self.places = places
        self.node_rows = {identity: row for row, identity in enumerate(graph.nodes)}
        self.value_rows = {identity: row for row, identity in enumerate(graph.values)}
        self.block_table = _list_blocks(graph)

    def nodes(self, listing: Listing) -> tables.NodesPayload:
        graph, nodes = self.graph, list(self.graph.nodes.values())
        links = [graph.link(node) for node in nodes]
        places = [self._frames(link) for link in links]
        lines = [listing.rows.get(node.id, (-1, -1)) for node in nodes]
        inputs_at, inputs = self._value_lists(node.inputs for node in nodes)
        outputs_at, outputs = self._value_lists(node.outputs for node in nodes)
        block_of, flops, schemas = self.block_table.of_node, self.known.flops, self.known.schemas
        number, changes = self.known.number, self.known.changes
        return tables.NodesPayload(
            id=_i32(number(node.id) for node in nodes),
            change=Column.of("u8", (changes.get(node.id, 0) for node in nodes)),
            op=self._strings(node.op for node in nodes),
            schema=self._strings(schemas.get(node.id, "") for node in nodes),
            attributes=self._strings(_attributes(graph, node) for node in nodes),
            role=Column.of("u8", (role_of(node) for node in nodes)),
            block=_i32(block_of[node.id] for node in nodes),
            container=_i32(self.tree.of_node.get(node.id, 0) for node in nodes),
            how=Column.of("u8", (_HOW[link.how] for link in links)),
            frame=_i32(place[0] for place in places),
            model=_i32(place[1] for place in places),
            own=_i32(place[2] for place in places),
            reason=self._strings(describe(link) for link in links),
            text_line=_i32(first for first, _ in lines),
            text_end=_i32(end for _, end in lines),
            inputs_at=inputs_at,
            inputs=inputs,
            outputs_at=outputs_at,
            outputs=outputs,
            flops=Column.of("f64", (flops.get(node.id, nan) for node in nodes)),
        )

    def _frames(self, link: Link) -> tuple[int, int, int]:
        """The rows of the innermost frame, of the model line and of the user's own line."""
        row = self.places.row(link.location)
        if link.how is How.NONE:
            return row, -1, -1
        model = self.places.row_of(find_model_frame(link.location), row)
        own = self.places.row_of(find_own_frame(link.location), row)
        return row, model, own

    def values(self) -> tables.ValuesPayload:
        graph, values = self.graph, list(self.graph.values)
        producers, param_of = graph.producers, self.block_table.of_param
        makers = [producers.get(value) for value in values]
        return tables.ValuesPayload(
            name=self._strings(graph.values[value].name for value in values),
            type=self._strings(graph.types[value].text for value in values),
            observed=self._strings(self.known.observed.get(value, "") for value in values),
            node=_i32(self.node_rows[maker.id] if maker is not None else -1 for maker in makers),
            block=_i32(param_of.get(value, -1) for value in values),
        )

    def blocks(self) -> tables.BlocksPayload:
        table = self.block_table
        params_at, params = self._value_lists(block.params for block in table.blocks)
        returns_at, returns = self._value_lists(block.returns for block in table.blocks)
        return tables.BlocksPayload(
            node=_i32(self.node_rows.get(owner, -1) for owner in table.owners),
            label=self._strings(table.labels),
            params_at=params_at,
            params=params,
            returns_at=returns_at,
            returns=returns,
        )

    def containers(self) -> tables.ContainersPayload:
        containers, modules = self.tree.containers, self.known.modules
        rows = {id(container): row for row, container in enumerate(containers)}
        places = self.places
        return tables.ContainersPayload(
            parent=_i32(rows[id(c.parent)] if c.parent is not None else -1 for c in containers),
            kind=Column.of("u8", (c.kind for c in containers)),
            label=self._strings(c.label for c in containers),
            detail=self._strings(c.detail for c in containers),
            path=self._strings(c.path for c in containers),
            module=_i32(
                modules.get(c.path, -1) if c.kind in (Kind.GRAPH, Kind.MODULE) else -1
                for c in containers
            ),
            node=_i32(self.node_rows.get(c.node, -1) for c in containers),
            frame=_i32(places.row(c.frame) if c.frame is not None else -1 for c in containers),
            alike=_i32(c.alike for c in containers),
            open=Column.of("u8", (c.open for c in containers)),
        )

    def _strings(self, texts: Iterable[str]) -> Column:
        return _i32(map(self.intern, texts))

    def _value_lists(self, lists: Iterable[tuple[int, ...]]) -> tuple[Column, Column]:
        """Lists of values as one flat column of rows, and where each list starts in it."""
        at, flat = [0], list[int]()
        for values in lists:
            flat += (self.value_rows[value] for value in values)
            at.append(len(flat))
        return _i32(at), _i32(flat)


@dataclass(frozen=True, slots=True)
class _BlockTable:
    """All blocks of a graph, its own first; `owners` are node ids (0: the graph)."""

    blocks: list[Block]
    owners: list[int]
    labels: list[str]
    of_node: dict[int, int]
    of_param: dict[int, int]


def _list_blocks(graph: Graph) -> _BlockTable:
    table = _BlockTable([], [], [], {}, {})

    def add(block: Block, owner: int, label: str) -> None:
        row = len(table.blocks)
        table.blocks.append(block)
        table.owners.append(owner)
        table.labels.append(label)
        table.of_node.update((node.id, row) for node in block.nodes)
        table.of_param.update(dict.fromkeys(block.params, row))

    add(graph.block, 0, "graph")
    for node in graph.nodes.values():
        for index, block in enumerate(node.blocks):
            add(block, node.id, block_label(node, index))
    return table


def _attributes(graph: Graph, node: Node) -> str:
    return ", ".join(
        f"{name}={render_literal(value, graph.digests.get(node.id, ''))}"
        for name, value in node.attributes
        if not isinstance(value, SubgraphRef)
    )


def _i32(numbers: Iterable[int]) -> Column:
    return Column.of("i32", numbers)
