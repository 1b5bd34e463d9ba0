"""The document: one program as tables, sent once.

Conventions: an index of -1 means "none"; `*_at` columns are offsets with one entry more than
there are rows (row i owns items `at[i]` to `at[i + 1]`); strings are interned in
`Document.strings` and referred to by index, index 0 being "".
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tsviz.protocol.columns import Column
from tsviz.protocol.comparison_tables import ComparisonPayload
from tsviz.protocol.pass_tables import PassesPayload
from tsviz.protocol.profile_tables import AgainstPayload, ProfilePayload, SweepPayload
from tsviz.protocol.report_tables import CoveragePayload, DiagnosticPayload
from tsviz.protocol.variant_tables import VariantPayload

_BLOCK_ROWS = 512
_LEVEL = 6  # the highest one takes twice as long to save a tenth
_RAW_DEFLATE = -15  # the window of 32 KiB that every reader has; no header


@dataclass(frozen=True, slots=True)
class PackedLines:
    """Long text of which a browser shows a few lines: it unpacks only the blocks they stand in.

    Attributes:
        rows: how many lines.
        block_rows: lines in a block; the last may have fewer.
        blocks_at, blocks: each block's bytes (offsets, u8): its lines, joined by newlines, as UTF-8
            in raw deflate.
    """

    rows: int
    block_rows: int
    blocks_at: Column
    blocks: Column

    @classmethod
    def of(cls, lines: Sequence[str], *, level: int = _LEVEL) -> "PackedLines":
        """Packs lines, none of which holds a newline.

        Args:
            level: how much to compress; at 0 the bytes are the same with every build of zlib.
        """
        blocks_at, blocks = [0], bytearray()
        for first in range(0, len(lines), _BLOCK_ROWS):
            text = "\n".join(lines[first : first + _BLOCK_ROWS])
            packer = zlib.compressobj(level, wbits=_RAW_DEFLATE)
            blocks += packer.compress(text.encode("utf-8", "backslashreplace")) + packer.flush()
            blocks_at.append(len(blocks))
        return cls(
            len(lines), _BLOCK_ROWS, Column.of("i32", blocks_at), Column.of("u8", bytes(blocks))
        )

    @classmethod
    def of_text(cls, text: str) -> "PackedLines":
        """Packs the lines of a text; none where it is empty."""
        return cls.of(text.split("\n") if text else [])

    def __iter__(self) -> Iterator[str]:
        at, blocks = self.blocks_at.data, self.blocks.data.tobytes()
        for start, end in pairwise(map(int, at)):
            yield from zlib.decompress(blocks[start:end], _RAW_DEFLATE).decode().split("\n")


@dataclass(frozen=True, slots=True)
class SourceFilePayload:
    """A source file some node points at.

    Attributes:
        path: as captured (or relative, when saved to share).
        title: short name for the tab, such as `resnet.py` or `Cell 4`.
        origin: `disk`, `cell`, `archive` or `missing`.
        library: whether it belongs to an installed package (torch, transformers, …).
        text: the whole text, no rows where only the path is known.
    """

    path: str
    title: str
    origin: str
    digest: str
    library: bool
    text: PackedLines


@dataclass(frozen=True, slots=True)
class FramesPayload:
    """All distinct source frames; a call stack is a chain through `caller`.

    Columns (one row a frame): `file` (into files), `line` (1-based), `col`, `end_line`,
    `end_col` (0-based characters; col = end_col = 0 on one line means the whole line),
    `function` (string), `caller` (frame that called this one, or -1).
    """

    file: Column
    line: Column
    col: Column
    end_line: Column
    end_col: Column
    function: Column
    caller: Column


@dataclass(frozen=True, slots=True)
class NodesPayload:
    """One row a node, in text order (a node precedes the nodes of its blocks).

    Attributes:
        id: the node's number: the same node has the same in every graph of the document.
        change: what the step that left this snapshot did to it: 0 nothing · 1 made · 2 changed
            · 3 moved.
        op: string, such as `aten::conv2d`.
        schema: string, the operator's schema with its overload, or "".
        attributes: string, rendered attributes such as `value=1`, or "".
        role: 0 op · 1 constant · 2 attribute access (GetAttr) · 3 plumbing (list, tuple, cast)
            · 4 control flow (If, Loop) · 5 call (not inlined).
        block: the block the node stands in.
        container: the fold container the node is drawn in.
        how: 0 exact · 1 call · 2 inferred · 3 none.
        frame: innermost frame of the whole call stack, or -1.
        model: the frame of the model line (innermost outside torch), or -1.
        own: the frame of the user's own line (innermost outside every package), or -1.
        reason: string, why the link is inferred or missing, or "".
        text_line / text_end: rows of `GraphPayload.text` (0-based, end exclusive).
        inputs_at, inputs / outputs_at, outputs: values.
        flops: floating point operations of one call with the example inputs, NaN unknown.
    """

    id: Column
    change: Column
    op: Column
    schema: Column
    attributes: Column
    role: Column
    block: Column
    container: Column
    how: Column
    frame: Column
    model: Column
    own: Column
    reason: Column
    text_line: Column
    text_end: Column
    inputs_at: Column
    inputs: Column
    outputs_at: Column
    outputs: Column
    flops: Column


@dataclass(frozen=True, slots=True)
class ValuesPayload:
    """One row a value.

    `name` and `type` (strings), `observed` (string such as `f32[1, 3, 224, 224]` after a run,
    else ""), `node` (producer or -1), `block` (the block whose param it is, or -1).
    """

    name: Column
    type: Column
    observed: Column
    node: Column
    block: Column


@dataclass(frozen=True, slots=True)
class BlocksPayload:
    """One row a block, block 0 being the graph's own.

    `node` (owner or -1), `label` (string: `graph`, `then`, `else`, `body`, `subgraph`), params and
    returns (values).
    """

    node: Column
    label: Column
    params_at: Column
    params: Column
    returns_at: Column
    returns: Column


@dataclass(frozen=True, slots=True)
class ContainersPayload:
    """The tree by which a graph folds; container 0 is the whole graph.

    Attributes:
        parent: enclosing container, -1 for container 0; a parent precedes its children.
        kind: 0 graph · 1 module call · 2 function call · 3 If or Loop node · 4 block of one
            · 5 group of source lines · 6 subgraph (fusion group, fork).
        label: string, such as `layer1` or `if score.max() > self.threshold`.
        detail: string, such as the class name `Bottleneck` or `then`.
        path: string, module path such as `backbone.layer1.0`, or "".
        module: row of `modules`, or -1.
        node: the node a kind-3 container draws, or -1.
        frame: where it was called, or -1.
        alike: equal numbers ≥ 0 mean structurally identical containers; -1 unique.
        open: 1 where the default view unfolds it.
    """

    parent: Column
    kind: Column
    label: Column
    detail: Column
    path: Column
    module: Column
    node: Column
    frame: Column
    alike: Column
    open: Column


@dataclass(frozen=True, slots=True)
class GraphPayload:
    """One graph: the inlined entry point (first), a method as compiled, or what a pass left.

    Or the inlined entry point of another variant.

    Attributes:
        name: `forward`, `Encoder.forward`, `after ConstantPooling`, …
        kind: `inlined`, `method`, `snapshot`, `plan` (what was profiled), `variant` or `stepped`.
        text: canonical IR text.
    """

    name: str
    kind: str
    text: PackedLines
    nodes: NodesPayload
    values: ValuesPayload
    blocks: BlocksPayload
    containers: ContainersPayload


@dataclass(frozen=True, slots=True)
class ModulePayload:
    """A submodule: `parameters` counts numbers in it and below, `bytes` their size."""

    path: str
    type_name: str
    parent: int
    parameters: int
    bytes: int
    flops: float | None
    training: bool


@dataclass(frozen=True, slots=True)
class WeightPayload:
    """A parameter or buffer, by its dotted name; `stats` only where they were computed."""

    name: str
    kind: str
    dtype: str
    shape: list[int]
    bytes: int
    stats: "WeightStats | None"


@dataclass(frozen=True, slots=True)
class WeightStats:
    """Statistics over the finite numbers of one tensor.

    `histogram` has equal-width bins from `minimum` to `maximum`.
    """

    minimum: float
    maximum: float
    mean: float
    std: float
    zeros: int
    not_finite: int
    histogram: list[int]


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line of TorchScript's own `.code` view and the nodes printed on it."""

    text: str
    nodes: list[int]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the other side can do now; each False carries its reason in words.

    `pipelines` are the names of those that can be recorded; one with a reason cannot be now.
    `variants` are the names of those that can be laid beside this one, each with why it cannot
    be now, or "".
    """

    weights: bool
    observe: bool
    save_html: bool
    passes: bool
    compare: bool = False
    debug: bool = False
    profile: bool = False
    pipelines: list[str] = field(default_factory=list[str])
    reasons: dict[str, str] = field(default_factory=dict[str, str])
    variants: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Document:
    """Everything hover, search, fold, select and the IR text need, without a kernel.

    Attributes:
        title: class of the model, or the file's name.
        variant: `script`, `trace`, `hybrid`, `freeze`, `optimize`, `text`.
        method: entry point, such as `forward`.
        source: how it came here: `live`, `archive (read in a child process)`,
            `archive (loaded, trusted)`, `text`.
        banner: a sentence that stays in view, or "" (why it was traced, train mode, …).
        versions: package → version, tsviz and torch among them.
        weights: a line each, a `WeightPayload` as JSON.
        code: TorchScript's `.code` of the entry point, [] where there is none.
        passes: a recorded pipeline; its snapshots are graphs of this document.
        profile: where its time and memory go; the plan that ran is a graph of this document.
        against: this profile against another.
        sweep: the program under other conditions; one of its points is the profile.
        variants: others of the same model, aligned with this one; their graphs are the last.
        comparison: what was made of the model, held against its Python code.
        stepping: whether a program is stepped already.
    """

    schema: int
    title: str
    variant: str
    method: str
    source: str
    banner: str
    versions: dict[str, str]
    strings: list[str]
    files: list[SourceFilePayload]
    frames: FramesPayload
    graphs: list[GraphPayload]
    modules: list[ModulePayload]
    weights: PackedLines
    coverage: CoveragePayload
    diagnostics: list[DiagnosticPayload]
    code: list[CodeLine]
    passes: PassesPayload | None
    profile: ProfilePayload | None
    against: AgainstPayload | None
    sweep: SweepPayload | None
    variants: list[VariantPayload]
    comparison: ComparisonPayload | None
    capabilities: Capabilities
    stepping: bool = False
