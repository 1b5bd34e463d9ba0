"""A `Program` as the document that the browser works on alone."""

import os
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from math import nan

from tsviz.errors import Diagnostic
from tsviz.frontends import (
    Program,
    describe,
    find_model_frame,
    find_own_frame,
    is_library,
    read_source,
)
from tsviz.ir import Graph, Node, SubgraphRef, list_graph
from tsviz.ir.literals import render_literal
from tsviz.location import (
    CallSite,
    FileRange,
    How,
    Link,
    Location,
    iter_frames,
)
from tsviz.protocol import Column, messages
from tsviz.views.alike import number_alike
from tsviz.views.containers import ContainerTree, build_containers, role_of

_HOW = {How.EXACT: 0, How.CALL: 1, How.INFERRED: 2, How.NONE: 3}


def document_of(
    program: Program,
    *,
    observed: Mapping[int, str] | None = None,
    flops: Mapping[int, float] | None = None,
    stats: Mapping[str, messages.WeightStats] | None = None,
    schemas: Mapping[int, str] | None = None,
    capabilities: messages.Capabilities | None = None,
    shared: bool = False,
) -> messages.Document:
    """Builds the document of a program.

    Args:
        observed: value id → what one run showed, such as `f32[1, 3, 8, 8]`.
        flops: node id → floating point operations of one call.
        stats: weight name → statistics.
        schemas: node id → operator schema.
        capabilities: what the other side can do; by default nothing.
        shared: whether the document leaves this machine: paths become relative and lose the
            home folder's name.
    """
    return _Writer(program, observed or {}, flops or {}, schemas or {}, shared).write(
        stats or {}, capabilities or messages.Capabilities(False, False, False)
    )


class _Writer:
    def __init__(
        self,
        program: Program,
        observed: Mapping[int, str],
        flops: Mapping[int, float],
        schemas: Mapping[int, str],
        shared: bool,
    ) -> None:
        self.program = program
        self.observed = observed
        self.flops = flops
        self.schemas = schemas
        self.shared = shared
        self.strings: dict[str, int] = {"": 0}
        self.files = {path: row for row, path in enumerate(self._file_paths())}
        self.frames: dict[tuple[FileRange, int], int] = {}
        self.frame_rows: list[tuple[FileRange, int]] = []
        self.locations: dict[int, int] = {}
        self.keep: list[Location] = []
        self.modules = {module.path: row for row, module in enumerate(program.modules)}

    def write(
        self, stats: Mapping[str, messages.WeightStats], capabilities: messages.Capabilities
    ) -> messages.Document:
        program = self.program
        graphs = [
            self._graph(graph, name, "inlined" if index == 0 else "method")
            for index, (name, graph) in enumerate(program.iter_graphs())
        ]
        files = self._files()
        coverage = program.coverage()
        return messages.Document(
            schema=1,
            title=program.title,
            variant=program.variant,
            method=program.method,
            source=program.came,
            banner=program.banner,
            versions=_versions(),
            strings=list(self.strings),
            files=files,
            frames=self._frames(),
            graphs=graphs,
            modules=self._modules(),
            weights=self._weights(stats),
            coverage=messages.CoveragePayload(
                coverage.nodes,
                coverage.exact,
                coverage.call,
                coverage.inferred,
                coverage.none,
                coverage.lines,
                coverage.top_share,
                coverage.summary,
            ),
            diagnostics=[self._diagnostic(item) for item in program.diagnostics],
            code=[messages.CodeLine(line, []) for line in program.code.split("\n")]
            if program.code
            else [],
            capabilities=capabilities,
        )

    # ── strings, files, frames ───────────────────────────────────────────────────────────────

    def _string(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))

    def _file_paths(self) -> list[str]:
        paths = dict.fromkeys(self.program.sources)
        for _, graph in self.program.iter_graphs():
            for link in set(graph.links.values()):
                paths.update((frame.file, None) for frame in iter_frames(link.location))
        return sorted(paths, key=lambda path: (is_library(path), path))

    def _files(self) -> list[messages.SourceFilePayload]:
        return [self._file(path) for path in self.files]

    def _file(self, path: str) -> messages.SourceFilePayload:
        source = self.program.sources.get(path) or read_source(path)
        return messages.SourceFilePayload(
            path=share_path(path) if self.shared else path,
            title=title_of(path),
            origin=source.origin,
            digest=source.digest,
            library=is_library(path),
            text=source.text,
        )

    def _place(self, location: Location) -> int:
        """The row of a location's innermost known frame; equal chains share rows."""
        known = self.locations.get(id(location))
        if known is not None:
            return known
        if isinstance(location, CallSite):
            caller = self._place(location.caller)
            row = caller
            if isinstance(location.callee, FileRange):
                row = self._frame_row(location.callee, caller)
        elif isinstance(location, FileRange):
            row = self._frame_row(location, -1)
        else:
            row = -1
        self.keep.append(location)  # so that its id stays its own
        self.locations[id(location)] = row
        return row

    def _row_of(self, row: int, frame: FileRange | None) -> int:
        """The row of `frame` on the chain that starts at `row`."""
        while row >= 0 and frame is not None:
            here, caller = self.frame_rows[row]
            if here == frame:
                return row
            row = caller
        return -1

    def _frame_row(self, frame: FileRange, caller: int) -> int:
        row = self.frames.setdefault((frame, caller), len(self.frame_rows))
        if row == len(self.frame_rows):
            self.frame_rows.append((frame, caller))
            self._string(frame.function)
        return row

    def _frames(self) -> messages.FramesPayload:
        rows = self.frame_rows
        return messages.FramesPayload(
            file=_i32(self.files[frame.file] for frame, _ in rows),
            line=_i32(frame.line for frame, _ in rows),
            col=_i32(frame.col for frame, _ in rows),
            end_line=_i32(frame.end_line for frame, _ in rows),
            end_col=_i32(frame.end_col for frame, _ in rows),
            function=_i32(self.strings[frame.function] for frame, _ in rows),
            caller=_i32(caller for _, caller in rows),
        )

    # ── graphs ───────────────────────────────────────────────────────────────────────────────

    def _graph(self, graph: Graph, name: str, kind: str) -> messages.GraphPayload:
        listing = list_graph(graph, comments=False)
        tree = build_containers(self.program, graph)
        number_alike(graph, tree.containers)
        nodes = list(graph.nodes.values())
        node_rows = {node.id: row for row, node in enumerate(nodes)}
        values = list(graph.values)
        value_rows = {value: row for row, value in enumerate(values)}
        blocks = _blocks(graph, node_rows)
        return messages.GraphPayload(
            name=name,
            kind=kind,
            text=listing.text,
            nodes=self._nodes(graph, nodes, value_rows, blocks.of_node, tree, listing.rows),
            values=self._values(graph, values, node_rows, blocks),
            blocks=self._blocks(blocks, value_rows),
            containers=self._containers(tree, node_rows),
        )

    def _nodes(
        self,
        graph: Graph,
        nodes: list[Node],
        values: Mapping[int, int],
        blocks: Mapping[int, int],
        tree: ContainerTree,
        rows: Mapping[int, tuple[int, int]],
    ) -> messages.NodesPayload:
        links = [graph.link(node) for node in nodes]
        places = [self._link_rows(link) for link in links]
        spans = _spans(nodes, rows)
        inputs_at, inputs = _flat([[values[v] for v in node.inputs] for node in nodes])
        outputs_at, outputs = _flat([[values[v] for v in node.outputs] for node in nodes])
        return messages.NodesPayload(
            op=_i32(self._string(node.op) for node in nodes),
            schema=_i32(self._string(self.schemas.get(node.id, "")) for node in nodes),
            attributes=_i32(self._string(_attributes(graph, node)) for node in nodes),
            role=Column.of("u8", (role_of(node) for node in nodes)),
            block=_i32(blocks[node.id] for node in nodes),
            container=_i32(tree.of_node.get(node.id, 0) for node in nodes),
            how=Column.of("u8", (_HOW[link.how] for link in links)),
            frame=_i32(place[0] for place in places),
            model=_i32(place[1] for place in places),
            own=_i32(place[2] for place in places),
            reason=_i32(self._string(describe(link)) for link in links),
            text_line=_i32(span[0] for span in spans),
            text_end=_i32(span[1] for span in spans),
            inputs_at=inputs_at,
            inputs=inputs,
            outputs_at=outputs_at,
            outputs=outputs,
            flops=Column.of("f64", (self.flops.get(node.id, nan) for node in nodes)),
        )

    def _link_rows(self, link: Link) -> tuple[int, int, int]:
        row = self._place(link.location)
        if link.how is How.NONE:
            return row, -1, -1
        model = self._row_of(row, find_model_frame(link.location))
        own = self._row_of(row, find_own_frame(link.location))
        return row, model, own

    def _values(
        self,
        graph: Graph,
        values: list[int],
        nodes: Mapping[int, int],
        blocks: "_BlockTable",
    ) -> messages.ValuesPayload:
        producers = graph.producers
        made = [nodes[producers[v].id] if v in producers else -1 for v in values]
        return messages.ValuesPayload(
            name=_i32(self._string(graph.values[v].name) for v in values),
            type=_i32(self._string(graph.types[v].text) for v in values),
            observed=_i32(self._string(self.observed.get(v, "")) for v in values),
            node=_i32(made),
            block=_i32(blocks.of_param.get(v, -1) for v in values),
        )

    def _blocks(self, blocks: "_BlockTable", values: Mapping[int, int]) -> messages.BlocksPayload:
        params_at, params = _flat([[values[v] for v in block.params] for block in blocks.blocks])
        returns_at, returns = _flat([[values[v] for v in block.returns] for block in blocks.blocks])
        return messages.BlocksPayload(
            node=_i32(blocks.owners),
            label=_i32(self._string(label) for label in blocks.labels),
            params_at=params_at,
            params=params,
            returns_at=returns_at,
            returns=returns,
        )

    def _containers(
        self, tree: ContainerTree, nodes: Mapping[int, int]
    ) -> messages.ContainersPayload:
        rows = {id(container): row for row, container in enumerate(tree.containers)}
        all_ = tree.containers
        return messages.ContainersPayload(
            parent=_i32(rows[id(c.parent)] if c.parent is not None else -1 for c in all_),
            kind=Column.of("u8", (c.kind for c in all_)),
            label=_i32(self._string(c.label) for c in all_),
            detail=_i32(self._string(c.detail) for c in all_),
            path=_i32(self._string(c.path) for c in all_),
            module=_i32(self.modules.get(c.path, -1) if c.kind <= 1 else -1 for c in all_),
            node=_i32(nodes.get(c.node, -1) for c in all_),
            frame=_i32(self._place(c.frame) if c.frame is not None else -1 for c in all_),
            alike=_i32(c.alike for c in all_),
            open=Column.of("u8", (c.open for c in all_)),
        )

    # ── modules, weights, findings ───────────────────────────────────────────────────────────

    def _modules(self) -> list[messages.ModulePayload]:
        sizes = _sizes_by_module(self.program)
        flops = self._flops_by_module()
        return [
            messages.ModulePayload(
                path=module.path,
                type_name=module.type_name,
                parent=self.modules.get(module.path.rpartition(".")[0], -1) if module.path else -1,
                parameters=sizes.get(module.path, (0, 0))[0],
                bytes=sizes.get(module.path, (0, 0))[1],
                flops=flops.get(module.path),
                training=module.training,
            )
            for module in self.program.modules
        ]

    def _flops_by_module(self) -> dict[str, float]:
        totals: dict[str, float] = {}
        for node, amount in self.flops.items():
            for path in _ancestors(self.program.graph.scopes.get(node, "")):
                totals[path] = totals.get(path, 0.0) + amount
        return totals

    def _weights(self, stats: Mapping[str, messages.WeightStats]) -> list[messages.WeightPayload]:
        return [
            messages.WeightPayload(
                name=weight.name,
                kind=weight.kind,
                dtype=weight.dtype,
                shape=list(weight.shape),
                bytes=weight.nbytes,
                stats=stats.get(weight.name),
            )
            for weight in self.program.weights
        ]

    def _diagnostic(self, item: Diagnostic) -> messages.DiagnosticPayload:
        return diagnostic_payload(item, self.files)


def diagnostic_payload(
    item: Diagnostic, files: Mapping[str, int] | None = None
) -> messages.DiagnosticPayload:
    """A diagnostic for the wire; `files` maps paths to rows of the document."""
    place = next(iter_frames(item.location), None)
    row = (files or {}).get(place.file, -1) if place is not None else -1
    return messages.DiagnosticPayload(
        code=item.code,
        severity=item.severity,
        message=item.message,
        file=row,
        line=place.line if place is not None and row >= 0 else -1,
        notes=list(item.notes),
        help=item.help,
    )


def _i32(numbers: Iterable[int]) -> Column:
    return Column.of("i32", numbers)


def _flat(lists: list[list[int]]) -> tuple[Column, Column]:
    at, flat = [0], list[int]()
    for items in lists:
        flat += items
        at.append(len(flat))
    return _i32(at), _i32(flat)


def _attributes(graph: Graph, node: Node) -> str:
    shown = [
        f"{name}={render_literal(value, graph.digests.get(node.id, ''))}"
        for name, value in node.attributes
        if not isinstance(value, SubgraphRef)
    ]
    return ", ".join(shown)


def _spans(
    nodes: list[Node], rows: Mapping[int, tuple[int, int]]
) -> list[tuple[int, int]]:
    return [rows.get(node.id, (-1, -1)) for node in nodes]


class _BlockTable:
    """All blocks of a graph in printed order, the graph's own first."""

    def __init__(self, graph: Graph) -> None:
        self.blocks = [graph.block]
        self.owners = [-1]
        self.labels = ["graph"]
        self.of_node: dict[int, int] = {}
        self.of_param: dict[int, int] = dict.fromkeys(graph.block.params, 0)


def _blocks(graph: Graph, node_rows: Mapping[int, int]) -> _BlockTable:
    table = _BlockTable(graph)
    table.of_node.update((node.id, 0) for node in graph.block.nodes)
    for node in graph.nodes.values():
        for index, block in enumerate(node.blocks):
            row = len(table.blocks)
            table.blocks.append(block)
            table.owners.append(node_rows[node.id])
            table.labels.append(_label(node, index))
            table.of_node.update((inner.id, row) for inner in block.nodes)
            table.of_param.update(dict.fromkeys(block.params, row))
    return table


def _label(node: Node, index: int) -> str:
    if any(value == SubgraphRef(index) for _, value in node.attributes):
        return "subgraph"
    return ("then", "else")[index] if node.op == "prim::If" and index < 2 else "body"


def _ancestors(path: str) -> Iterable[str]:
    yield ""
    parts = path.split(".") if path else []
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


def _sizes_by_module(program: Program) -> dict[str, tuple[int, int]]:
    totals: dict[str, tuple[int, int]] = {}
    for weight in program.weights:
        count = 1
        for size in weight.shape:
            count *= size
        count = 0 if weight.kind == "buffer" else count
        for path in _ancestors(weight.name.rpartition(".")[0]):
            numbers, size = totals.get(path, (0, 0))
            totals[path] = (numbers + count, size + weight.nbytes)
    return totals


def _versions() -> dict[str, str]:
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package in ("tsviz", "torch"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed here"
    return found


def share_path(path: str) -> str:
    """A path without the machine: relative to the working folder, to `site-packages`, or bare."""
    text = path.replace("\\", "/")
    for mark in ("/site-packages/", "/dist-packages/"):
        if mark in text:
            return text.rpartition(mark)[2]
    here = os.getcwd().replace("\\", "/").rstrip("/") + "/"
    if text.startswith(here):
        return text[len(here) :]
    return text.rpartition("/")[2] if text.startswith("/") or ":" in text[:3] else text


def title_of(path: str) -> str:
    """The short name of a file, for a tab."""
    return path.replace("\\", "/").rpartition("/")[2] or path
