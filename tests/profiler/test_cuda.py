"""Profiles on a CUDA device: streams, CUDA graphs, fused kernels.

Needs torch, pandas and pytest alone: `pytest --noconftest tests/profiler/test_cuda.py`.
"""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from tests.profiler.models import Inner, Outer
from tsviz.profiler import Profile, Sample, profile, sweep, throughput

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
RUNS = 3


class Products(nn.Module):
    """Long enough on a device to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(512, 512), nn.Linear(512, 512)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(x)))


def profiled(model: nn.Module, x: Tensor | None = None, *, device: str = "cuda") -> Profile:
    given = torch.ones(64, 512) if x is None else x
    with torch.no_grad():
        return profile(model.eval(), (given,), runs=RUNS, device=device)


def only(found: Profile, op: str) -> Sample:
    (sample,) = [s for s in found.samples.values() if s.op == op and s.calls]
    return sample


def streams_of(found: Profile) -> set[int]:
    return {kernel[4] for piece in found.pieces for kernel in piece.kernels}


def check_sums(found: Profile) -> None:
    """Kernels are nodes', and every nanosecond of them is in each table once."""
    sums = found.accounting
    assert sums.kernels
    assert sums.kernels_attributed is not None
    assert sums.kernels_attributed >= 0.99 * sums.kernels
    known = sums.kernels_attributed
    assert sum(sum(s.device_ns or ()) for s in found.samples.values()) == known
    assert int(found.by_line()["device_ns"].sum()) == known
    assert int(found.by_module()["device_ns"].sum()) == known


# ── streams ─────────────────────────────────────────────────────────────────────────────────────


def test_kernels_are_those_of_the_callers_stream():
    usual = profiled(Products())
    with torch.cuda.stream(torch.cuda.Stream()):
        aside = profiled(Products())
    for found in (usual, aside):
        check_sums(found)
        assert len(streams_of(found)) == 1
    assert streams_of(usual).isdisjoint(streams_of(aside))


def test_one_stream_is_never_busier_than_its_kernels():
    sums = profiled(Products()).accounting
    assert sums.device_busy is not None
    assert sums.kernels is not None
    assert sums.device_busy <= sums.kernels
    assert sums.device_idle == max(sums.wall - sums.device_busy, 0)


def test_what_forks_launch_belongs_to_their_nodes():
    found = profiled(Outer(), torch.ones(256, 256))
    check_sums(found)
    sigmoids = [s for s in found.samples.values() if s.op == "aten::sigmoid" and s.calls]
    fused = [s for s in found.samples.values() if s.members and s.calls]
    assert all(s.kernels for s in (*sigmoids, *fused))
    assert sigmoids or fused


# ── CUDA graphs ─────────────────────────────────────────────────────────────────────────────────


class Replays(nn.Module):
    """One op replays a graph of three kernels and more, the next one does not."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(torch.ops.tsviz_on_cuda.replay(x))


@pytest.fixture
def recorded() -> Iterator[None]:
    """The op, with its graph."""
    given = torch.zeros(256, 256, device="cuda")
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.no_grad(), torch.cuda.stream(side):
        given.mm(given).tanh().mm(given)  # what libraries set up once is no part of a graph
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.no_grad(), torch.cuda.graph(graph):
        made = given.mm(given).tanh().mm(given)

    def replay(x: Tensor) -> Tensor:
        given.copy_(x)
        graph.replay()
        return made.clone()

    with torch.library._scoped_library("tsviz_on_cuda", "FRAGMENT") as library:
        library.define("replay(Tensor x) -> Tensor")
        library.impl("replay", replay, "CUDA")
        yield


def test_kernels_of_a_graph_belong_to_the_op_that_replays_it(recorded: None):
    found = profiled(Replays(), torch.ones(256, 256))
    check_sums(found)
    replay, relu = only(found, "tsviz_on_cuda::replay"), only(found, "aten::relu")
    assert relu.kernels == RUNS
    assert replay.kernels is not None
    assert replay.kernels >= 3 * RUNS
    assert all(time > 0 for time in replay.device_ns or ())


# ── fused kernels ───────────────────────────────────────────────────────────────────────────────


def test_a_fused_kernel_is_its_groups_and_shared_among_its_members():
    if not torch._C._jit_can_fuse_on_gpu():
        pytest.skip("this PyTorch does not fuse on a GPU")
    found = profiled(Inner(), torch.ones(256, 256))
    check_sums(found)
    group = only(found, "prim::TensorExprGroup")
    assert group.members == 3
    assert group.kernels == RUNS
    origins = found.shares[group.node]
    ops = [found.program.graph.nodes[node].op for node in origins]
    assert ops == ["aten::sigmoid", "aten::relu", "aten::mul"]
    shares = [found.by_origin[node].device_ns for node in origins]
    assert sum(shares) == sum(group.device_ns or ())
    assert max(shares) - min(shares) <= RUNS


# ── held against each other ─────────────────────────────────────────────────────────────────────


def test_kernels_are_compared_with_kernels_and_ops_with_ops():
    here, there, again = (
        profiled(Products(), device="cpu"),
        profiled(Products()),
        profiled(Products()),
    )
    assert again.against(there).of_kernels
    assert not there.against(here).of_kernels
    taken = sum(sum(change.after) for change in again.against(there).lines)
    assert round(taken) == again.accounting.kernels_attributed


def test_a_sweep_on_a_device():
    model = Products().cuda()
    with torch.no_grad():
        found = sweep(model, (torch.ones(4, 512, device="cuda"),), batch_sizes=(1, 64), runs=2)
    for point in found.points:
        assert point.profile is not None
        check_sums(point.profile)


def test_throughput_waits_for_the_device():
    model = Products().cuda()
    with torch.no_grad():
        found = throughput(
            model, (torch.ones(4, 512, device="cuda"),), threads=(1, 2), repetitions=2
        )
    assert {rate.variant for rate in found.rates} == {"eager", "script"}
    assert all(rate.per_second.median > 0 for rate in found.rates)
