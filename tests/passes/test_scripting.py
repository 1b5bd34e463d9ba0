"""Scripting is recorded as far as PyTorch prints it, and leaves what was compiled as it was."""

import warnings
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tests.passes.comparing import normalised
from tests.passes.replaying import iter_replayed
from tsviz.errors import PassError, UsageError
from tsviz.examples import get
from tsviz.ir import Graph, iter_faults, read_graph
from tsviz.jit.natives import iter_method_graphs
from tsviz.location import How
from tsviz.passes import PassTrace, run_passes

DEAD, FOLD = "EliminateDeadCode", "ConstantPropagationImmutableTypes"
LAST = "ConstantPooling + CanonicalizeOutputs + AnnotateWarns"


def squared(x: Tensor) -> Tensor:
    return x * x


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def twice(self, x: Tensor, times: int) -> Tensor:
        for _ in range(times):
            x = x + squared(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        a, b = x, self.linear(x)
        if len([3]) < 1 + 2:
            return self.twice(a, 2) + b
        return b


def script(model: Any) -> PassTrace:
    program = tsviz.capture(model, (torch.ones(2),), via="script")
    return run_passes(program, pipeline="script")


def ends(trace: PassTrace) -> dict[str, Graph]:
    """What each function was compiled to, by its name."""
    return {record.after.name: record.after for record in trace}


def test_every_function_has_its_steps():
    trace = script(Small())
    found = [(r.part, r.stage, r.name) for r in trace if r.part in (0, 1)]
    assert found == [
        (0, "compiling Small.forward", DEAD),
        (0, "compiling Small.forward", f"{FOLD} + {DEAD}"),
        (0, "compiling Small.forward", LAST),
        (1, "compiling Linear.forward", DEAD),
        (1, "compiling Linear.forward", FOLD),
        (1, "compiling Linear.forward", LAST),
    ]
    assert set(ends(trace)) == {"Small.forward", "Linear.forward", "Small.twice", "squared"}
    assert {record.parent for record in trace} == {-1, 2}


@pytest.mark.parametrize("name", ["resnet-tiny", "bert-tiny"])
def test_it_ends_in_what_was_compiled(name: str):
    example = get(name)
    program = tsviz.capture(example.build(), example.inputs(), via="script")
    before = str(program.native.graph)
    trace = run_passes(program, pipeline="script")
    assert normalised(trace.last) == normalised(read_graph(before).graph)
    compiled = {
        normalised(read_graph(str(read())).graph) for _, read in iter_method_graphs(program.native)
    }
    methods = [r.after for r in trace if r.name == LAST and "." in r.after.name]
    assert len(methods) > 8
    assert [graph.name for graph in methods if normalised(graph) not in compiled] == []
    assert str(program.native.graph) == before, "the program stays as it is"


@pytest.mark.parametrize("name", ["resnet-tiny", "bert-tiny"])
def test_bound_passes_give_what_was_printed(name: str):
    example = get(name)
    trace = run_passes(
        tsviz.capture(example.build(), example.inputs(), via="script"), pipeline="script"
    )
    replayed = [step for step in iter_replayed(trace) if step.is_emitted]
    assert [step for step in replayed if not step.is_equal] == []
    done = {step.index for step in replayed}
    assert done.issuperset((0, 1)), "the entry point's, at least"


def test_snapshots_are_sound_and_lead_to_their_lines():
    trace = script(Small())
    for record in trace:
        assert list(iter_faults(record.after, shared_tables=True)) == []
    (times,) = [n for n in ends(trace)["squared"].nodes.values() if n.op == "aten::mul"]
    link = trace.last.links[times.id]
    assert link.how is How.EXACT
    source = squared.__code__
    assert (link.location.file, link.location.line) == (
        source.co_filename,
        source.co_firstlineno + 1,
    )


def test_what_was_compiled_before_is_used_again_afterwards():
    model = Small()
    program = tsviz.capture(model, (torch.ones(2),), via="script")
    store, state = torch.jit._recursive.concrete_type_store, torch.jit._state
    before = [store.type_store, store.methods_compiled, state._jit_caching_layer]
    kept = [id(one) for one in before]
    first = run_passes(program, pipeline="script")
    again = run_passes(program, pipeline="script")
    assert [(r.stage, r.name) for r in first] == [(r.stage, r.name) for r in again]
    after = [store.type_store, store.methods_compiled, state._jit_caching_layer]
    assert [id(one) for one in after] == kept
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert torch.jit.script(model)._c._type() == program.native._c._type()


def test_a_function():
    trace = script(squared)
    assert {record.stage for record in trace} == {"compiling squared"}


def test_what_cannot_be_seen_is_said():
    (said,) = script(Small()).diagnostics
    assert said.render() == (
        "warning[TSV-S08]: how PyTorch emits `Small.forward` and puts it into SSA form is not "
        "observable: the record of each function begins after LowerSimpleTuples"
    )


@pytest.mark.parametrize("via", ["trace", "compiled"])
def test_the_model_itself_is_needed(via: str):
    model: Any = Small()
    if via == "compiled":
        model = tsviz.capture(model, (torch.ones(2),), via="script").native
    program = tsviz.capture(model, (torch.ones(2),), via="auto" if via == "compiled" else via)
    with pytest.raises(UsageError) as raised:
        run_passes(program, pipeline="script")
    got = "one that came compiled" if via == "compiled" else "a trace variant"
    assert str(raised.value) == (
        f"error[TSV-S17]: expected a program that was scripted here for pipeline='script', got "
        f"{got}\n  help: capture the model itself with via='script'"
    )


def test_a_model_that_does_not_compile_any_more():
    model = Small()
    program = tsviz.capture(model, (torch.ones(2),), via="script")
    model.linear = nn.Identity()
    model.linear.forward = None
    with pytest.raises(PassError) as raised:
        run_passes(program, pipeline="script")
    assert raised.value.diagnostic.code == "TSV-S07"
    assert raised.value.diagnostic.message.startswith("TorchScript cannot compile `Small` anew")
