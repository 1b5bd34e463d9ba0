"""What freezing folds still leads to the call that it was folded into."""

from collections import Counter
from typing import Any

import pytest
import torch

import tsviz
from tests.models import ZOO
from tsviz.examples import get
from tsviz.frontends import Program
from tsviz.jit import freezing
from tsviz.jit.internals import find_nodes, tensor_attribute
from tsviz.jit.outlines import CONSTANT
from tsviz.location import How

MKLDNN = "prim::ConstantMKLDNNTensor"


def folded(program: Program) -> dict[str, tuple[str, str]]:
    """Weight that folding made → its model line and that of its first user."""
    graph, lines = program.graph, dict[str, tuple[str, str]]()
    for node in graph.nodes.values():
        name = graph.values[node.outputs[0]].name if node.op == "prim::Constant" else ""
        if "_fused_" in name:
            user = graph.nodes[graph.users[node.outputs[0]][0].node]
            lines[name] = (str(program.model_line(node)), str(program.model_line(user)))
    return lines


def test_folded_weights_have_the_line_of_their_convolution():
    """PyTorch names the biases of all convolutions after the first one."""
    example = get("resnet-tiny")
    lines = folded(tsviz.capture(example.build(), example.inputs(), via="freeze"))
    assert len(lines) > 30
    assert {name: pair for name, pair in lines.items() if pair[0] != pair[1]} == {}
    assert len({line for line, _ in lines.values()}) >= 5


@pytest.mark.parametrize("via", ["freeze", "optimize"])
def test_folded_weights_are_in_the_module_of_their_convolution(via: str):
    """Blocks of one class have their convolutions on the same lines."""
    example = get("resnet50")
    graph = tsviz.capture(example.build(), example.inputs(), via=via).graph
    wrong: list[tuple[str, str]] = []
    scopes: set[str] = set()
    for node in graph.nodes.values():
        if "onstant" in node.op and "_fused_" in graph.values[node.outputs[0]].name:
            user = graph.nodes[graph.users[node.outputs[0]][0].node]
            scopes.add(graph.scope(node))
            if graph.scope(node) != graph.scope(user):
                wrong.append((graph.scope(node), graph.scope(user)))
    assert wrong == []
    assert len(scopes) > 40


@pytest.mark.parametrize("name", ["self-attention", "transformer"])
def test_the_random_order_of_constants_loses_no_origin(name: str):
    model = ZOO[name]
    for _ in range(3):
        program = tsviz.capture(model.build(), model.inputs(), via="freeze")
        hows = Counter(program.graph.link(node).how for node in program.graph.nodes.values())
        assert hows[How.CALL] + hows[How.EXACT] > 0.9 * hows.total()
        assert hows[How.NONE] < 3


@pytest.mark.parametrize("via", ["freeze", "optimize"])
def test_of_two_frozen_modules_one_keeps_weights(via: str, monkeypatch: pytest.MonkeyPatch):
    """PyTorch never frees the graph of a frozen module; the one that is only read is emptied."""
    made: list[torch.jit.ScriptModule] = []
    finish = freezing.finish

    def noting(*args: Any, **kwargs: Any) -> torch.jit.ScriptModule:
        made.append(finish(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(freezing, "finish", noting)
    example = get("resnet-tiny")
    program = tsviz.capture(example.build(), example.inputs(), via=via)
    counts = {module is program.native: count_constants(module) for module in made}
    assert counts[True] > 10_000
    assert counts[False] == 0


def count_constants(module: torch.jit.ScriptModule) -> int:
    """Numbers in the tensors of the graph's constants."""
    nodes = (*find_nodes(module.graph, CONSTANT), *find_nodes(module.graph, MKLDNN))
    return sum(
        tensor_attribute(node, "value").numel()
        for node in nodes
        if node.hasAttribute("value") and node.kindOf("value") == "t"
    )
