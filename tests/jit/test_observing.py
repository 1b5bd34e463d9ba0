"""One watched run: true shapes, PyTorch's own counts, and nothing of the user's changed."""

import threading
from collections import Counter

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import tsviz
from tests.frontends import refused
from tests.models import ZOO
from tsviz.examples import registry
from tsviz.frontends import Program
from tsviz.jit import probes
from tsviz.jit.natives import copy_for_run
from tsviz.jit.observing import Observation, observe

EXAMPLES = {example.name: example for example in registry.EXAMPLES}
CALLS_PYTHON = {"ignored-python-method", "autograd-function-traced"}


def observe_program(program: Program) -> Observation:
    """Watches one run on copies of the program's model and inputs."""
    assert program.inputs is not None
    native, args, kwargs = copy_for_run(program.native, program.inputs.args, program.inputs.kwargs)
    return observe(native, program.method, program.graph, args, kwargs)


def by_name(program: Program, seen: Observation) -> dict[str, str]:
    return {program.graph.values[value].name: text for value, text in seen.tensors.items()}


def zoo_program(name: str) -> Program:
    return tsviz.capture(ZOO[name].build(), ZOO[name].inputs())


# ── the whole zoo ───────────────────────────────────────────────────────────────────────────────


def executed_blocks(program: Program, seen: Observation) -> list[tuple[str, ...]]:
    """The names of the tensors of each block of which at least one was seen, seen or not."""
    graph = program.graph
    blocks = [graph.block, *(b for node in graph.nodes.values() for b in node.blocks)]
    made = [[value for node in block.nodes for value in node.outputs] for block in blocks]
    return [
        tuple(graph.values[value].name for value in values if value not in seen.tensors)
        for values in ([v for v in row if graph.types[v].text == "Tensor"] for row in made)
        if any(value in seen.tensors for value in values)
    ]


@pytest.mark.parametrize("name", sorted(ZOO.keys() - CALLS_PYTHON))
def test_sees_every_tensor_that_is_computed(name: str):
    """In a block that ran, nothing of type Tensor is missed but what may be uninitialised."""
    program = zoo_program(name)
    seen = observe_program(program)
    missed = {value for row in executed_blocks(program, seen) for value in row}
    producers = {
        program.graph.values[v].name: node.op for v, node in program.graph.producers.items()
    }
    assert {producers[value] for value in missed} <= {"prim::Uninitialized", "prim::If"}


@pytest.mark.parametrize("name", sorted(ZOO.keys() - CALLS_PYTHON))
def test_counts_what_pytorch_counts(name: str):
    program = zoo_program(name)
    counter = FlopCounterMode(display=False)
    # PyTorch keeps how it prepared a class's functions at their first run, for all who come later:
    # the first is to be a usual one.
    warm, args, _ = copy_for_run(program.native, ZOO[name].inputs(), {})
    warm(*args)
    native, args, _ = copy_for_run(program.native, ZOO[name].inputs(), {})
    with counter, torch.jit.optimized_execution(False):
        native(*args)
    assert sum(observe_program(program).flops.values()) == counter.get_total_flops()


@pytest.mark.parametrize("name", sorted(ZOO.keys()))
def test_result_of_the_model_is_the_same_afterwards(name: str):
    model, inputs = ZOO[name].build(), ZOO[name].inputs()
    before = torch.get_rng_state()
    program = tsviz.capture(model, inputs)
    observe_program(program)
    assert torch.equal(torch.get_rng_state(), before)
    with torch.no_grad():
        assert str(model(*inputs)) == str(ZOO[name].build()(*ZOO[name].inputs()))


# ── shapes ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("via", ["script", "trace", "freeze"])
@pytest.mark.parametrize("name", ["resnet-tiny", "bert-tiny", "detector", "tagger"])
def test_shapes_are_those_that_eager_hooks_see(name: str, via: str):
    """The output of every leaf module that was called, in the order of the calls."""
    model, inputs = EXAMPLES[name].build(), EXAMPLES[name].inputs()
    called: list[str] = []

    def note(_: nn.Module, __: object, output: object) -> None:
        if isinstance(output, Tensor):
            called.append(f"{_SHORT[output.dtype]}[{', '.join(map(str, output.shape))}]")

    for part in model.modules():
        if not list(part.children()):
            part.register_forward_hook(note)
    model(*inputs)
    fresh = EXAMPLES[name].build()
    seen = observe_program(tsviz.capture(fresh, inputs, via=via))
    missing = Counter(called) - Counter(seen.tensors.values())
    if via == "freeze":  # batch norms and dropouts are folded away, and with them their outputs
        assert set(missing) <= set(seen.tensors.values())
    else:
        assert missing == Counter()


_SHORT = {torch.float32: "f32", torch.int64: "i64", torch.bool: "bool"}


class ShapesInLoops(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        grown = x
        kept: list[Tensor] = []
        for i in range(3):
            grown = torch.cat([grown, x])
            kept.append(grown)
            x = x.to(torch.float64) if i == 1 else x
        ranks = x.reshape(1, 2)
        for _ in range(2):
            ranks = ranks.unsqueeze(0)
        return ranks, kept


def test_what_changes_between_iterations_is_not_claimed():
    program = tsviz.capture(ShapesInLoops().eval(), (torch.ones(2),))
    names = by_name(program, observe_program(program))
    assert {name: names[name] for name in ("grown.9", "grown.3", "x.11", "ranks.5", "18")} == {
        "grown.9": "f32[?]",  # 2, 4, 6
        "grown.3": "Tensor[?]",  # f32 and f64
        "x.11": "Tensor[2]",
        "ranks.5": "f64",  # of another rank each time
        "18": "list of tensors",
    }
    assert names["grown"] == "f64[8]"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("greedy-speller", {"letter.11": "i64[1]", "state.11": "f32[1, 4]"}),
        ("cell-loop", {"hx.7": "(f32[2, 12], f32[2, 12])", "outputs.1": "list of tensors"}),
        ("optional-defaults", {"x.1": "None"}),
        ("in-place", {"26": "bool[3, 3]", "30": "1 of bool[3, 3]"}),
    ],
)
def test_block_parameters_tuples_lists_and_none(name: str, expected: dict[str, str]):
    program = zoo_program(name)
    names = by_name(program, observe_program(program))
    assert {value: names[value] for value in expected} == expected


def test_inputs_after_hooks():
    """`forward` sees what the hooks before it return."""

    def double(module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        return (torch.cat([inputs[0], inputs[0]]),)

    model = refused.Relu().eval()
    model.register_forward_pre_hook(double)
    program = tsviz.capture(model, (torch.ones(2, 3),), via="script")
    assert set(observe_program(program).tensors.values()) == {"f32[4, 3]"}


def test_inside_inference_mode():
    with torch.inference_mode():
        program = tsviz.capture(refused.TakesThree().eval(), (torch.ones(2, 3),))
        seen = observe_program(program)
    assert sum(seen.flops.values()) == 2 * 2 * 3 * 4


# ── operations ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("via", ["script", "trace", "hybrid", "freeze", "optimize"])
def test_operations_of_resnet50(via: str):
    example = EXAMPLES["resnet50"]
    program = tsviz.capture(example.build(), example.inputs(), via=via)
    seen = observe_program(program)
    assert sum(seen.flops.values()) == 8_178_368_512
    ops = {program.nodes_by_id[node].op for node in seen.flops}
    assert all("conv" in op or op in ("aten::linear", "aten::matmul") for op in ops)


def test_operations_belong_to_the_node_that_computes():
    program = tsviz.capture(refused.TakesThree().eval(), (torch.ones(2, 3),))
    seen = observe_program(program)
    counted = {program.nodes_by_id[node].op: n for node, n in seen.flops.items()}
    assert counted == {"aten::linear": 48.0}


def test_operations_in_forks_belong_to_their_nodes():
    """Three tasks at once multiply (3) by (3, 3) each, on threads of their own."""
    program = zoo_program("fork-each")
    seen = observe_program(program)
    counted = {program.nodes_by_id[node].op: n for node, n in seen.flops.items()}
    assert counted == {"prim::CallMethod": sum(seen.flops.values())}


# ── leaving the user's world alone ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("via", ["script", "trace"])
def test_running_changes_neither_model_nor_inputs(via: str):
    model = refused.MutatesScripted()
    x = torch.ones(2, 3)
    program = tsviz.capture(model, (x,), via=via)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    before = torch.get_rng_state()
    observe_program(program)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(x, torch.ones(2, 3))
    assert model.calls == 0
    native = program.native
    assert isinstance(native, nn.Module)
    for owner in (model, native):
        assert all(torch.equal(t, state[name]) for name, t in owner.state_dict().items())


def test_nothing_listens_afterwards():
    observe_program(zoo_program("many-rewrites"))
    program = tsviz.capture(torch.jit.script(refused.Rejects().eval()), (torch.ones(2),))
    with pytest.raises(torch.jit.Error, match="rank 1 is wrong"):
        observe_program(program)
    assert probes._listening == {}


def test_two_threads_at_once():
    program = zoo_program("unet")
    expected = observe_program(program)
    results: list[Observation] = []
    threads = [
        threading.Thread(target=lambda: results.append(observe_program(program))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected, expected]
