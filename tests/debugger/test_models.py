"""Every small model, example and failure: stepped, each does what it does unstepped."""

import pytest

from benchmarks.stepping import LARGE, MORE, Row, causes, check, program_of
from tests.models import ZOO
from tsviz.examples import EXAMPLES
from tsviz.ir import Block, Graph, Node

NAMES = [*ZOO, *MORE, *(example.name for example in EXAMPLES if example.name not in LARGE)]


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
@pytest.mark.parametrize("name", NAMES)
def test_models(name: str):
    row: Row = check(name, program_of(name))
    assert row.unoptimised == "equal"
    assert row.planned in ("equal", "-")
    assert row.plan != "differs: rewritten"
    assert (row.end != "finished") == (name in MORE and name != "dropout-in-training")


def test_causes_have_names():
    def plan(*ops: str) -> Graph:
        nodes = tuple(Node(at, op, "", (), ()) for at, op in enumerate(ops, start=1))
        return Graph("forward", "torchscript", Block((), nodes, ()), {}, {})

    assert causes(plan("prim::TensorExprGroup", "aten::add")) == ["fused"]
    assert causes(plan("prim::DifferentiableGraph")) == ["autodiff"]
    assert causes(plan("prim::mkldnn_convolution", "prim::FusionGroup")) == ["fused", "mkldnn"]
    assert causes(plan("aten::add")) == []
