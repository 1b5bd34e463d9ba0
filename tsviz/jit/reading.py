"""A live `torch._C.Graph` → the neutral IR with evidence for every node's source line.

Structure comes from `str(graph)`, which costs a twentieth of asking the bindings node by node;
what the text lacks, complete source ranges and call stacks, is known in the order of the nodes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import torch

from tsviz.errors import CaptureError, Diagnostic
from tsviz.ir import Graph, Node, SubgraphRef, TensorRef, read_graph
from tsviz.jit import natives
from tsviz.jit.callstack import Body, read_inlined, read_plain
from tsviz.jit.evidence import UNKNOWN_STACK, Evidence
from tsviz.jit.functions import Functions
from tsviz.jit.internals import find_nodes, set_tensor_attribute, tensor_attribute
from tsviz.jit.walking import iter_steps, nodes_of, shape_of


@dataclass(frozen=True, slots=True)
class NativeGraph:
    """The neutral graph (without links yet) and the evidence, by node id."""

    graph: Graph
    evidence: dict[int, Evidence] = field(default_factory=dict[int, Evidence])


def import_inlined(native: object, method: str) -> NativeGraph:
    """Reads the inlined graph of an entry point, call stacks included; nothing is changed.

    Args:
        native: a compiled module or function.
    """
    graph = natives.inlined_graph(native, method)
    read = read_graph(print_graph(graph), method).graph
    body = read_inlined(Functions(native), method)
    if body.shape != _shape(read):
        body = read_plain(graph, UNKNOWN_STACK)
    return _joined(read, graph, body)


def import_graph(native: torch._C.Graph, name: str, body: Body | None = None) -> NativeGraph:
    """Reads a live graph as it stands, without changing it.

    Args:
        native: only read.
        name: method or function name.
        body: what is known about its nodes; by default their own ranges.

    Raises:
        CaptureError: `TSV-C23` if text and bindings disagree, which would make every link wrong.
    """
    return _joined(read_graph(print_graph(native), name).graph, native, body or read_plain(native))


def live_nodes(native: torch._C.Graph, graph: Graph) -> list[torch._C.Node]:
    """The nodes of a live graph in the order of `graph.nodes`, which was read from it.

    Raises:
        CaptureError: `TSV-C23` they do not correspond.
    """
    steps = list(iter_steps(native))
    _check(graph, shape_of(steps))
    return nodes_of(steps)


def print_graph(native: torch._C.Graph) -> str:
    """What PyTorch prints; it fails on MKL-DNN tensors of one element, which are made dense.

    Raises:
        CaptureError: `TSV-C24` a constant has no numbers.
    """
    try:
        return str(native)
    except NotImplementedError as error:
        message = "expected constants with numbers in the graph, got one on the meta device"
        help = "give the model real weights first: model.to_empty(device='cpu')"
        note = f"PyTorch said: {error}"
        raise CaptureError(Diagnostic("TSV-C24", message, notes=(note,), help=help)) from error
    except RuntimeError:
        copy = native.copy()
        for node in find_nodes(copy, "prim::ConstantMKLDNNTensor"):
            set_tensor_attribute(node, "value", tensor_attribute(node, "value").to_dense())
        return str(copy)


def _joined(read: Graph, native: torch._C.Graph, body: Body) -> NativeGraph:
    _check(read, body.shape)
    evidence = dict(zip(read.nodes, body.evidence, strict=True))
    digests = TensorDigests(native, read)
    graph = Graph(read.name, read.dialect, read.block, read.values, read.types, digests=digests)
    return NativeGraph(graph, evidence)


def _check(read: Graph, live: tuple[str, ...]) -> None:
    shape = _shape(read)
    if shape == live:
        return
    at = next((i for i, pair in enumerate(zip(shape, live, strict=False)) if len(set(pair)) > 1), 0)
    raise CaptureError(
        Diagnostic(
            "TSV-C23",
            f"expected the text of a graph to list its nodes, got {shape[at : at + 1]} "
            f"for {live[at : at + 1]} at step {at} (of {len(shape)} and {len(live)})",
            help="please report this with the output of `tsviz env`",
        )
    )


def _shape(graph: Graph) -> tuple[str, ...]:
    """The kinds of all nodes as `Body.shape` has them."""
    shape: list[str] = []
    stack: list[Iterator[Node | str]] = [iter(graph.block.nodes)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        if isinstance(step, str):
            shape.append(step)
            continue
        shape.append("prim::PythonOp" if step.op[0] == "^" else step.op)
        if step.blocks:
            stack.append(_inner_steps(step))
    return tuple(shape)


def _inner_steps(node: Node) -> Iterator[Node | str]:
    subgraphs = [value.index for _, value in node.attributes if isinstance(value, SubgraphRef)]
    for index, block in enumerate(node.blocks):
        opening, closing = "<>" if index in subgraphs else "{}"
        yield opening
        yield from block.nodes
        yield closing


# ── tensor constants ────────────────────────────────────────────────────────────────────────────


class TensorDigests(dict[int, str]):
    """Node id → digest of its tensor constant, computed when first asked for.

    Hashing the weights of a frozen model takes longer than importing its graph, and most faces
    never ask.
    """

    def __init__(self, native: torch._C.Graph, graph: Graph) -> None:
        super().__init__()
        self._native = native
        self._nodes = [node.id for node in graph.nodes.values()]
        self._tensors = {node.id for node in graph.nodes.values() if _holds_tensor(node)}
        self._live: dict[int, torch._C.Node] = {}

    def get(self, key: int, default: str = "") -> str:  # type: ignore[override]
        """The digest of node `key`, or `default` where it holds no tensor."""
        if key in self or key not in self._tensors:
            return super().get(key, default)
        if not self._live:
            live = nodes_of(iter_steps(self._native))
            self._live = dict(zip(self._nodes, live, strict=True))
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
