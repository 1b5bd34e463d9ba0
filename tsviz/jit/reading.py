"""A live `torch._C.Graph` → the neutral IR with evidence for every node's source line.

Structure comes from `str(graph)`, which costs a twentieth of asking the bindings node by node;
what the text lacks, complete source ranges and call stacks, is known in the order of the nodes.
"""

from dataclasses import dataclass, field
from hashlib import sha256

import torch

from tsviz.ir import Graph, Node, TensorRef, read_graph
from tsviz.jit import natives
from tsviz.jit.callstack import Evidences, read_alone, read_inlined
from tsviz.jit.evidence import Evidence
from tsviz.jit.inlining import inline_forks
from tsviz.jit.internals import tensor_attribute
from tsviz.jit.walking import live_nodes, print_graph


@dataclass(frozen=True, slots=True)
class NativeGraph:
    """The neutral graph (without links yet) and the evidence, by node id."""

    graph: Graph
    evidence: dict[int, Evidence] = field(default_factory=dict[int, Evidence])


def import_inlined(native: object, method: str, *, forks: bool = False) -> NativeGraph:
    """Reads the inlined graph of an entry point, call stacks included; nothing is changed.

    Args:
        native: a compiled module or function.
        forks: whether what it forks is inlined, too, which PyTorch does not do by itself.

    Raises:
        CaptureError: `TSV-C23` if text and bindings disagree, `TSV-C24` as `print_graph`.
    """
    graph = natives.inlined_graph(native, method)
    if forks:
        inline_forks(graph)
    read = read_graph(print_graph(graph), method)
    return _joined(read.graph, graph, read_inlined(native, method, graph, read, forks=forks))


def import_graph(
    native: torch._C.Graph, name: str, evidence: Evidences | None = None
) -> NativeGraph:
    """Reads a live graph as it stands, without changing it.

    Args:
        native: only read.
        name: method or function name.
        evidence: what is known about its nodes; by default their own ranges.

    Raises:
        CaptureError: as `import_inlined`.
    """
    read = read_graph(print_graph(native), name).graph
    return _joined(read, native, evidence or read_alone(live_nodes(native, read)))


def _joined(read: Graph, native: torch._C.Graph, evidence: Evidences) -> NativeGraph:
    digests = TensorDigests(native, read)
    graph = Graph(read.name, read.dialect, read.block, read.values, read.types, digests=digests)
    return NativeGraph(graph, dict(zip(read.nodes, evidence, strict=True)))


# ── tensor constants ────────────────────────────────────────────────────────────────────────────


class TensorDigests(dict[int, str]):
    """Node id → digest of its tensor constant, computed when first asked for.

    Hashing the weights of a frozen model takes longer than importing its graph, and most faces
    never ask.
    """

    def __init__(self, native: torch._C.Graph, graph: Graph) -> None:
        super().__init__()
        self._native = native
        self._graph = graph
        self._tensors = {node.id for node in graph.nodes.values() if _holds_tensor(node)}
        self._live: dict[int, torch._C.Node] = {}

    def get(self, key: int, default: str = "") -> str:  # type: ignore[override]
        """The digest of node `key`, or `default` where it holds no tensor."""
        if key in self or key not in self._tensors:
            return super().get(key, default)
        if not self._live:
            live = live_nodes(self._native, self._graph)
            self._live = dict(zip(self._graph.nodes, live, strict=True))
        self[key] = digest = tensor_digest(tensor_attribute(self._live[key], "value"))
        return digest

    def __reduce__(self) -> tuple[type[dict[int, str]], tuple[dict[int, str]]]:
        return dict, ({key: self.get(key) for key in self._tensors},)


def _holds_tensor(node: Node) -> bool:
    return node.op == "prim::Constant" and any(
        isinstance(value, TensorRef) for _, value in node.attributes
    )


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
