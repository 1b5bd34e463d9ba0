"""The pipelines of freezing end in what PyTorch gives, and leave the user's module as it is."""

from collections import Counter
from collections.abc import Callable

import pytest
import torch

import tsviz
from tests.models import ZOO
from tsviz.examples import EXAMPLES
from tsviz.frontends import Program
from tsviz.ir import Graph, read_graph
from tsviz.jit.walking import print_graph
from tsviz.passes import PassTrace, run_passes

FREEZABLE = sorted(
    name for name, model in ZOO.items() if isinstance(model.build(), torch.jit.ScriptModule)
)


def ops(graph: Graph) -> Counter[str]:
    """How many nodes of each op; their order is not fixed: freezing walks sets of pointers."""
    return Counter(node.op for node in graph.nodes.values())


def zoo_program(name: str) -> Program:
    return tsviz.capture(ZOO[name].build(), ZOO[name].inputs())


TRIES = 6
"""One model in twelve freezes otherwise, in PyTorch itself: its sets are ordered by pointers."""


def check(record: Callable[[], PassTrace], freeze: Callable[[], torch.jit.ScriptModule]) -> None:
    """Both give the same graph, as soon as both took the same way."""
    for _ in range(TRIES):
        found = ops(record().last)
        native = freeze()._c._get_method("forward").graph
        expected = ops(read_graph(print_graph(native)).graph)
        if found == expected:
            return
    assert found == expected


@pytest.mark.parametrize("name", FREEZABLE)
def test_the_end_of_freeze_is_what_pytorch_freezes(name: str):
    program = zoo_program(name)
    before = str(program.native.graph)
    check(
        lambda: run_passes(program, pipeline="freeze"),
        lambda: torch.jit.freeze(ZOO[name].build()),
    )
    assert str(program.native.graph) == before


SMALL = [example for example in EXAMPLES if example.name not in ("resnet50", "bert")]
"""What freezing folds into a graph stays in memory: the large ones have small twins here."""


@pytest.mark.parametrize("example", SMALL, ids=lambda example: example.name)
def test_the_end_of_optimize_is_what_pytorch_optimizes(example):
    program = tsviz.capture(example.build(), example.inputs(), via="trace")
    check(
        lambda: run_passes(program, pipeline="optimize"),
        lambda: torch.jit.optimize_for_inference(torch.jit.freeze(program.native)),
    )


def test_folding_batch_norm_is_told():
    example = next(example for example in EXAMPLES if example.name == "resnet-tiny")
    program = tsviz.capture(example.build(), example.inputs(), via="script")
    trace = run_passes(program, pipeline="freeze")
    norms = [n.id for n in program.graph.nodes.values() if n.op == "aten::batch_norm"]
    assert len(norms) == 17
    gone = {node: record for record in trace for node in record.diff.removed if node in norms}
    assert set(gone) == set(norms)
    folding = "FrozenConcatLinear + FoldFrozenConvAndLinear"
    assert {record.name for record in gone.values()} == {folding}
