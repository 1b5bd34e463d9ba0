"""Backward graphs: which forward node each of their nodes belongs to."""

from collections import Counter

import pytest
import torch
from torch import nn

import tsviz
from tests.models import ZOO
from tsviz.jit.recording import Runtime
from tsviz.passes import Action, PassRecord, PassTrace, run_passes
from tsviz.passes.runtime import DIFFERENTIATE


class Twice(nn.Module):
    """Every op but one stands twice."""

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        first = torch.tanh(x)
        second = torch.tanh(first * w)
        third = torch.sigmoid(second)
        return first * third + second


class Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(3, 4)
        self.two = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.one(x))
        x = torch.relu(self.two(x))
        return x.exp() - x


def record(model: nn.Module, inputs: int) -> PassTrace:
    torch.manual_seed(0)
    args = tuple(torch.randn(2, 3, requires_grad=True) for _ in range(inputs))
    program = tsviz.capture(model, args, via="script")
    return run_passes(program, pipeline=Runtime(grad=True))


@pytest.fixture(scope="module")
def twice() -> PassTrace:
    return record(Twice(), 2)


@pytest.fixture(scope="module")
def layers() -> PassTrace:
    return record(Layers(), 1)


def differentiated(trace: PassTrace) -> PassRecord:
    (found,) = (item for item in trace if item.name == DIFFERENTIATE)
    return found


def by_forward_node(trace: PassTrace) -> dict[tuple[str, str], list[str]]:
    """(source text of a forward node, its op) → the ops that compute its gradient, in order."""
    start = differentiated(trace)
    found: dict[tuple[str, str], list[str]] = {}
    for node in start.after.nodes.values():
        origin = start.sources[node.id]
        forward = trace.first.nodes.get(origin.sources[0])
        if origin.action is not Action.GRADIENT or forward is None or node.op.startswith("prim::"):
            continue
        place = trace.model_line(node)
        assert place is not None
        text = trace.program.sources[place.file].slice(place)
        found.setdefault((text, forward.op), []).append(node.op)
    return found


TANH = ["aten::mul", "aten::neg", "aten::add", "aten::mul"]  # grad * (1 - y * y)
SIGMOID = ["aten::neg", "aten::add", "aten::mul", "aten::mul"]  # (1 - y) * y * grad
MUL = ["aten::mul", "aten::_grad_sum_to_size"] * 2
RELU = ["aten::gt", "aten::type_as", "aten::mul"]
LINEAR = [
    *("aten::__isnot__", "aten::size", "aten::_grad_sum_to_size", "aten::size", "aten::matmul"),
    *("aten::__getitem__", "aten::reshape", "aten::t", "aten::__getitem__", "aten::reshape"),
    "aten::matmul",
]


def test_gradients_of_equal_ops_are_told_apart(twice: PassTrace):
    """Written by hand from the formulas of the derivatives and the source above."""
    assert by_forward_node(twice) == {
        ("first * third + second", "aten::add"): [
            *("aten::mul", "aten::_grad_sum_to_size", "aten::_grad_sum_to_size")
        ],
        ("first * third", "aten::mul"): MUL,
        ("torch.sigmoid", "aten::sigmoid"): SIGMOID,
        ("torch.tanh", "aten::tanh"): [*TANH, *TANH],
        ("first * w", "aten::mul"): MUL,
    }
    lines = Counter(
        place.line
        for node in differentiated(twice).after.nodes.values()
        if node.op == "aten::neg" and (place := twice.model_line(node))
    )
    assert sorted(lines.values()) == [1, 1, 1]  # two tanh and the sigmoid, each on its own line


def test_gradients_of_layers_stand_at_their_calls(layers: PassTrace):
    assert by_forward_node(layers) == {
        ("x.exp() - x", "aten::sub"): [
            *("aten::neg", "aten::mul", "aten::_grad_sum_to_size", "aten::_grad_sum_to_size")
        ],
        ("x.exp", "aten::exp"): ["aten::mul"],
        ("torch.relu", "aten::relu"): [*RELU, *RELU],
        ("self.two", "aten::linear"): LINEAR,
        ("self.one", "aten::linear"): LINEAR,
    }


def test_at_least_forty_nodes_were_judged(twice: PassTrace, layers: PassTrace):
    judged = [ops for trace in (twice, layers) for ops in by_forward_node(trace).values()]
    assert sum(map(len, judged)) == 56


def test_sums_of_gradients_belong_to_what_made_the_value(twice: PassTrace):
    """`first` and `second` are used twice: what comes back is added up at their `tanh`."""
    start = differentiated(twice)
    sums = Counter(
        twice.first.nodes[source].op
        for node in start.after.nodes.values()
        if node.op == "prim::AutogradAdd"
        and (source := start.sources[node.id].sources[0]) in twice.first.nodes
    )
    assert sums == {"aten::tanh": 4, "aten::sigmoid": 1}


@pytest.mark.parametrize("name", sorted(ZOO))
def test_a_gradient_has_the_op_of_its_forward_node(name: str):
    """Autodiff notes the op in the node; what the walk has found must agree with it."""
    trace = run_passes(
        tsviz.capture(ZOO[name].build(), ZOO[name].inputs()), pipeline=Runtime(grad=True)
    )
    seen = {node: graph for record in trace for graph in (record.after,) for node in graph.nodes}
    for start in (item for item in trace if item.name == DIFFERENTIATE):
        for node in start.after.block.nodes:
            if node.op == "prim::GradOf":
                assert start.sources[node.id].action is Action.GRADIENT
                (source,) = start.sources[node.id].sources
                assert seen[source].nodes[source].op == node.get_attribute("name")


def test_copies_lead_back_to_the_gradients(layers: PassTrace):
    """Zeros are specialised in a copy; what the backward plan runs is known all the same."""
    part = differentiated(layers).part
    plan = [item for item in layers if item.part == part][-1].after
    ops = Counter(node.op for node in plan.nodes.values() if layers.lineage(node).roots)
    assert ops["aten::matmul"] == 4
    assert all(layers.model_line(node) is not None for node in plan.nodes.values())
    by_line = Counter(
        place.line
        for node in plan.nodes.values()
        if node.op == "aten::matmul" and (place := layers.model_line(node))
    )
    assert sorted(by_line.values()) == [2, 2]


def test_what_is_printed_for_a_part_is_no_step_of_the_program(twice: PassTrace):
    names = {item.name for item in twice if not item.part}
    assert not any("UpdateDifferentiableGraphRequiresGrad" in name for name in names)
