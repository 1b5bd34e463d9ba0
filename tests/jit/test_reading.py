"""A live graph and what was read of its text are the same graph, or nothing is said about it."""

import pytest
import torch
from torch import Tensor

from tsviz.errors import CaptureError
from tsviz.ir import read_graph
from tsviz.jit.reading import live_nodes


@torch.jit.script
def added(x: Tensor) -> Tensor:
    return torch.relu(x) + 1


@torch.jit.script
def multiplied(x: Tensor) -> Tensor:
    return torch.relu(x) * 1


def test_live_nodes_are_those_of_the_text() -> None:
    graph = read_graph(str(added.graph)).graph
    kinds = [node.kind() for node in live_nodes(added.graph, graph)]
    assert kinds == [node.op for node in graph.iter_nodes()]


def test_the_text_of_another_graph() -> None:
    graph = read_graph(str(multiplied.graph)).graph
    with pytest.raises(CaptureError) as caught:
        live_nodes(added.graph, graph)
    assert str(caught.value) == (
        "error[TSV-C23]: expected the text of a graph to list its nodes, "
        "got ('aten::mul',) for ('aten::add',) at step 2 (of 3 and 3)\n"
        "  help: please report this with the output of `tsviz env`"
    )
