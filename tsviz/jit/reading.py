"""A live `torch._C.Graph` → the neutral IR with evidence for every node's source line.

Structure comes from `str(graph)`, which costs a twentieth of asking the bindings node by node;
the bindings are walked once beside it, in the same order, for what the text lacks: complete
source ranges and call stacks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType

import torch

from tsviz.errors import CaptureError, Diagnostic
from tsviz.ir import Block, Graph, Node, SubgraphRef, TensorRef, read_graph
from tsviz.jit.callstack import parse_hierarchy, read_callstacks
from tsviz.jit.completion import complete_stacks
from tsviz.jit.definitions import Definitions
from tsviz.jit.evidence import CallStack, Evidence
from tsviz.jit.internals import source_range
from tsviz.jit.module_paths import fill_paths
from tsviz.jit.ranges import RangeText, parse_range
from tsviz.location import SourceFile

_NO_RANGE = RangeText()
_NO_STACK = CallStack("", ())


@dataclass(frozen=True, slots=True)
class NativeGraph:
    """The neutral graph (without links yet) and the evidence, by node id."""

    graph: Graph
    evidence: dict[int, Evidence] = field(default_factory=dict[int, Evidence])


class TensorDigests(dict[int, str]):
    """Node id → digest of its tensor constant, computed when first asked for.

    Hashing the weights of a frozen model takes longer than importing its graph, and most faces
    never ask.
    """

    def __init__(self, owner: torch._C.Graph, natives: dict[int, torch._C.Node]) -> None:
        super().__init__()
        self._owner = owner  # a Node does not keep its Graph alive
        self._natives = natives

    def get(self, key: int, default: str = "") -> str:  # type: ignore[override]
        """The digest of node `key`, or `default` where it holds no tensor."""
        if key in self or key not in self._natives:
            return super().get(key, default)
        self[key] = digest = tensor_digest(self._natives[key].t("value"))
        return digest

    def __reduce__(self) -> tuple[type[dict[int, str]], tuple[dict[int, str]]]:
        return dict, ({key: self.get(key) for key in self._natives},)


def tensor_digest(tensor: torch.Tensor) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a tensor's contiguous bytes.

    "" if it has no bytes to read (meta, sparse, mkldnn).
    """
    try:
        dense = tensor.detach().cpu().contiguous()
        data = dense.int_repr() if dense.is_quantized else dense
        return sha256(data.reshape(-1).view(torch.uint8).numpy().data).hexdigest()[:16]
    except (RuntimeError, NotImplementedError, TypeError):
        return ""


def import_graph(
    native: torch._C.Graph,
    name: str,
    *,
    origins: Sequence[Evidence | None] = (),
    callstacks: bool = True,
    sources: Mapping[str, SourceFile] = MappingProxyType({}),
) -> NativeGraph:
    """Reads a live graph without changing it.

    Args:
        native: must stay alive as long as its nodes are used; only read.
        name: method or function name.
        origins: evidence of what each node was before passes ran, where that is known better.
        callstacks: whether the functions its nodes were inlined from are surely alive; asking
            a node of a graph that was frozen earlier can crash the process.
        sources: texts of files that are not on this machine, by path.

    Raises:
        CaptureError: `TSV-C23` text and bindings disagree, which would make every link wrong;
            `TSV-C24` PyTorch cannot print the graph.
    """
    reading = read_graph(_text(native), name)
    natives = live_nodes(native, reading.graph)
    tensors: dict[int, torch._C.Node] = {}
    evidence: dict[int, Evidence] = {}
    stacks = read_callstacks(natives) if callstacks and not origins else [_NO_STACK] * len(natives)
    known = origins or (None,) * len(natives)
    for node, live, stack, origin in zip(reading.nodes, natives, stacks, known, strict=True):
        if node.op == "prim::Constant" and _holds_tensor(node):
            tensors[node.id] = live
        if origin is not None:
            evidence[node.id] = origin
            continue
        text = source_range(live)
        place = parse_range(text) if text else _NO_RANGE
        scope = reading.scopes.get(node.id, "")
        if not callstacks and not scope:
            scope = ".".join(filter(None, reversed(parse_hierarchy(live.getModuleHierarchy()))))
        evidence[node.id] = Evidence(place.frames, place.serialized, place.traced, stack, scope)
    read = reading.graph
    if callstacks and not origins:
        evidence = complete_stacks(read, evidence, Definitions(sources))
        fill_paths(read, evidence)
    graph = Graph(
        name,
        read.dialect,
        read.block,
        read.values,
        read.types,
        digests=TensorDigests(native, tensors),
    )
    return NativeGraph(graph, evidence)


def _text(native: torch._C.Graph) -> str:
    try:
        return str(native)
    except NotImplementedError as error:
        message = "expected constants with numbers in the graph, found one on the meta device"
        help = "give the model real weights first: model.to_empty(device='cpu')"
        note = f"PyTorch said: {error}"
        raise CaptureError(Diagnostic("TSV-C24", message, notes=(note,), help=help)) from error


def _holds_tensor(node: Node) -> bool:
    return any(isinstance(value, TensorRef) for _, value in node.attributes)


def live_nodes(native: torch._C.Graph, graph: Graph) -> list[torch._C.Node]:
    """The nodes of a live graph in the order of `graph.nodes`, which was read from it.

    That is the order of the text: a node, its blocks, then its subgraph.

    Raises:
        CaptureError: `TSV-C23` they do not correspond.
    """
    found: list[torch._C.Node] = []
    stack = [_paired(list(native.nodes()), graph.block)]
    while stack:
        live, node = next(stack[-1], (None, None))
        if live is None or node is None:
            stack.pop()
            continue
        found.append(live)
        if node.blocks:
            stack.extend(reversed(_inner(live, node)))
    return found


_Pairs = Iterator[tuple[torch._C.Node, Node]]


def _inner(live: torch._C.Node, node: Node) -> list[_Pairs]:
    bodies = [list(block.nodes()) for block in live.blocks()]
    bodies += [
        list(live.g(name).nodes())  # owned by the attribute, so it outlives this list
        for name, value in node.attributes
        if isinstance(value, SubgraphRef)
    ]
    return [_paired(body, block) for body, block in zip(bodies, node.blocks, strict=True)]


def _paired(live: list[torch._C.Node], block: Block) -> _Pairs:
    if len(live) != len(block.nodes):
        written = len(block.nodes)
        message = f"expected the {len(live)} nodes of a live block in its text, got {written}"
        help = "please report this with the output of `tsviz env`"
        raise CaptureError(Diagnostic("TSV-C23", message, help=help))
    return zip(live, block.nodes, strict=True)
