"""Planted faults are found, and clean pipelines are left in peace."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

import tsviz
from tests.models import ZOO
from tsviz.errors import PassError, UsageError
from tsviz.frontends import Program
from tsviz.jit.recording import Runtime
from tsviz.passes import Blame, run_passes

Graph = torch._C.Graph


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.linear = nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.norm(self.conv(x)).relu().mean((2, 3))
        z = torch.sigmoid(self.linear(y)) * 3.0
        return torch.softmax(z, dim=1) + y / 7.0


def small() -> Program:
    torch.manual_seed(0)
    model = Small().eval()
    nn.init.uniform_(model.norm.running_var, 0.5, 2)
    nn.init.uniform_(model.norm.running_mean, -1, 1)
    return tsviz.capture(model, (torch.randn(2, 3, 8, 8),), via="trace")


def nodes(graph: Graph, op: str) -> list[torch._C.Node]:
    return list(graph.findAllNodes(op))


def replaced(graph: Graph, op: str, by: str, *more: object) -> None:
    """Puts another op of the same first input in place of all nodes of an op."""
    for node in nodes(graph, op):
        with graph.insert_point_guard(node):
            inputs = [node.inputsAt(0), *(graph.insertConstant(value) for value in more)]
            made = graph.insertNode(graph.create(by, inputs, 1))
        made.copyMetadata(node)
        made.output().setType(node.output().type())
        node.output().replaceAllUsesWith(made.output())
        node.destroy()


def wrong_op(graph: Graph) -> None:
    replaced(graph, "aten::sigmoid", "aten::tanh")


def other_rounding(graph: Graph) -> None:
    """A fused op with other rounding: sigmoid by way of half precision."""
    for node in nodes(graph, "aten::sigmoid"):
        with graph.insert_point_guard(node):
            given = node.inputsAt(0)
            for dtype in (torch.float16, torch.float32):
                rest = [graph.insertConstant(v) for v in (_number(dtype), False, False, None)]
                cast = graph.insertNode(graph.create("aten::to", [given, *rest], 1))
                cast.copyMetadata(node)
                given = cast.output()
        node.replaceInput(0, given)


def _number(dtype: torch.dtype) -> int:
    return {torch.float16: 5, torch.float32: 6, torch.float64: 7}[dtype]


def other_dtype(graph: Graph) -> None:
    for value in list(graph.outputs()):
        maker = value.node()
        rest = [graph.insertConstant(v) for v in (_number(torch.float64), False, False, None)]
        cast = graph.insertNode(graph.create("aten::to", [value, *rest], 1))
        cast.copyMetadata(maker)
        graph.eraseOutput(0)
        graph.registerOutput(cast.output())


def other_constant(graph: Graph) -> None:
    for node in nodes(graph, "aten::mul"):
        with graph.insert_point_guard(node):
            node.replaceInput(1, graph.insertConstant(3.001))


def swapped_operands(graph: Graph) -> None:
    for node in nodes(graph, "aten::div"):
        one, other = node.inputsAt(0), node.inputsAt(1)
        node.replaceInput(0, other)
        node.replaceInput(1, one)


def dropped_bias(graph: Graph) -> None:
    for node in nodes(graph, "aten::linear"):
        with graph.insert_point_guard(node):
            node.replaceInput(2, graph.insertConstant(None))


def other_dimension(graph: Graph) -> None:
    for node in nodes(graph, "aten::softmax"):
        with graph.insert_point_guard(node):
            node.replaceInput(1, graph.insertConstant(0))


def other_epsilon(graph: Graph) -> None:
    """Batch norm folded with another epsilon."""
    for node in nodes(graph, "aten::batch_norm"):
        with graph.insert_point_guard(node):
            node.replaceInput(7, graph.insertConstant(0.01))


def left_out(graph: Graph) -> None:
    for node in nodes(graph, "aten::relu"):
        node.output().replaceAllUsesWith(node.inputsAt(0))
        node.destroy()


FAULTS: dict[Callable[[Graph], None], tuple[str, str]] = {
    # the op of a node that is blamed, and the source it leads to
    wrong_op: ("aten::tanh", "torch.sigmoid"),
    other_rounding: ("aten::to", "torch.sigmoid"),
    other_constant: ("aten::mul", "torch.sigmoid"),
    swapped_operands: ("aten::div", "torch.softmax"),
    dropped_bias: ("aten::linear", "self.linear"),
    other_dimension: ("aten::softmax", "torch.softmax"),
    other_epsilon: ("aten::batch_norm", "self.norm"),
    left_out: ("aten::mean", "self.norm"),
    other_dtype: ("aten::to", "torch.softmax"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found(fault: Callable[[Graph], None]):
    program = small()
    trace = run_passes(program, pipeline=["cse", "constant_pooling", fault, "peephole", "dce"])
    assert trace.diagnostics == ()
    blame = trace.blame()
    assert blame.culprit is not None
    assert trace[blame.culprit].name == fault.__name__
    op, source = FAULTS[fault]
    after = trace[blame.culprit].after
    lines = {after.nodes[node].op: trace.model_line(node) for node in blame.nodes}
    assert op in lines
    place = lines[op]
    assert place is not None
    text = program.sources[place.file].text.split("\n")[place.line - 1]
    assert source in text
    assert blame.is_steady


def test_no_pass_is_blamed_for_nothing():
    clean = ["inline", "cse", "constant_propagation", "constant_pooling", "peephole", "dce"]
    blame = run_passes(small(), pipeline=clean).blame()
    assert (blame.culprit, blame.nodes, blame.runnable) == (None, (), 1.0)


@pytest.mark.parametrize("pipeline", [Runtime(grad=False), "freeze"], ids=["runtime", "freeze"])
def test_no_pass_of_pytorchs_is_blamed(pipeline):
    blame = run_passes(small(), pipeline=pipeline).blame()
    assert blame.culprit is None
    assert blame.verdicts[0].difference is not None
    assert not blame.verdicts[0].difference.absolute


def test_a_change_of_dtype_is_told():
    trace = run_passes(small(), pipeline=[other_dtype])
    (_, verdict) = trace.blame().verdicts
    assert verdict.difference is not None
    assert verdict.difference.kinds == ("torch.float32 became torch.float64",)


def test_the_tolerance_counts():
    trace = run_passes(small(), pipeline=[other_rounding])
    assert trace.blame(rtol=0.1, atol=0.1).culprit is None
    assert trace.blame().culprit == 0


def test_table():
    frame = run_passes(small(), pipeline=["cse", wrong_op]).blame().to_dataframe()
    assert frame.loc[-1, "absolute"] == 0
    assert bool(frame["beyond"].iloc[-1])


RUNNABLE = 0.8
CALLS_PYTHON = {"ignored-python-method", "autograd-function-traced"}


def blame_of(name: str) -> Blame:
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    return run_passes(program, pipeline=Runtime(grad=False)).blame()


@pytest.mark.parametrize("name", sorted(ZOO.keys() - CALLS_PYTHON - {"raises"}))
def test_snapshots_of_the_runtime_run_and_agree(name: str):
    blame = blame_of(name)
    assert blame.culprit is None
    assert blame.runnable >= RUNNABLE, [v for v in blame.verdicts if v.reason]


def test_a_program_that_fails_before_any_pass():
    program = tsviz.capture(Small(), (torch.randn(2, 3, 8, 8),), via="trace")
    trace = run_passes(program, pipeline=["cse"])
    with pytest.raises(PassError, match="TSV-S06"):
        trace.blame((torch.randn(2, 5),))
    untried = tsviz.capture(Small(), via="script")
    with pytest.raises(UsageError, match="TSV-S11"):
        run_passes(untried, pipeline=["cse"]).blame()
