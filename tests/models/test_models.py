"""Each small model holds the feature it stands for, runs, and survives a file where it can."""

import io
import re
import warnings
from collections import Counter

import pytest
import torch
from torch import Tensor

from tests.models import ZOO
from tests.models.composition import Hooked, OnlyExported, Scale, hooked
from tests.models.control_flow import EarlyReturn, LoopControl, NestedBranches, Raises
from tests.models.transformers_models import TRANSFORMERS

# What must stand in the inlined graph, nested blocks and subgraphs included.
FEATURES = {
    "feed-forward": ["prim::Loop", "prim::If", "aten::linear"],
    "variational-autoencoder": ["prim::DictConstruct"],
    "module-containers": ["aten::layer_norm", "aten::softmax"],
    "bag-of-words": ["aten::embedding_bag", "aten::bilinear", "aten::prelu", "aten::group_norm"],
    "shared-module": ["aten::linear"],
    "small-resnet-traced": ["aten::_convolution", "aten::batch_norm"],
    "unet": ["aten::conv_transpose2d", "aten::max_pool2d", "aten::cat"],
    "language-model": ["aten::lstm", "prim::RaiseException"],
    "bidirectional-gru": ["aten::gru"],
    "cell-loop": ["aten::lstm_cell", "prim::Loop"],
    "greedy-speller": ["aten::gru_cell", "prim::Loop", "aten::append"],
    "self-attention": ["aten::scaled_dot_product_attention", "prim::Uninitialized"],
    "transformer": ["aten::_transformer_encoder_layer_fwd", "prim::is_nested"],
    "transformer-traced": ["aten::scaled_dot_product_attention"],
    "many-rewrites": ["prim::fork", "aten::wait", "aten::addmm", "aten::add_", "aten::hardtanh"],
    "loop-control": ["prim::Loop", "prim::Uninitialized", "prim::RaiseException"],
    "early-return": ["prim::Uninitialized"],
    "raises": ["prim::RaiseException", "aten::format"],
    "nested-branches": ["prim::Loop", "prim::If"],
    "nested-calls": ["aten::mul", "aten::add"],
    "free-function": ["prim::Loop", "aten::clamp"],
    "free-function-traced": ["aten::mul", "aten::add"],
    "list-edits": ["aten::sort", "aten::insert", "aten::pop", "aten::_set_item", "prim::min"],
    "dictionary-edits": ["aten::items", "aten::__contains__", "aten::Delete", "aten::keys"],
    "dictionary-of-tensors": ["prim::DictConstruct", "aten::__getitem__", "aten::items"],
    "arithmetic": ["aten::floordiv", "aten::remainder", "aten::pow", "aten::Complex", "prim::abs"],
    "attributes": ["prim::GetAttr", "prim::TupleIndex"],
    "tensor-factories": [
        "prim::Print",
        "prim::Enter",
        "prim::Exit",
        "prim::tolist",
        "prim::device",
    ],
    "optional-defaults": ["prim::unchecked_cast", "prim::isinstance", "aten::__is__"],
    "optional-given": ["prim::unchecked_cast", "prim::isinstance", "aten::__is__"],
    "named-tuples-and-enums": ["prim::TupleConstruct"],
    "enum-argument": ["prim::If", "aten::eq"],
    "class-instances": ["prim::CreateObject", "prim::SetAttr"],
    "string-methods": ["aten::split", "aten::upper", "aten::replace", "aten::slice"],
    "awkward-constants": ["prim::ListConstruct"],
    "carriage-return": ["prim::TupleConstruct"],
    "awkward-names-traced": ["prim::GetAttr", "aten::linear"],
    "in-place": ["prim::SetAttr", "aten::add_", "aten::relu_", "aten::index_put_"],
    "edits-its-input": ["aten::mul_", "aten::zero_", "aten::view"],
    "fork-each": ["prim::fork", "aten::wait", "prim::Loop"],
    "fork-function": ["prim::fork", "aten::wait", "prim::CallFunction"],
    "traced-with-scripted-part": ["prim::If", "aten::sigmoid"],
    "scripted-with-traced-part": ["prim::If", "aten::sigmoid"],
    "traced-with-scripted-function": ["prim::Loop", "prim::If"],
    "hooks": ["prim::TupleConstruct", "aten::clamp"],
    "interface": ["prim::CallMethod", "aten::relu"],
    "many-methods": ["aten::tanh"],
    "ignored-python-method": ["^look_up"],
    "autograd-function-traced": ["^Straight"],
}

CALLS_PYTHON = {"ignored-python-method", "autograd-function-traced"}

# PyTorch writes a carriage return, and a non-ASCII name, in a form that it cannot read back.
UNREADABLE = {"carriage-return", "awkward-names-traced"}


def kinds(graph: torch.Graph) -> Counter[str]:
    """Count the node kinds as printed; a kind ends in `_0` where a subgraph is printed below."""
    found = re.findall(r"= (\^\w+|\w+::\w+)", str(graph))
    return Counter(re.sub(r"^(prim::fork)_\d+$", r"\1", kind) for kind in found)


def run(name: str) -> str:
    """Build a fresh model, call it once and print the result."""
    model = ZOO[name]
    with torch.no_grad():
        return without_grad(str(model.build()(*model.inputs())))


def without_grad(printed: str) -> str:
    """Models of one type share the executor: one that ran with gradients keeps a plan with them."""
    return re.sub(r",\s+grad_fn=<\w+>", "", printed)


def test_every_model_has_its_feature_listed() -> None:
    assert ZOO.keys() == FEATURES.keys()


@pytest.mark.parametrize("name", ZOO)
def test_feature(name: str) -> None:
    compiled = ZOO[name].build()
    found = kinds(compiled.inlined_graph)
    assert [kind for kind in FEATURES[name] if found[kind] == 0] == []


@pytest.mark.parametrize("name", ZOO)
def test_runs_repeatably_and_leaves_the_random_state_alone(name: str) -> None:
    before = torch.get_rng_state()
    assert run(name) == run(name)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", sorted(ZOO.keys() - CALLS_PYTHON - UNREADABLE))
def test_survives_a_file(name: str) -> None:
    model = ZOO[name]
    file = io.BytesIO()
    torch.jit.save(model.build(), file)
    file.seek(0)
    with torch.no_grad():
        result = torch.jit.load(file)(*model.inputs())
    # A class that travelled in the archive prints with another name than the user's.
    assert re.sub("__torch__.|tests.models.python_types.", "", without_grad(str(result))) == re.sub(
        "__torch__.|tests.models.python_types.", "", run(name)
    )


@pytest.mark.parametrize("name", sorted(CALLS_PYTHON))
def test_python_inside_cannot_be_saved(name: str) -> None:
    with pytest.raises(RuntimeError, match="Could not export Python function call"):
        torch.jit.save(ZOO[name].build(), io.BytesIO())


@pytest.mark.parametrize("name", sorted(UNREADABLE))
def test_pytorch_cannot_read_what_it_wrote(name: str) -> None:
    file = io.BytesIO()
    torch.jit.save(ZOO[name].build(), file)
    file.seek(0)
    with pytest.raises(RuntimeError, match="ill formed octal specifier"):
        torch.jit.load(file)


def test_names_of_modules_become_names_of_values() -> None:
    graph = ZOO["awkward-names-traced"].build().graph
    names = {node.output().debugName() for node in graph.findAllNodes("prim::GetAttr")}
    assert {"half size", "conv/1", "größe", "<script>alert('module')</script>"} <= names


def test_loops_end_as_in_python() -> None:
    x = torch.arange(20.0).view(5, 4)
    model = LoopControl()
    for turns in (1, 2, 3, 7, 9):
        assert torch.jit.script(model)(x, turns) == model(x, turns)
    with pytest.raises(torch.jit.Error, match="turns must be positive, not 0"):
        torch.jit.script(model)(x, 0)


def test_every_return_is_reached() -> None:
    scripted = torch.jit.script(EarlyReturn())
    assert scripted(torch.zeros(0, 2), 1.0).tolist() == [0.0]
    assert scripted(torch.ones(3, 2), 1.0).tolist() == [1.0, 1.0]
    assert scripted(torch.ones(3, 2), 2.0).tolist() == [3.0, 3.0]


def test_nested_branches_equal_python() -> None:
    model = NestedBranches()
    scripted = torch.jit.script(model)
    for depth in (0, 1, 4, 5, 6):
        for sign in (-1.0, 1.0):
            x = torch.full([2], sign)
            assert torch.equal(scripted(x, depth), model(x, depth))


def test_raises_the_user_s_error() -> None:
    with pytest.raises(torch.jit.Error, match=r"builtins\.ValueError: sum was 2"):
        torch.jit.script(Raises())(torch.ones(2))


def test_in_place_model_changes_itself() -> None:
    model = ZOO["in-place"]
    compiled = model.build()
    assert [compiled(*model.inputs())[1] for _ in range(3)] == [1, 2, 3]
    assert compiled.count.tolist() == [3.0]


def test_hooks_run_around_module_and_submodule() -> None:
    x = torch.ones(2)
    model = hooked()
    assert torch.equal(torch.jit.script(model)(x), model(x))
    assert not torch.equal(model(x), Hooked()(x))
    assert Scale()(x).tolist() == [3.0, 3.0]


def test_interface_is_dispatched_at_run_time() -> None:
    compiled = ZOO["interface"].build()
    (call,) = compiled.graph.findAllNodes("prim::CallMethod")[:1]
    assert next(call.inputs()).type().kind() == "InterfaceType"


def test_a_model_may_have_no_forward() -> None:
    compiled = torch.jit.script(OnlyExported())
    assert compiled.score(torch.ones(1, 3)).shape == (1, 1)
    assert not hasattr(compiled, "inlined_graph")


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("bert-tiny", 37_856),
        ("gpt2-tiny", 61_440),
        ("bert-base", 109_482_240),
        ("gpt2-base", 124_439_808),
    ],
)
def test_transformers_models_trace_and_do_not_script(name: str, parameters: int) -> None:
    model = TRANSFORMERS[name].build()
    inputs = TRANSFORMERS[name].inputs()
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.simplefilter("ignore", FutureWarning)
        traced = torch.jit.trace(model, inputs)
        torch.testing.assert_close(traced(*inputs), model(*inputs), rtol=0, atol=0)
        with pytest.raises(OSError, match=r"Failed to get source for <function \w+Config.__init__"):
            torch.jit.script(model)


def test_transformers_bert_hides_the_padding() -> None:
    model = TRANSFORMERS["bert-tiny"].build()
    tokens, mask = TRANSFORMERS["bert-tiny"].inputs()
    changed: Tensor = torch.where(mask == 1, tokens, (tokens + 1) % 100)
    with torch.no_grad():
        torch.testing.assert_close(model(changed, mask)[1], model(tokens, mask)[1])
