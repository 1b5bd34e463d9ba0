"""The plan of PyTorch's executor, stepped."""

import pytest
import torch
from torch import nn

import tsviz
from tests.debugger.driving import Calls, Noisy, bits, finished, started, stepped_through
from tsviz.debugger import Status

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


class Repeats(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = (x * 2 + 1).tanh()
        return x.sum()


def test_the_plan_is_stepped_not_the_graph():
    with torch.no_grad(), started(Repeats(), (torch.ones(2),), plan=True) as session:
        ops = [node.op for node in session.program.graph.iter_nodes()]
        assert "prim::Loop" not in ops
        assert ops.count("aten::tanh") == 3
        assert len(stepped_through(session)) == len([op for op in ops if op != "prim::Constant"])
        assert session.result.equal(Repeats()(torch.ones(2)))


def test_nodes_know_their_lines():
    with torch.no_grad(), started(Calls().eval(), (torch.ones(1, 3),), plan=True) as session:
        session.break_at(f"driving.py:{line_of('z = y * 2')}")
        session.continue_()
        state = session.wait()
        assert state.node.op == "aten::mul"  # type: ignore[union-attr]
        assert session.evaluate("inputs[0]").shape == (1, 4)  # type: ignore[union-attr]


def line_of(text: str) -> int:
    from pathlib import Path

    from tests.debugger import driving

    lines = Path(driving.__file__).read_text(encoding="utf-8").split("\n")
    return next(at for at, line in enumerate(lines, start=1) if text in line)


def test_what_is_differentiated_is_one_step():
    x = torch.rand(2, 2, requires_grad=True)
    with started(Repeats(), (x,), plan=True) as session:
        seen = stepped_through(session)
        groups = [
            node.id
            for node in session.program.graph.iter_nodes()
            if node.op == "prim::DifferentiableGraph"
        ]
        assert [number for number in seen if number in groups] == groups
        assert len(groups) == 1
        assert session.result.equal(Repeats()(x))
        session.result.backward()
    assert x.grad is None


def test_a_fused_group_is_one_step():
    jit = torch._C
    before = jit._jit_can_fuse_on_cpu(), jit._jit_get_te_must_use_llvm_cpu()
    jit._jit_override_can_fuse_on_cpu(True)
    jit._jit_set_te_must_use_llvm_cpu(False)
    try:
        with torch.no_grad(), started(Repeats(), (torch.rand(2, 2),), plan=True) as session:
            seen = stepped_through(session)
            nodes = [session._places.node(number).op for number in seen]
            assert nodes.count("prim::TensorExprGroup") == 1
            first, state = session.result, session.state
            assert state.status is Status.FINISHED
            session.back()
            assert session.wait().is_held
            assert finished(session).equal(first)
    finally:
        jit._jit_override_can_fuse_on_cpu(before[0])
        jit._jit_set_te_must_use_llvm_cpu(before[1])


def test_back_and_on_gives_the_same():
    with started(Noisy().train(), (torch.ones(2, 4),), plan=True) as session:
        seen = stepped_through(session)
        first = bits(session.result)
        session.goto(len(seen) // 2)
        assert session.wait().notes == ()
        assert bits(finished(session)) == first
        assert session.state.notes == ()


def test_the_model_and_the_random_numbers_stay():
    model = Noisy().train()
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    with started(model, (torch.ones(2, 4),), plan=True) as session:
        finished(session)
    assert torch.rand(2).equal(expected)
    assert model.count == 0
    assert not model.total.any()


def test_forks_and_fused_groups_cannot_be_stepped():
    from tsviz.debugger.planned import check_plan
    from tsviz.errors import UsageError
    from tsviz.ir import Block, Graph, Node

    nodes = tuple(
        Node(at, op, "", (), ()) for at, op in ((1, "prim::fork"), (2, "prim::TensorExprGroup"))
    )
    with pytest.raises(UsageError) as caught:
        check_plan(Graph("forward", "torchscript", Block((), nodes, ()), {}, {}))
    assert str(caught.value) == (
        "error[TSV-D22]: expected a plan that can be stepped, got one with both forks and fused "
        "groups\n"
        "  help: leave `plan=True` out: the graph as it was compiled can be stepped"
    )


def test_a_model_that_fails_while_it_warms_up():
    class Fails(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.mm(x, x)

    with pytest.raises(tsviz.TsvizError) as caught:
        tsviz.debug(Fails(), (torch.ones(2, 3),), plan=True)
    assert caught.value.diagnostic.code == "TSV-S01"
