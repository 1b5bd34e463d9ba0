"""Code, structure and weights are told apart: what changed in one leaves the others the same."""

import importlib.util
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import tsviz
from tests.comparison.test_weights import compared
from tests.frontends.generated import generate
from tests.frontends.writing import load_program
from tests.models.transformers_models import TRANSFORMERS
from tests.models.zoo import ZOO
from tsviz.comparison import ContentsDiff, FunctionDiff, Kind, ProgramDiff

NET = """\
import torch
from torch import nn

EMPTY = 2


def halve(x: torch.Tensor):
    return x / 2


class Part(nn.Module):
    def __init__(self, eps: float):
        super().__init__()
        self.eps = eps
        self.words = ["a", "b"]

    def forward(self, x: torch.Tensor):
        if bool(x.sum() > 0):
            x = halve(x)
        return x + self.eps


class Net(nn.Module):
    factor: torch.jit.Final[int]

    def __init__(self):
        super().__init__()
        self.factor = 2
        self.part = Part(1e-5)
        self.other = Part(1e-3)

    def forward(self, x: torch.Tensor):
        return self.other(self.part(x))

    @torch.jit.export
    def scaled(self, x: torch.Tensor):
        return x * self.factor
"""


Save = Callable[[str, str], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Saves the scripted net that a text defines, as `name`.pt."""

    def written(name: str, text: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "net.py").write_text(text)
        spec = importlib.util.spec_from_file_location("net", folder / "net.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        path = tmp_path / f"{name}.pt"
        torch.jit.script(module.Net().eval()).save(path)
        return path

    return written


def diff(save: Save, old: str, new: str) -> ProgramDiff:
    """What it makes that a piece of the text is another one."""
    assert old in NET
    return tsviz.diff(save("before", NET), save("after", NET.replace(old, new)))


def contents(found: ProgramDiff) -> ContentsDiff:
    assert found.contents is not None
    return found.contents


def the_function(found: ProgramDiff) -> FunctionDiff:
    (function,) = contents(found).code
    return function


def test_a_line_that_changed_has_the_numbers_of_the_files(save: Save, tmp_path: Path):
    found = diff(save, "EMPTY = 2\n", "EMPTY = 2\nMORE = 1\n")
    assert found.summary == "same code, same structure, 0 tensors equal"
    text = NET.replace("EMPTY = 2\n", "EMPTY = 2\nMORE = 1\n").replace("x / 2", "x / 4")
    found = tsviz.diff(tmp_path / "before.pt", save("halved", text))
    function = the_function(found)
    assert (function.kind, function.name) == (Kind.CHANGED, "net.halve")
    assert (function.is_python, function.same_text, function.is_library) == (True, False, False)
    assert function.diff == (
        f"--- {tmp_path}/before/net.py\n"
        f"+++ {tmp_path}/halved/net.py\n"
        "@@ -7,2 +8,2 @@\n"
        " def halve(x: torch.Tensor):\n"
        "-    return x / 2\n"
        "+    return x / 4"
    )
    for line, name, number in (
        (function.line_before, "before", 7),
        (function.line_after, "halved", 8),
    ):
        assert line is not None
        assert (line.file, line.line) == (str(tmp_path / name / "net.py"), number)
    assert found.summary == "code: 1 changed; structure: nodes: 2 changed; 0 tensors equal"


def test_a_comment_changes_the_text_alone(save: Save):
    found = diff(save, "    return x / 2\n", "    return x / 2  # the half\n")
    assert the_function(found).diff.endswith("-    return x / 2\n+    return x / 2  # the half")
    assert found.summary == "code: 1 changed; same structure; 0 tensors equal"
    assert bool(found)


def test_the_same_text_with_another_value_behind_it(save: Save):
    """`scaled` is no entry point, so that no graph would show it."""
    found = diff(save, "self.factor = 2", "self.factor = 3")
    function = the_function(found)
    assert (function.name, function.same_text, function.is_python) == (
        "net.Net.scaled",
        True,
        False,
    )
    assert function.diff.split("\n")[-2:] == [
        "-    return torch.mul(x, 2)",
        "+    return torch.mul(x, 3)",
    ]
    assert found.summary == (
        "same code (1 compiled otherwise); structure: 1 attribute; 0 tensors equal"
    )
    assert bool(found)


def test_functions_come_and_go(save: Save):
    found = diff(save, NET[NET.index("    @torch.jit.export") :], "")
    removed = the_function(found)
    assert (removed.kind, removed.name, removed.line_after) == (
        Kind.REMOVED,
        "net.Net.scaled",
        None,
    )
    assert removed.diff.split("\n")[1:3] == ["+++ /dev/null", "@@ -35,3 +0,0 @@"]
    back = the_function(tsviz.diff(found_path(removed, "after"), found_path(removed, "before")))
    assert (back.kind, back.line_before) == (Kind.ADDED, None)
    assert back.diff.split("\n")[2] == "@@ -0,0 +35,3 @@"


def found_path(function: FunctionDiff, name: str) -> Path:
    assert function.line_before is not None
    return Path(function.line_before.file).parents[1] / f"{name}.pt"


def test_a_class_of_another_name_is_no_other_code(save: Save, tmp_path: Path):
    save("before", NET)
    renamed = save("after", NET.replace("Part(", "Piece("))
    found = tsviz.diff(tmp_path / "before.pt", renamed)
    assert [(row.path, row.before, row.after) for row in contents(found).modules] == [
        ("part", "net.Part", "net.Piece"),
        ("other", "net.Part", "net.Piece"),
    ]
    assert contents(found).code == ()
    changed = NET.replace("Part(", "Piece(").replace("x + self.eps", "x - self.eps")
    function = the_function(tsviz.diff(tmp_path / "before.pt", save("changed", changed)))
    assert function.name == "net.Part.forward"
    assert "+        return x - self.eps" in function.diff


def test_attributes(save: Save):
    text = NET.replace("Part(1e-3)", "Part(1e-2)").replace('["a", "b"]', '["a", "b", "c"]')
    before, after = save("before", NET), save("after", text)
    found = contents(tsviz.diff(before, after)).attributes
    assert [(row.path, row.before, row.after) for row in found] == [
        ("part.words", "['a', 'b']", "['a', 'b', 'c']"),
        ("other.eps", "0.001", "0.01"),
        ("other.words", "['a', 'b']", "['a', 'b', 'c']"),
    ]
    assert {row.kind for row in found} == {Kind.CHANGED}


def test_constants_of_a_type_are_attributes(save: Save):
    final = NET.replace(
        "    def __init__(self, eps",
        "    eps: torch.jit.Final[float]\n\n    def __init__(self, eps",
    )
    before = save("before", final)
    found = tsviz.diff(before, save("after", final.replace("Part(1e-3)", "Part(1e-2)")))
    (row,) = contents(found).attributes
    assert (row.path, row.before, row.after) == ("other.eps", "0.001", "0.01")
    function = the_function(found)
    assert (function.name, function.same_text) == ("net.Part.forward", True)


def test_modules_come_and_go(save: Save):
    found = diff(save, "self.other = Part(1e-3)", "self.other = nn.Sequential(Part(1e-3))")
    assert [(row.kind, row.path, row.before, row.after) for row in contents(found).modules] == [
        (Kind.CHANGED, "other", "net.Part", "torch.nn.modules.container.Sequential"),
        (Kind.ADDED, "other.0", None, "net.Part"),
    ]


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))
        self.norm = nn.BatchNorm1d(3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(x) * self.weight


def test_what_is_known_of_tensors_and_modes(tmp_path: Path):
    paths = [tmp_path / "a.pt", tmp_path / "b.pt"]
    holder = Holder()
    torch.jit.script(holder.eval()).save(paths[0])
    holder.weight.requires_grad_(False)
    torch.jit.script(holder.train()).save(paths[1])
    found = compared(*paths)
    assert {row.path: (row.before, row.after) for row in found.attributes} == {
        "weight.requires_grad": ("True", "False"),
        "training": ("False", "True"),
        "norm.training": ("False", "True"),
    }
    assert found.weights.summary == "6 tensors equal"
    page = str(tsviz.diff(*paths))
    assert "training and 1 more" in page


# ── any model ───────────────────────────────────────────────────────────────────────────────────


def saved(native: torch.jit.ScriptModule | torch.jit.ScriptFunction, path: Path) -> Path:
    native.save(str(path))
    return path


CALLS_PYTHON = ("ignored-python-method", "autograd-function-traced")
SAVED = [name for name in ZOO if name not in CALLS_PYTHON]


@pytest.mark.parametrize("name", CALLS_PYTHON)
def test_what_pytorch_cannot_save_is_left_out(name: str):
    found = tsviz.diff(ZOO[name].build(), ZOO[name].build())
    assert found.contents is None
    assert not found
    assert {words.partition("`")[0] for words in found.left_out} == {
        "code, modules and weights, unknown of "
    }
    assert "PyTorch cannot save it: Could not export Python function call" in found.left_out[0]


@pytest.mark.parametrize("name", SAVED)
def test_the_same_model_compiled_and_saved_twice(name: str, tmp_path: Path):
    """The second one has other numbers in its mangled names."""
    once = saved(ZOO[name].build(), tmp_path / "once.pt")
    twice = saved(ZOO[name].build(), tmp_path / "twice.pt")
    found = compared(once, twice)
    assert not found
    assert found.weights.left_out == ()


@pytest.mark.parametrize("name", SAVED)
def test_training_changes_weights_alone(name: str, tmp_path: Path):
    native = ZOO[name].build()
    before = saved(native, tmp_path / "before.pt")
    changed = 0
    if isinstance(native, torch.jit.ScriptModule):
        with torch.no_grad():
            for weight in native.parameters():
                weight.add_(torch.rand(weight.shape, generator=torch.Generator().manual_seed(0)))
                changed += 1
    found = compared(before, saved(native, tmp_path / "after.pt"))
    assert (found.code, found.modules, found.attributes) == ((), (), ())
    assert len(found.weights.tensors) >= changed
    assert bool(found) is bool(changed)


@settings(max_examples=20)
@given(seed=st.integers(0, 200), data=st.data())
def test_another_number_in_a_line_changes_code_and_graph(
    tmp_path_factory: pytest.TempPathFactory, seed: int, data: st.DataObject
):
    folder = tmp_path_factory.mktemp("versions")
    truth = generate(Random(seed))
    name = f"version_{seed}"
    root, _ = load_program(truth, folder, name, cell=False)
    before = tsviz.capture(root, via="script")
    values = {
        value
        for node in before.graph.iter_nodes()
        if isinstance(value := node.find_attribute("value"), float)
    }
    body = "\n".join(line for line in truth.text.split("\n") if "nn." not in line)
    numbers = sorted(f"{value:.4f}" for value in values if f"{value:.4f}" in body)
    number = data.draw(st.sampled_from(numbers))
    old = saved(before.get_native(), folder / "old.pt")
    text = truth.text.replace(number, "7.0001")
    other, _ = load_program(replace(truth, text=text), folder, name, cell=False)
    new = saved(tsviz.capture(other, via="script").get_native(), folder / "new.pt")
    del sys.modules[name]
    found = compared(old, new)
    assert found.code
    assert all(change.is_python and not change.same_text for change in found.code)
    assert any(number in change.diff and "7.0001" in change.diff for change in found.code)
    assert (found.modules, found.weights.tensors) == ((), ())
    assert tsviz.diff(before, tsviz.capture(other, via="script")).nodes


@pytest.mark.parametrize("name", ["bert-tiny", "gpt2-tiny"])
def test_one_weight_of_a_transformer(name: str, tmp_path: Path):
    model = TRANSFORMERS[name].build()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        native = torch.jit.trace(model, TRANSFORMERS[name].inputs(), check_trace=False)
    before = saved(native, tmp_path / "before.pt")
    assert not tsviz.diff(before, saved(native, tmp_path / "again.pt"))
    chosen, weight = list(model.named_parameters())[5]
    with torch.no_grad():
        weight.view(-1)[7] += 0.5
    found = tsviz.diff(before, saved(native, tmp_path / "after.pt"))
    (diff,) = contents(found).weights.tensors
    assert (diff.name, diff.differing) == (chosen, 1)
    count = contents(found).weights.before
    assert found.summary == f"same code, same structure, 1 of {count} tensors differs"
    assert found.nodes == ()
