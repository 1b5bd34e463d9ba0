"""Every example compiles in every way, and every lesson is true."""

import io
import subprocess
import sys
import warnings

import pytest
import torch
from torch import Tensor, nn

from tsviz.examples import EXAMPLES, Example, get

NAMES = [example.name for example in EXAMPLES]
# BERT-base differs from bert-tiny in its sizes only and takes half a minute through all of this.
QUICK = [name for name in NAMES if name != "bert"]

PARAMETERS = {
    "resnet50": 25_557_032,
    "resnet-tiny": 130_962,
    "bert": 109_482_240,
    "bert-tiny": 4_385_920,
    "decoder": 2_424,
    "detector": 14_501,
    "tagger": 50_001,
}


def as_tuple(result: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return result if isinstance(result, tuple) else (result,)


def run(model: nn.Module, example: Example) -> tuple[Tensor, ...]:
    with torch.no_grad():
        return as_tuple(model(*example.inputs()))


def trace(model: nn.Module, example: Example) -> torch.jit.ScriptModule:
    """Trace and let `check_trace` trace again; only the tracer's own warnings are let through."""
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        return torch.jit.trace(model, example.inputs())


def compiled(example: Example, how: str) -> torch.jit.ScriptModule:
    model = example.build()
    return torch.jit.script(model) if how == "script" else trace(model, example)


def saved_and_loaded(module: torch.jit.ScriptModule) -> torch.jit.ScriptModule:
    file = io.BytesIO()
    torch.jit.save(module, file)
    file.seek(0)
    return torch.jit.load(file)


def assert_same(actual: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> None:
    torch.testing.assert_close(actual, expected, rtol=0, atol=0)


def assert_close(actual: tuple[Tensor, ...], expected: tuple[Tensor, ...]) -> None:
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)


def test_listing_examples_imports_no_torch() -> None:
    code = "import sys, tsviz.examples; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_name_is_taken_once() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert get("bert-tiny").title == "BERT encoder of two layers"


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(KeyError, match="no example is called 'bart'; there are resnet50, resnet-"):
        get("bart")


@pytest.mark.parametrize("name", NAMES)
def test_size_and_mode(name: str) -> None:
    model = get(name).build()
    assert sum(parameter.numel() for parameter in model.parameters()) == PARAMETERS[name]
    assert not any(module.training for module in model.modules())


@pytest.mark.parametrize("name", NAMES)
def test_building_is_repeatable_and_leaves_the_random_state_alone(name: str) -> None:
    example = get(name)
    before = torch.get_rng_state()
    first = example.build().state_dict()
    torch.rand(3)
    second = example.build().state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    torch.set_rng_state(before)
    assert_same(example.inputs(), example.inputs())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", NAMES)
def test_scripted_equals_eager(name: str) -> None:
    example = get(name)
    model = example.build()
    scripted = torch.jit.script(model)
    expected = run(model, example)
    for _ in range(3):  # the executor profiles, then optimises
        assert_same(run(scripted, example), expected)


@pytest.mark.parametrize("name", QUICK)
def test_traced_equals_eager(name: str) -> None:
    example = get(name)
    model = example.build()
    assert_same(run(trace(model, example), example), run(model, example))


@pytest.mark.parametrize("how", ["script", "trace"])
@pytest.mark.parametrize("name", QUICK)
def test_freezes_optimises_and_survives_a_file(name: str, how: str) -> None:
    example = get(name)
    expected = run(example.build(), example)
    module = compiled(example, how)
    frozen = torch.jit.freeze(module)
    assert_close(run(frozen, example), expected)
    assert_same(run(saved_and_loaded(module), example), expected)
    assert_same(run(saved_and_loaded(frozen), example), run(frozen, example))
    assert_close(run(torch.jit.optimize_for_inference(frozen), example), expected)


def test_resnet_lesson_freezing_folds_batch_norms_into_weights_without_a_line() -> None:
    scripted = torch.jit.script(get("resnet50").build())
    before = scripted.inlined_graph
    after = torch.jit.freeze(scripted).graph
    assert len(before.findAllNodes("aten::batch_norm")) == 53
    assert len(after.findAllNodes("aten::batch_norm")) == 0
    assert len(after.findAllNodes("aten::conv2d")) == 53
    constants = after.findAllNodes("prim::Constant")
    folded = [node for node in constants if "weight_fused_bn" in node.output().debugName()]
    assert len(folded) == 53
    assert {node.sourceRange() for node in folded} == {""}


def test_resnet_has_the_parameter_names_of_torchvision() -> None:
    names = get("resnet50").build().state_dict().keys()
    assert len(names) == 320
    assert {"conv1.weight", "bn1.running_var", "layer1.0.downsample.1.bias"} <= names
    assert {"layer2.3.conv2.weight", "layer4.2.bn3.num_batches_tracked", "fc.bias"} <= names


def test_bert_lesson_one_line_many_layers() -> None:
    graph = torch.jit.script(get("bert-tiny").build()).inlined_graph
    softmaxes = graph.findAllNodes("aten::softmax")
    assert len(softmaxes) == 2
    assert len({node.sourceRange() for node in softmaxes}) == 1
    assert "attention = torch.softmax(scores, dim=-1)" in softmaxes[0].sourceRange()
    assert len({node.getModuleHierarchy() for node in softmaxes}) == 2


def test_bert_hides_the_padding() -> None:
    example = get("bert-tiny")
    model = example.build()
    tokens, mask = example.inputs()
    other_padding = torch.where(mask == 1, tokens, (tokens + 1) % 1000)
    with torch.no_grad():
        expected = model(tokens, mask)
        actual = model(other_padding, mask)
        without_mask = model(other_padding)
    assert_same(actual[1:], expected[1:])
    assert not torch.equal(without_mask[1], expected[1])


def test_bert_mask_and_segments_may_be_left_out() -> None:
    example = get("bert-tiny")
    scripted = torch.jit.script(example.build())
    tokens, _ = example.inputs()
    assert_same(
        scripted(tokens), scripted(tokens, torch.ones_like(tokens), torch.zeros_like(tokens))
    )


def test_decoder_lesson_a_trace_keeps_the_number_of_steps() -> None:
    example = get("decoder")
    model = example.build()
    scripted = torch.jit.script(model)
    with pytest.warns(torch.jit.TracerWarning, match="Converting a tensor to a Python boolean"):
        traced = torch.jit.trace(model, example.inputs())
    assert len(scripted.graph.findAllNodes("prim::Loop")) == 1
    assert len(traced.graph.findAllNodes("prim::Loop")) == 0
    assert model(*example.inputs()).tolist() == [19, 19, 21, 9, 9, 17, 7, 1]

    other = -example.inputs()[0]
    words = model(other)
    assert words[-1] == model.stop
    assert len(words) != 8
    assert torch.equal(scripted(other), words)
    assert len(traced(other)) == 8


def test_detector_lesson_a_trace_keeps_the_branch() -> None:
    example = get("detector")
    model = example.build()
    scripted = torch.jit.script(model)
    with pytest.warns(torch.jit.TracerWarning, match="Converting a tensor to a Python boolean"):
        traced = torch.jit.trace(model, example.inputs())
    assert len(model(*example.inputs())[0]) == 8

    empty = torch.zeros(1, 3, 64, 64)
    assert model(empty)[0].shape == (0, 4)
    assert scripted(empty)[0].shape == (0, 4)
    with pytest.raises(RuntimeError, match=r"select\(\): index 0 out of range"):
        traced(empty)

    full = torch.cat([example.inputs()[0]] * 2, dim=3)
    boxes, scores = model(full)
    assert len(boxes) > 8
    assert_same(scripted(full), (boxes, scores))
    assert len(traced(full)[0]) == 8


def test_detector_keeps_boxes_that_overlap_little() -> None:
    from tsviz.examples.detector import suppress_overlaps

    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [9, 9, 19, 19]])
    scores = torch.tensor([0.7, 0.9, 0.8, 0.6])
    assert suppress_overlaps(boxes, scores, 0.3).tolist() == [1, 2, 3]


def test_tagger_lesson_most_of_the_graph_is_pytorch_s_own() -> None:
    example = get("tagger")
    model = example.build()
    scripted = torch.jit.script(model).inlined_graph
    traced = trace(model, example).inlined_graph
    assert len(scripted.findAllNodes("aten::lstm")) == 1
    assert len(traced.findAllNodes("aten::lstm")) == 1
    assert len(scripted.findAllNodes("prim::If")) > 0
    assert len(traced.findAllNodes("prim::If")) == 0
    nodes = list(scripted.nodes())
    in_pytorch = [node for node in nodes if "torch/nn/modules/rnn.py" in node.sourceRange()]
    assert len(in_pytorch) > len(nodes) / 2
