"""Capturing what cannot be captured says why and where; capturing anything changes nothing."""

import hashlib
import io
import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import prune

import tsviz
from tests.comparison.losing import Catches
from tests.frontends import refused
from tests.models import ZOO
from tsviz.errors import CaptureError, TsvizError, UsageError
from tsviz.frontends import Variant
from tsviz.frontends.torchscript import VIAS
from tsviz.ir import render_graph
from tsviz.jit import compat
from tsviz.location import FileRange, iter_frames, short_path

FILE = Path(refused.__file__)
TEXT = FILE.read_text(encoding="utf-8")
X = torch.ones(2, 3)


def line(code: str) -> int:
    """The number of the only line of `refused.py` that holds `code`."""
    (number,) = (at for at, row in enumerate(TEXT.splitlines(), 1) if code in row)
    return number


def said(capture: Callable[[], object], kind: type[TsvizError] = CaptureError) -> str:
    """What the error says, with the folder of `refused.py` left out."""
    with pytest.raises(kind) as caught:
        capture()
    text = str(caught.value).replace(str(FILE), FILE.name).replace(short_path(str(FILE)), FILE.name)
    return re.sub(r"(torch/[\w/]+\.py):\d+ in", r"\1 in", text)


def function_without_source() -> Callable[[Tensor], Tensor]:
    names: dict[str, Callable[[Tensor], Tensor]] = {}
    exec("def shift(x):\n    return x + 1\n", {"__name__": "nowhere"}, names)
    return names["shift"]


# ── TSV-C01: scripting fails ────────────────────────────────────────────────────────────────────


def test_script_fails_at_the_users_line():
    assert said(lambda: tsviz.capture(refused.Untyped())) == (
        "error[TSV-C01]: TorchScript cannot compile `Untyped`: `range` takes whole numbers, and "
        "got Tensor\n"
        f"  --> refused.py:{line('range(lengths[0])')}:18\n"
        "  12 |         for _ in range(lengths[0]):\n"
        "     |                  ^^^^^^^^^^^^^^^^\n"
        "  note: PyTorch said: all inputs of range must be ints, found Tensor in argument 0\n"
        "  note: with example inputs it can be traced instead\n"
        "  help: index it: `range(x.size(0))`; convert a tensor with `int(…)`"
    )


def test_script_fails_in_a_function_the_module_calls():
    text = said(lambda: tsviz.capture(refused.CallsFunction().eval(), via="script"))
    inner, outer = line("return [x]"), line("return halve_if_positive(x) + 1")
    assert text.startswith(
        "error[TSV-C01]: TorchScript cannot compile `CallsFunction`: Expected an annotation of "
        "type List but got Tensor\n"
        f"  --> refused.py:{inner}:12 (called from refused.py:{outer}:16)\n"
        f"{inner:>4} |     return [x]\n"
        "     |            ^^\n"
    )
    assert (
        "\n  note: `halve_if_positive` is compiled because `CallsFunction.forward` calls it at "
        f"refused.py:{outer}:16"
    ) in text
    assert "\n  help: " not in text


def test_source_of_the_place_travels_with_the_error():
    with pytest.raises(CaptureError) as caught:
        tsviz.capture(refused.CallsFunction().eval(), via="script")
    places = {frame.file for frame in iter_frames(caught.value.diagnostic.location)}
    assert [(source.path, source.text) for source in caught.value.sources] == [(str(FILE), TEXT)]
    assert places == {str(FILE)}
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_second_attempt_says_the_same():
    """PyTorch would answer "Can't redefine method", because it keeps the half-made type."""
    first, second = (
        said(lambda: tsviz.capture(refused.CallsUntyped(), via="script")) for _ in range(2)
    )
    assert first == second
    assert "`range` takes whole numbers" in first


def test_the_users_own_attempt_afterwards_says_the_true_reason():
    model = refused.CallsUntyped()
    said(lambda: tsviz.capture(model, via="script"))
    with pytest.raises(RuntimeError, match="all inputs of range must be ints"):
        torch.jit.script(model)


def test_lambda():
    def capture() -> object:
        return tsviz.capture(lambda x: x + 1)

    text = said(capture)
    number = capture.__code__.co_firstlineno + 1
    assert text == (
        "error[TSV-C01]: TorchScript cannot compile `<lambda>`: a `lambda` cannot be compiled, nor "
        f"a line that holds several functions\n  --> {__file__}:{number}\n"
        f"{number:>4} |         return tsviz.capture(lambda x: x + 1)\n"
        "     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  note: PyTorch said: Expected a single top-level function\n"
        "  note: with example inputs it can be traced instead\n"
        "  help: write it with `def`, or trace it with example inputs"
    )


def test_function_without_source():
    shift = function_without_source()
    text = said(lambda: tsviz.capture(shift))
    assert text.startswith(
        "error[TSV-C01]: TorchScript cannot compile `shift`: the source of `shift` cannot be read"
    )
    assert text.endswith(
        "  help: put it into a file or a cell of its own (not under `%%time`, not in `exec`), or "
        "trace it"
    )


def test_function_without_module():
    shift = function_without_source()
    shift.__module__ = None  # type: ignore[assignment]
    for inputs in ((), (X,)):
        text = said(lambda inputs=inputs: tsviz.capture(shift, inputs))
        assert "`shift`: `shift` does not say which module it belongs to" in text
        assert "\n  help: say it: `shift.__module__ = '__main__'`" in text


def test_class_made_by_exec_without_source():
    names: dict[str, type[nn.Module]] = {}
    code = "class Plain(nn.Module):\n    def forward(self, x):\n        return x + 1\n"
    exec(code, {"nn": nn, "__name__": "nowhere"}, names)
    model = names["Plain"]().eval()
    assert "the source of `Plain.forward` cannot be read" in said(lambda: tsviz.capture(model))
    program = tsviz.capture(model, (X,))
    assert program.variant is Variant.TRACE
    assert [node.op for node in program.graph.iter_nodes()][-1] == "aten::add"


# ── TSV-C02: tracing fails ──────────────────────────────────────────────────────────────────────


def test_trace_fails_in_a_layer():
    model = refused.TakesThree().eval()
    number = line("return self.linear(x)")
    assert said(lambda: tsviz.capture(model, (torch.ones(2, 5),), via="trace")) == (
        "error[TSV-C02]: TorchScript cannot trace `TakesThree`: a matrix of 5 columns cannot be "
        "multiplied by one of 3 rows\n"
        f"  --> refused.py:{number}:16\n"
        f"{number:>4} |         return self.linear(x)\n"
        "     |                ^^^^^^^^^^^^^^\n"
        "  note: call stack, innermost first:\n"
        "        torch/nn/modules/linear.py in forward\n"
        f"        refused.py:{number} in forward\n"
        "  note: PyTorch said: mat1 and mat2 shapes cannot be multiplied (2x5 and 3x4)\n"
        "  help: give the left one 3 columns (transpose or reshape one of them), or a linear layer "
        "`in_features=5`"
    )


def test_trace_fails_because_the_model_raises():
    code = 'raise ValueError(f"rank {rank} is wrong")'
    number = line(code)
    assert said(lambda: tsviz.capture(refused.Rejects().eval(), (X,), via="trace")) == (
        "error[TSV-C02]: TorchScript cannot trace `Rejects`: the code raises ValueError: rank 2 is "
        f"wrong\n  --> refused.py:{number}:9\n"
        f"{number:>4} |         {code}\n"
        f"     |         {'^' * len(code)}"
    )


def test_trace_fails_on_what_comes_out_and_the_message_holds_no_tensor():
    text = said(lambda: tsviz.capture(refused.ReturnsMixture().eval(), (X,)))
    assert text.splitlines()[0] == (
        "error[TSV-C02]: TorchScript cannot trace `ReturnsMixture`: an input or output is a "
        "dictionary that holds Tensor and str; the tracer takes one type in it"
    )
    assert text.splitlines()[-2] == (
        "  note: scripting had failed before: TorchScript cannot compile `ReturnsMixture`: "
        "TorchScript knows no type `dict`"
    )


@pytest.mark.parametrize("via", ["trace", "freeze"])
def test_weights_that_are_computed_before_each_run(via: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        layer = torch.nn.utils.weight_norm(nn.Linear(3, 4))
    pruned = prune.l1_unstructured(nn.Linear(4, 4), "weight", amount=0.5)
    model = nn.Sequential(layer, pruned).eval()
    model(X)  # now the computed weights hang on a graph of gradients
    program = tsviz.capture(model, (X,), via=via)
    assert torch.equal(program.native(X), model(X))


DICT_RESULT = (
    "warning[TSV-C07]: `ReturnsDict` returns a dict, so it was traced with `strict=False`: the "
    "trace always returns the keys of this run, in a plain dict\n"
    "  note: torch.jit.trace refuses a dict as result unless `strict=False` says otherwise\n"
    "  help: return a tuple or a NamedTuple; models of transformers do with `return_dict=False`"
)


@pytest.mark.parametrize("via", ["auto", "trace", "hybrid", "freeze"])
def test_a_dict_as_result_is_traced_as_pytorch_allows(via: str):
    model = refused.ReturnsDict().eval()
    program = tsviz.capture(model, (X,), via=via)
    assert program.diagnostics[-1].render() == DICT_RESULT
    expected, found = model(X), program.native(X)
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[key], found[key]) for key in expected)
    assert model.runs == 1, "the user's own was not run before"
    if via != "freeze":
        assert program.native.runs == 1, "the recorded runs have left no trace"


def test_weights_and_inputs_on_different_devices():
    model = refused.TakesThree().eval().to("meta")
    text = said(lambda: tsviz.capture(model, (X,), via="trace"))
    assert "cannot trace `TakesThree`: the tensors of one op are on different devices: one" in text
    assert f"  --> refused.py:{line('return self.linear(x)')}:16\n" in text


# ── TSV-C03: freezing fails; TSV-C04: copying fails; TSV-C05: a Python too new ──────────────────


@pytest.mark.parametrize("via", ["freeze", "optimize"])
def test_freezing_fails_and_names_the_call(via: str):
    text = said(lambda: tsviz.capture(refused.Swaps().eval(), via=via))
    head, call, words = text.splitlines()
    assert head == (
        f"error[TSV-C03]: TorchScript cannot {via} `Swaps`: Freezing does not support SetAttr on "
        "an interface type. SetAttr is attempted on 'active'"
    )
    assert call == "  note: the call that failed: torch._C._freeze_module"
    assert words.startswith("  note: PyTorch said: !attrType->cast<InterfaceType>() INTERNAL ASSE")


def test_uncopyable_model():
    assert said(lambda: tsviz.capture(refused.HoldsLock(), (X,), via="trace")) == (
        "error[TSV-C04]: `HoldsLock` and its inputs cannot be copied to run on: cannot pickle "
        "'_thread.lock' object\n"
        "  help: trace it yourself with torch.jit.trace and pass the result"
    )


def test_uncopyable_in_the_words_of_the_users_class():
    number = line("there is only one of these")
    assert said(lambda: tsviz.capture(refused.Keeps(), (X,), via="hybrid")) == (
        "error[TSV-C04]: `Keeps` and its inputs cannot be copied to run on: the code raises "
        "TypeError: there is only one of these\n"
        f"  --> refused.py:{number}:9\n"
        f'{number:>4} |         raise TypeError("there is only one of these")\n'
        "     |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  help: trace it yourself with torch.jit.trace and pass the result"
    )


def test_script_on_a_python_that_pytorch_does_not_support(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(compat, "python_supports_script", lambda: False)
    monkeypatch.setattr("platform.python_version", lambda: "3.14.1")
    program = tsviz.capture(refused.TakesThree().eval())
    assert [found.render() for found in program.diagnostics] == [
        "warning[TSV-C05]: expected Python 3.11 to 3.13 to script with, got 3.14.1, where PyTorch "
        "calls torch.jit.script unsupported\n"
        "  help: trace with example inputs instead: via='trace'"
    ]
    assert tsviz.capture(refused.TakesThree().eval(), (X,), via="trace").diagnostics == ()


@pytest.mark.parametrize("via", ["freeze", "optimize"])
def test_constants_on_meta(via: str):
    model = refused.TakesThree().eval().to("meta")
    assert said(lambda: tsviz.capture(model, via=via)) == (
        "error[TSV-C24]: expected constants with numbers in the graph, got one on the meta device\n"
        "  note: PyTorch said: Cannot copy out of meta tensor; no data!\n"
        "  help: give the model real weights first: model.to_empty(device='cpu')"
    )


@pytest.mark.parametrize("via", ["auto", "script", "trace", "hybrid"])
def test_weights_on_meta_are_no_obstacle_elsewhere(via: str):
    model = refused.TakesThree().eval().to("meta")
    program = tsviz.capture(model, (X.to("meta"),), via=via)
    assert [node.op for node in program.graph.iter_nodes()][-1] == "aten::linear"
    assert [(weight.name, weight.shape) for weight in program.weights] == [
        ("linear.weight", (4, 3)),
        ("linear.bias", (4,)),
    ]


# ── wrong calls ─────────────────────────────────────────────────────────────────────────────────

THREE = refused.TakesThree
SIGNATURE = "`TakesThree.forward(x: torch.Tensor) -> torch.Tensor`"
WRONG_CALLS = {
    "via misspelled": (
        lambda: tsviz.capture(THREE(), via="traced"),
        "error[TSV-U03]: expected via to be one of auto, script, trace, hybrid, freeze, optimize, "
        "got 'traced'\n  help: did you mean 'trace'?",
    ),
    "via of another tool": (
        lambda: tsviz.capture(THREE(), via="onnx"),
        "error[TSV-U03]: expected via to be one of auto, script, trace, hybrid, freeze, optimize, "
        "got 'onnx'",
    ),
    "a number": (
        lambda: tsviz.capture(3),
        "error[TSV-U04]: expected a module, a function or something TorchScript has compiled, got "
        "a value of type int\n  help: pass the model itself",
    ),
    "a class": (
        lambda: tsviz.capture(THREE),
        "error[TSV-U04]: expected a module, a function or something TorchScript has compiled, got "
        "the class `TakesThree`\n  help: make an instance of it: TakesThree(…)",
    ),
    "a path": (
        lambda: tsviz.capture("model.pt"),
        "error[TSV-U04]: expected a module, a function or something TorchScript has compiled, got "
        "a value of type str\n  help: open a file with tsviz.open(path)",
    ),
    "a state_dict": (
        lambda: tsviz.capture(THREE().state_dict()),
        "error[TSV-U04]: expected a module, a function or something TorchScript has compiled, got "
        "a value of type OrderedDict\n  help: a state_dict holds weights and no code: load it into "
        "the model and pass that",
    ),
    "trace without arguments": (
        lambda: tsviz.capture(THREE(), via="trace"),
        "error[TSV-U05]: expected example inputs, because via='trace' runs the model; got none\n"
        "  help: pass them: capture(model, (x,), via='trace')",
    ),
    "hybrid without arguments": (
        lambda: tsviz.capture(THREE(), via="hybrid"),
        "error[TSV-U05]: expected example inputs, because via='hybrid' runs the model; got none\n"
        "  help: pass them: capture(model, (x,), via='hybrid')",
    ),
    "freezing a function": (
        lambda: tsviz.capture(refused.halve_if_positive, via="freeze"),
        "error[TSV-U06]: expected a module for via='freeze', got `halve_if_positive` (function)\n"
        "  help: use via='script' for a function",
    ),
    "hybrid of a function": (
        lambda: tsviz.capture(refused.halve_if_positive, (X,), via="hybrid"),
        "error[TSV-U06]: expected a module with submodules for via='hybrid', got "
        "`halve_if_positive` (function)\n  help: use via='script' for a function",
    ),
    "freezing in train mode": (
        lambda: tsviz.capture(THREE(), via="freeze"),
        "error[TSV-U07]: expected `TakesThree` in eval mode to freeze it, got train mode\n"
        "  help: call `model.eval()` first; tsviz does not change it",
    ),
    "tracing what is compiled": (
        lambda: tsviz.capture(torch.jit.script(THREE()), (X,), via="trace"),
        "error[TSV-U08]: expected Python code to make via='trace' from, got `TakesThree`, which is "
        "compiled already\n  help: leave `via` out to see it as it is",
    ),
    "a method that was not compiled": (
        lambda: tsviz.capture(torch.jit.script(THREE()).extra_repr),
        "error[TSV-U09]: expected one of the compiled methods (forward), got `extra_repr`\n"
        "  help: mark it with @torch.jit.export before scripting",
    ),
    "too many arguments": (
        lambda: tsviz.capture(THREE(), (X, X, X)),
        f"error[TSV-U15]: expected example inputs that fit {SIGNATURE}, got 3 positional arguments"
        "\n  note: Python says: too many positional arguments",
    ),
    "an argument of another name": (
        lambda: tsviz.capture(THREE(), (), {"y": X}),
        f"error[TSV-U15]: expected example inputs that fit {SIGNATURE}, got 0 positional arguments "
        "and `y`\n  note: Python says: missing a required argument: 'x'",
    ),
    "too many arguments for what is compiled": (
        lambda: tsviz.capture(torch.jit.script(THREE()), (X, X)),
        "error[TSV-U15]: expected example inputs that fit `TakesThree.forward(x)`, got 2 positional"
        " arguments\n  note: Python says: too many positional arguments",
    ),
    "too many arguments for a function": (
        lambda: tsviz.capture(refused.make_closure(1), (X, X)),
        "error[TSV-U15]: expected example inputs that fit `shifted(x: torch.Tensor) -> "
        "torch.Tensor`, got 2 positional arguments\n"
        "  note: Python says: too many positional arguments",
    ),
    "arguments in a dictionary": (
        lambda: tsviz.capture(THREE(), {"x": X}),
        "error[TSV-U16]: expected args to be a tuple of arguments, got a value of type dict\n"
        "  help: write (x,)",
    ),
    "keyword arguments in a list": (
        lambda: tsviz.capture(THREE(), (), [X]),
        "error[TSV-U16]: expected kwargs to map names to arguments, got a value of type list\n"
        '  help: write {"x": x}',
    ),
    "freezing twice": (
        lambda: tsviz.capture(torch.jit.freeze(torch.jit.script(THREE().eval())), via="freeze"),
        "error[TSV-U17]: expected a module that is not frozen yet, got a frozen `TakesThree`\n"
        "  help: leave `via` out to see it as it is",
    ),
}


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_wrong_call(name: str):
    call, text = WRONG_CALLS[name]
    assert said(call, UsageError) == text


# ── what does work ──────────────────────────────────────────────────────────────────────────────


def test_a_single_tensor_stands_for_itself():
    program = tsviz.capture(refused.TakesThree().eval(), X, via="trace")
    assert program.inputs is not None
    assert program.inputs.args == (X,)


def test_auto_falls_back_to_a_trace_and_keeps_the_reason():
    program = tsviz.capture(refused.Catches().eval(), (X,))
    assert program.variant is Variant.TRACE
    assert program.banner == (
        "traced, because scripting failed: `Catches`: TorchScript has no `try`"
    )
    (finding,) = program.diagnostics
    assert (finding.code, finding.severity) == ("TSV-C01", "warning")


def test_train_mode_is_flagged_and_kept():
    model = refused.TakesThree()
    banner = (
        "captured in train mode: dropout and batch statistics are active "
        "(model.eval() for inference)"
    )
    for via in ("script", "trace"):
        assert tsviz.capture(model, (X,), via=via).banner == banner
    assert tsviz.capture(refused.Catches(), (X,)).banner.endswith(f"; {banner}")
    assert model.training
    assert model.linear.training


def test_closure_is_traced_under_its_own_name():
    program = tsviz.capture(refused.make_closure(3), (X,))
    assert program.name == "shifted"
    assert repr(program).startswith("<tsviz.Program shifted (trace, 3 nodes, 100% linked")


def test_entry_point_without_arguments_has_inputs_without_being_given_any():
    for via in ("auto", "trace"):
        program = tsviz.capture(TakesNothing().eval(), via=via)
        assert program.inputs is not None
        assert program.inputs.args == ()


class TakesNothing(nn.Module):
    def forward(self) -> Tensor:
        return torch.ones(2) * 3


@pytest.mark.parametrize("via", VIAS)
def test_markup_in_names(via: str):
    program = tsviz.capture(refused.hostile(), (X,), via=via)
    assert program.title == refused.HOSTILE
    assert any("<script>alert('module')</script>" in module.path for module in program.modules)
    text = render_graph(program.graph, comments=False)
    assert render_graph(tsviz.parse(text).graph, comments=False) == text


# ── the user's world stays as it was ────────────────────────────────────────────────────────────


class World:
    """Everything about a model and its surroundings that a capture must leave alone."""

    def __init__(self, model: nn.Module, inputs: tuple[object, ...]) -> None:
        self.model = model
        self.inputs = inputs

    def fingerprint(self) -> dict[str, object]:
        buffer = io.BytesIO()
        torch.save(self.inputs, buffer)
        attributes = {
            (path, name): repr(value)
            for path, part in self.model.named_modules()
            for name, value in vars(part).items()
            if not name.startswith("_")
        }
        tensors = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
        digests = {
            name: hashlib.sha256(tensor.detach().numpy().tobytes()).hexdigest()
            for name, tensor in tensors.items()
        }
        return {
            "weights": digests,
            "identities": [id(p) for p in self.model.parameters()],
            "gradients": [p.grad is None for p in self.model.parameters()],
            "attributes": attributes,
            "inputs": hashlib.sha256(buffer.getvalue()).hexdigest(),
            "random": hashlib.sha256(torch.get_rng_state().numpy().tobytes()).hexdigest(),
            "grad mode": torch.is_grad_enabled(),
            "default dtype": torch.get_default_dtype(),
            "warnings": list(warnings.filters),
            "hooks": [
                (len(part._forward_hooks), len(part._forward_pre_hooks))
                for part in self.model.modules()
            ],
        }


@pytest.mark.parametrize("via", VIAS)
@pytest.mark.parametrize("model", [refused.Mutates, refused.MutatesScripted, refused.TakesThree])
@pytest.mark.parametrize("grad", [True, False])
def test_capture_changes_nothing(via: str, model: type[nn.Module], grad: bool):
    built = model().eval()
    world = World(built, (torch.ones(2, 3),))
    with torch.set_grad_enabled(grad):
        before = world.fingerprint()
        if model is refused.Mutates and via == "script":
            said(lambda: tsviz.capture(built, world.inputs, via=via))
        else:
            program = tsviz.capture(built, world.inputs, via=via)
            assert [graph.nodes.keys() for _, graph in program.iter_graphs()] != []
        assert world.fingerprint() == before


def test_capture_in_train_mode_changes_nothing():
    model = refused.Mutates()
    world = World(model, (torch.ones(2, 3),))
    before = world.fingerprint()
    tsviz.capture(model, world.inputs)
    assert world.fingerprint() == before
    assert model.norm.num_batches_tracked.item() == 0


@pytest.mark.parametrize("name", ["in-place", "edits-its-input"])
def test_capturing_what_is_compiled_gives_the_same_object(name: str):
    model = ZOO[name].build()
    assert tsviz.capture(model, ZOO[name].inputs()).native is model


def test_inputs_that_need_gradients_and_are_no_leaves():
    x = (torch.ones(2, 3, requires_grad=True) * 2).detach().requires_grad_() * 1
    program = tsviz.capture(refused.TakesThree().eval(), (x,), via="trace")
    assert program.inputs is not None
    assert program.inputs.args[0] is x


# ── TSV-C06: a call on tensors raises inside a `try` ────────────────────────────────────────────


def test_what_would_crash_the_tracer_is_not_traced():
    with pytest.raises(CaptureError) as caught:
        tsviz.capture(Catches(), (torch.ones(5),), via="trace")
    assert str(caught.value) == (
        "error[TSV-C06]: `Catches` is not traced: it catches what a call on tensors raises\n"
        "  note: PyTorch's tracer crashes, with all of Python, when such a call raises inside a "
        "`try`\n"
        "  help: decide with a condition instead, or give an example on which nothing raises"
    )


def test_a_try_in_which_nothing_raises_is_traced():
    assert tsviz.capture(Catches(), (torch.ones(6),), via="trace").variant == "trace"


# ── what the compiler does not survive ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "source"),
    [
        (refused.returns_bare_list, "def returns_bare_list(x: Tensor) -> list:"),
        (refused.AnnotatesBareList(), "found: list = []"),
    ],
    ids=["returned", "annotated"],
)
def test_a_list_of_nothing_is_refused_before_it_crashes(model: object, source: str):
    with pytest.raises(CaptureError) as caught:
        tsviz.capture(model, via="script")
    place = caught.value.diagnostic.location
    assert isinstance(place, FileRange)
    assert (place.file, place.line) == (str(FILE), line(source))
    assert "crashes on the annotation `list`" in caught.value.diagnostic.message


def test_the_crash_of_another_process_is_not_reported_as_one_of_this(tmp_path: Path):
    faults = tmp_path / "faults"
    code = (
        "import faulthandler, tsviz\n"
        "from tests.frontends import refused\n"
        f"faulthandler.enable(open({str(faults)!r}, 'w'))\n"
        "try:\n"
        "    tsviz.capture(refused.returns_bare_list, via='script')\n"
        "except tsviz.TsvizError:\n"
        "    print('refused')\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, faults.read_text()) == ("refused\n", "")


def test_a_list_of_nothing_that_is_not_compiled_is_no_hindrance():
    assert tsviz.capture(refused.LeavesBareListOut(), via="script").variant == "script"
