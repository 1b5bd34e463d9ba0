"""From the nodes of the plan to the nodes of the program, its lines and its modules."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tsviz.ir import Graph, Node, SubgraphRef
from tsviz.jit.marking import FUSED
from tsviz.passes import PassTrace
from tsviz.profiler.attribution import split
from tsviz.profiler.samples import Sample

_PLUMBING = ("prim::Constant", "prim::GetAttr")


@dataclass(slots=True)
class Share:
    """What nodes of the plan took for one node of the program, over all runs.

    Attributes:
        cpu_ns, device_ns: times.
        bytes_allocated: of one run.
        flops: of one run; `None` where PyTorch has no formula for any of them.
        calls: how often it ran, its unrolled copies added; `None` where that is not known.
        is_shared: whether any of it is a share of what several nodes took.
    """

    cpu_ns: int = 0
    device_ns: int = 0
    bytes_allocated: int = 0
    flops: float | None = None
    calls: int | None = None
    is_shared: bool = False


def flow_of(trace: PassTrace, plan: Graph) -> dict[int, tuple[int, ...]]:
    """Node of the plan → the nodes of the program that it stands for."""
    inner = {member.id for node in plan.nodes.values() for member in members(node)}
    first = trace.first.nodes

    def roots(node: Node) -> tuple[int, ...]:
        found = trace.roots(node.id)
        working = tuple(root for root in found if first[root].op not in _PLUMBING)
        return working or found

    flows: dict[int, tuple[int, ...]] = {}
    for node in plan.nodes.values():
        if node.id in inner:
            continue  # its group has the time
        fused = [root for member in members(node) for root in roots(member)]
        flows[node.id] = tuple(fused) or roots(node)
    return flows


def members(node: Node) -> tuple[Node, ...]:
    """The nodes that a fusion group stands for; () of any other node."""
    if node.op not in FUSED:
        return ()
    found = (value for _, value in node.attributes if isinstance(value, SubgraphRef))
    blocks = [node.blocks[reference.index] for reference in found]
    return tuple(n for block in blocks for n in block.nodes if n.op != "prim::Constant")


def share_out(
    samples: Mapping[int, Sample], flows: Mapping[int, tuple[int, ...]]
) -> dict[int, Share]:
    """Node of the program → its share; every nanosecond and byte goes to exactly one."""
    shares: dict[int, Share] = {}
    calls: Counter[tuple[int, str]] = Counter()  # copies have one op, parts of one node others
    for sample in samples.values():
        if sample.cpu_ns is None and not sample.kernels:
            continue
        origins = flows.get(sample.node, ()) or (0,)
        parts = len(origins)
        rows: Iterable[tuple[int, int, int, int]] = zip(
            origins,
            split(sample.cpu_ns or 0, parts),
            split(sum(sample.device_ns or ()), parts),
            split(sample.bytes_allocated or 0, parts),
            strict=True,
        )
        for origin, cpu, device, size in rows:
            share = shares.setdefault(origin, Share())
            share.cpu_ns += cpu
            share.device_ns += device
            share.bytes_allocated += size
            if sample.flops is not None:
                share.flops = (share.flops or 0.0) + sample.flops / parts
            share.is_shared |= parts > 1 or sample.is_shared
            if sample.calls is not None:
                calls[origin, sample.op] += sample.calls
                share.calls = max(share.calls or 0, calls[origin, sample.op])
    return shares
