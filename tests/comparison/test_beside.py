"""A variant beside a program: made of the same model, or why it cannot be."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

import tsviz
from tests.models.gates import Encoder, Formats, Outer, TwoWays, branches
from tests.models.seeding import seeded
from tsviz.comparison import Beside, lay_beside, variants_of
from tsviz.frontends import Program
from tsviz.ir import iter_faults

X = torch.ones(2, 3)
NO_PYTHON = "it came compiled: the Python code it was made of is not here"
NO_INPUTS = "there are no example inputs: use %tsdebug model(x)"


def captured(model: object = None, via: str = "trace") -> Program:
    return tsviz.capture(seeded(TwoWays)().eval() if model is None else model, (X,), via=via)


def text_of(laid: Beside, *, is_lost_here: bool) -> list[str]:
    """The source of the lines that only one of the two has."""
    assert laid.alignment is not None
    sources = laid.alignment.second.sources
    found = (line for line in laid.alignment.lines() if line.is_in_first is is_lost_here)
    return [sources[lost.line.file].slice(lost.line).strip() for lost in found]


@pytest.mark.parametrize("via", ["script", "hybrid", "freeze", "optimize"])
def test_a_variant_is_made_of_the_same_model(via: str):
    program = captured()
    before = {name: tensor.clone() for name, tensor in program.model.state_dict().items()}
    state = torch.get_rng_state()
    laid = lay_beside(program, via)
    assert (laid.variant, laid.failure) == (via, None)
    assert laid.alignment is not None
    assert laid.alignment.first is program
    made = laid.alignment.second
    assert (made.variant, made.method, made.title) == (via, "forward", "TwoWays")
    assert made.model is program.model
    for graph in (program.graph, made.graph):
        assert list(iter_faults(graph)) == []
    files = {line.file for node in made.graph.iter_nodes() if (line := made.model_line(node))}
    assert files <= program.sources.keys() | made.sources.keys()
    for path in files & program.sources.keys():
        assert made.sources[path].digest == program.sources[path].digest
    for pair in laid.alignment.pairs:
        assert pair.first in program.graph.nodes
        assert pair.second in made.graph.nodes
    assert torch.equal(torch.get_rng_state(), state)
    for name, tensor in program.model.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_what_a_trace_lost_is_named_by_line():
    lost = [
        "if bool(x.sum() > 0):", "y = y - 1", "y = torch.relu(y)", "for _ in range(x.shape[0]):",
    ]  # fmt: skip
    assert text_of(lay_beside(captured(), "script"), is_lost_here=False) == lost
    turned = lay_beside(captured(via="script"), "trace")
    assert text_of(turned, is_lost_here=True) == lost


def test_the_call_in_a_branch_is_the_call_that_was_traced():
    """One callee called three times: each call has its own counterpart."""
    laid = lay_beside(captured(), "script")
    assert laid.alignment is not None
    first, second = laid.alignment.first, laid.alignment.second
    calls = [
        (first.graph.link(first.graph.nodes[one]), second.graph.nodes[other])
        for one, other in laid.alignment.counterparts.items()
        if first.graph.nodes[one].op == "aten::tanh"
    ]
    assert len(calls) == 3
    (branch,) = (node for node in second.graph.iter_nodes() if node.op == "prim::If")
    taken = {node.id for node in branch.blocks[0].nodes}
    assert [node.id in taken for _, node in calls] == [False, True, False]


def test_a_hybrid_keeps_what_its_part_branches_on():
    program = captured(seeded(Outer)().eval())
    hybrid = lay_beside(program, "hybrid")
    assert hybrid.alignment is not None
    assert text_of(hybrid, is_lost_here=False) == text_of(
        lay_beside(program, "script"), is_lost_here=False
    )
    assert hybrid.alignment.second.banner.startswith("traced; scripted inside: ways")
    beside = lay_beside(hybrid.alignment.second, "trace")
    assert beside.alignment is not None
    assert beside.alignment.second.variant == "trace"


def test_another_method_is_captured_again():
    model = Encoder().eval()
    laid = lay_beside(captured(model.encode), "script")
    assert laid.alignment is not None
    assert laid.alignment.second.method == "encode"
    assert text_of(laid, is_lost_here=False) == ["if bool(x.sum() > 0):", "return x - 1"]


def test_a_function():
    laid = lay_beside(captured(branches), "script")
    assert text_of(laid, is_lost_here=False) == ["if bool(x.sum() > 0):", "return x - 2"]
    frozen = lay_beside(captured(branches), "freeze")
    assert frozen.failure is not None
    assert frozen.failure.code == "TSV-U06"


def test_a_model_that_does_not_script_is_told_with_its_line():
    laid = lay_beside(captured(Formats().eval()), "script")
    assert laid.alignment is None
    assert laid.failure is not None
    assert laid.failure.code == "TSV-C01"
    (source,) = laid.sources.values()
    assert 'name = f"{x.shape[0]:>3}"' in laid.failure.render((source,))


def compiled(_: Program, model: nn.Module) -> Program:
    return tsviz.capture(torch.jit.script(model))


def frozen(_: Program, model: nn.Module) -> Program:
    return tsviz.capture(torch.jit.freeze(torch.jit.script(model)))


def bare(_: Program, model: nn.Module) -> Program:
    return tsviz.capture(model)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (bare, {"trace": NO_INPUTS, "hybrid": NO_INPUTS, "freeze": "", "optimize": ""}),
        (compiled, {"trace": NO_PYTHON, "hybrid": NO_PYTHON, "freeze": "", "optimize": ""}),
        (
            frozen,
            {
                **dict.fromkeys(("trace", "script", "hybrid"), NO_PYTHON),
                "optimize": "it is frozen already, and the model it was made of is not here",
            },
        ),
    ],
)
def test_what_can_be_laid_beside_what(
    make: Callable[[Program, nn.Module], Program], expected: dict[str, str]
):
    model = seeded(TwoWays)().eval()
    assert variants_of(make(captured(model), model)) == expected


def test_a_text_has_no_other_variant():
    reasons = variants_of(tsviz.parse("graph(%x : Tensor):\n  return (%x)"))
    assert list(reasons) == ["trace", "script", "hybrid", "freeze", "optimize"]
    assert len(set(reasons.values())) == 1
    assert all(reasons.values())


def test_a_scripted_program_freezes_without_python():
    laid = lay_beside(tsviz.capture(torch.jit.script(seeded(TwoWays)().eval())), "freeze")
    assert laid.alignment is not None
    assert laid.alignment.second.variant == "freeze"
