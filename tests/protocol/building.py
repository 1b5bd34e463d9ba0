"""Records a graph by hand the way the real views do, and turns the record into a document."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tsviz.protocol import PROTOCOL, Column
from tsviz.protocol.tables import (
    BlocksPayload,
    Capabilities,
    ContainersPayload,
    CoveragePayload,
    Document,
    FramesPayload,
    GraphPayload,
    NodesPayload,
    PackedLines,
    SourceFilePayload,
    ValuesPayload,
)

OP, CONSTANT, ATTRIBUTE, PLUMBING, CONTROL = range(5)
GRAPH, MODULE, FUNCTION, CONTROL_BOX, BLOCK, LINES = range(6)
EXACT, CALL, INFERRED, NONE = range(4)


@dataclass
class Builder:
    """Records one graph; `document()` turns the record into a payload."""

    files: list[SourceFilePayload]
    strings: dict[str, int] = field(default_factory=lambda: {"": 0})
    table: list[str] = field(default_factory=lambda: [""])
    frames: list[tuple[int, ...]] = field(default_factory=list)
    nodes: list[list[int]] = field(default_factory=list)
    node_inputs: list[Sequence[int]] = field(default_factory=list)
    node_outputs: list[Sequence[int]] = field(default_factory=list)
    values: list[list[int]] = field(default_factory=list)
    blocks: list[list[int]] = field(default_factory=list)
    params: list[list[int]] = field(default_factory=list)
    returns: list[list[int]] = field(default_factory=list)
    containers: list[list[int]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    block: int = 0
    container: int = 0
    indent: int = 1
    frame: int = -1

    def __post_init__(self) -> None:
        self.containers.append([-1, GRAPH, self.text("graph"), 0, 0, 0, -1, -1, -1, 1])
        self.new_block(-1, "graph")

    def text(self, string: str) -> int:
        """Interns a string."""
        if string not in self.strings:
            self.strings[string] = len(self.strings)
            self.table.append(string)
        return self.strings[string]

    def new_block(self, node: int, label: str) -> int:
        """A block of `node`."""
        self.blocks.append([node, self.text(label)])
        self.params.append([])
        self.returns.append([])
        return len(self.blocks) - 1

    def value(self, name: str, type_: str, observed: str, node: int, block: int = -1) -> int:
        """A value."""
        self.values.append([self.text(name), self.text(type_), self.text(observed), node, block])
        return len(self.values) - 1

    def param(self, name: str, type_: str = "Tensor", observed: str = "", block: int = 0) -> int:
        """A block param."""
        value = self.value(name, type_, observed, -1, block)
        self.params[block].append(value)
        return value

    def name(self, value: int) -> str:
        """The printed name of a value."""
        return "%" + self.table[self.values[value][0]]

    @contextmanager
    def at(self, file: int, snippet: str, function: str = "forward") -> Iterator[int]:
        """Places nodes at the first line of `file` that contains `snippet`."""
        rows = list(self.files[file].text)
        row, col = next((i, r.index(snippet)) for i, r in enumerate(rows) if snippet in r)
        before = self.frame
        where = (file, row + 1, col, row + 1, col + len(snippet), self.text(function), before)
        self.frames.append(where)
        self.frame = len(self.frames) - 1
        yield self.frame
        self.frame = before

    @contextmanager
    def inside(
        self, kind: int, label: str, detail: str = "", path: str = "", *, open_: bool = False,
        alike: int = -1, node: int = -1, module: int = -1,
    ) -> Iterator[int]:  # fmt: skip
        """Places nodes in a new container."""
        before, index = self.container, len(self.containers)
        self.containers.append([before, kind, self.text(label), self.text(detail), self.text(path),
                                module, node, self.frame, alike, int(open_)])  # fmt: skip
        self.container = index
        yield index
        self.container = before

    def node(
        self, op: str, inputs: Sequence[int] = (), *, name: str = "", type_: str = "Tensor",
        observed: str = "", attributes: str = "", role: int = OP, how: int = EXACT,
        reason: str = "", schema: str = "", outputs: int = 1, flops: float = float("nan"),
    ) -> int:  # fmt: skip
        """Adds a node; returns its first output (or, without outputs, the node)."""
        index = len(self.nodes)
        made = [
            self.value(
                f"{name or len(self.values)}" + (f".{i}" if i else ""), type_, observed, index
            )
            for i in range(outputs)
        ]
        model = self._outside_library(self.frame)
        self.nodes.append([
            self.text(op), self.text(schema), self.text(attributes), role, self.block,
            self.container, how, self.frame, model, model, self.text(reason),
            len(self.lines), len(self.lines) + 1, flops,  # type: ignore[list-item]
        ])  # fmt: skip
        self.node_inputs.append(list(inputs))
        self.node_outputs.append(made)
        left = ", ".join(f"{self.name(v)} : {type_}" for v in made)
        self.lines.append(
            "  " * self.indent + (f"{left} = " if left else "") + op
            + (f"[{attributes}]" if attributes else "")
            + "(" + ", ".join(self.name(v) for v in inputs) + ")"
        )  # fmt: skip
        return made[0] if made else index

    @contextmanager
    def nested(
        self, node: int, label: str, params: Sequence[tuple[str, str]] = ()
    ) -> Iterator[int]:
        """Adds a block to a node, in a container of its own."""
        before, block = self.block, self.new_block(node, label)
        made = [self.param(name, type_, block=block) for name, type_ in params]
        head = ", ".join(f"{self.name(v)} : {t}" for v, (_, t) in zip(made, params, strict=True))
        self.lines.append("  " * (self.indent + 1) + f"block{block}({head}):")
        self.block, self.indent = block, self.indent + 2
        with self.inside(BLOCK, label, open_=True):
            yield block
        self.lines.append("  " * self.indent + f"-> ({self._names(self.returns[block])})")
        self.block, self.indent = before, self.indent - 2
        self.nodes[node][12] = len(self.lines)

    def constant(self, value: str, type_: str = "int") -> int:
        """A constant."""
        return self.node("prim::Constant", type_=type_, attributes=f"value={value}", role=CONSTANT,
                         how=INFERRED, reason="from its only user")  # fmt: skip

    def attribute(self, owner: int, name: str, type_: str = "Tensor", observed: str = "") -> int:
        """An attribute access."""
        return self.node("prim::GetAttr", [owner], name=name, type_=type_, observed=observed,
                         attributes=f'name="{name}"', role=ATTRIBUTE)  # fmt: skip

    def _names(self, values: Sequence[int]) -> str:
        return ", ".join(self.name(v) for v in values)

    def _outside_library(self, frame: int) -> int:
        while frame >= 0 and self.files[self.frames[frame][0]].library:
            frame = self.frames[frame][6]
        return frame

    def graph(
        self, name: str, kind: str = "inlined", ids: Sequence[int] | None = None
    ) -> GraphPayload:
        """The payload of what was recorded; `ids` are the numbers of its nodes."""
        head = ",\n      ".join(
            f"{self.name(v)} : {self.table[self.values[v][1]]}" for v in self.params[0]
        )
        rows = [
            *f"graph({head}):".split("\n"),
            *self.lines,
            f"  return ({self._names(self.returns[0])})",
        ]
        shift = max(len(self.params[0]), 1)
        for node in self.nodes:
            node[11], node[12] = node[11] + shift, node[12] + shift
        ints = [column("i32", c) for c in zip(*(n[:13] for n in self.nodes), strict=True)]
        in_at, ins = offsets(self.node_inputs)
        out_at, outs = offsets(self.node_outputs)
        numbers = range(len(self.nodes)) if ids is None else ids
        same = column("i32", numbers), column("u8", [0] * len(self.nodes))
        nodes = NodesPayload(
            *same, *ints, in_at, ins, out_at, outs, Column.of("f64", [n[13] for n in self.nodes])
        )
        params_at, params = offsets(self.params)
        returns_at, returns = offsets(self.returns)
        blocks = BlocksPayload(
            *(column("i32", c) for c in zip(*self.blocks, strict=True)),
            params_at, params, returns_at, returns,
        )  # fmt: skip
        values = ValuesPayload(*(column("i32", c) for c in zip(*self.values, strict=True)))
        containers = ContainersPayload(
            *(column("i32", c) for c in zip(*self.containers, strict=True))
        )
        return GraphPayload(name, kind, packed(rows), nodes, values, blocks, containers)

    def document(self, title: str, graphs: list[GraphPayload], **more: object) -> Document:
        """The whole document."""
        hows = [n[6] for n in self.nodes]
        counts = [hows.count(h) for h in range(4)]
        lines = [n[8] for n in self.nodes if n[8] >= 0]
        places = [self.frames[f][:2] for f in lines]
        top = max((places.count(p) for p in set(places)), default=0)
        total = len(hows)
        summary = f"{(total - counts[NONE]) / total:.0%} linked" if total else "no nodes"
        fields: dict[str, object] = {
            "variant": "script", "method": "forward", "source": "live", "banner": "",
            "versions": {"tsviz": "0.1.0", "torch": "2.13.0"}, "modules": [], "weights": packed([]),
            "diagnostics": [], "code": [], "passes": None, "comparison": None, "variants": [],
            "capabilities": Capabilities(True, True, True, True, True),
        }  # fmt: skip
        fields.update(more)
        frames = [column("i32", c) for c in zip(*self.frames, strict=True)]
        return Document(
            schema=PROTOCOL, title=title, strings=self.table, files=self.files,
            frames=FramesPayload(*(frames or [column("i32", [])] * 7)), graphs=graphs,
            profile=None, against=None, sweep=None,
            coverage=CoveragePayload(total, *counts, len(set(places)),
                                     top / total if total else 0.0, summary),
            **fields,  # type: ignore[arg-type]
        )  # fmt: skip


def column(dtype: str, numbers: Sequence[int]) -> Column:
    """A column of integers."""
    return Column.of(dtype, numbers)  # type: ignore[arg-type]


def packed(lines: Sequence[str]) -> PackedLines:
    """Lines as the same bytes on every machine."""
    return PackedLines.of(lines, level=0)


def offsets(rows: Sequence[Sequence[int]]) -> tuple[Column, Column]:
    """Rows of integers as offsets and items."""
    at = [0]
    for row in rows:
        at.append(at[-1] + len(row))
    return column("i32", at), column("i32", [item for row in rows for item in row])


def source(path: str, title: str, text: str, *, library: bool = False) -> SourceFilePayload:
    """A source file."""
    return SourceFilePayload(path, title, "disk", "0" * 8, library, packed(text.split("\n")))
