"""Schemas of nodes, held against what the bindings say node by node."""

import pytest
import torch

import tsviz
from tests.models import ZOO
from tsviz.examples import registry
from tsviz.frontends import Program
from tsviz.jit.schemas import read_schemas


def schemas_of(program: Program) -> dict[int, str]:
    return read_schemas(program.native, program.method, program.graph)


@pytest.mark.parametrize("name", ZOO)
def test_every_op_has_a_schema(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    found = schemas_of(program)
    for node in program.graph.iter_nodes():
        if node.op.startswith(("prim::", "^")):
            assert node.id not in found
        else:
            declared, _, outputs = found[node.id].rpartition(" -> ")
            assert declared.partition("(")[0].partition(".")[0] == node.op
            assert (outputs == "()") == (node.outputs == ())


def test_overloads_are_told_apart():
    def mixed(x: torch.Tensor, n: int) -> torch.Tensor:
        return x + x + n + (n + n)

    program = tsviz.capture(mixed)
    found = schemas_of(program)
    added = [found[node.id] for node in program.graph.iter_nodes() if node.op == "aten::add"]
    assert [schema.partition("(")[0] for schema in added] == [
        "aten::add.Tensor",
        "aten::add.Scalar",
        "aten::add.int",
        "aten::add.Scalar",
    ]
    assert added[0] == ("aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor")


@pytest.mark.parametrize("via", ["trace", "freeze", "optimize"])
def test_other_variants(via: str):
    example = registry.get("bert-tiny")
    program = tsviz.capture(example.build(), example.inputs(), via=via)
    found = schemas_of(program)
    ops = [n for n in program.graph.iter_nodes() if not n.op.startswith("prim::")]
    assert {node.id for node in ops} == found.keys()
