"""`tsviz.doctor` as a whole: everything in one report, and nothing where there is nothing."""

import copy
import importlib
import linecache
import random
import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import tsviz
from tests.diagnosis import faulty, spread, spread_parts, twelve
from tests.diagnosis.claims import claims_of
from tests.models import ZOO, containers, control_flow
from tsviz.diagnosis import Owner, Trial, Way, doctor
from tsviz.errors import UsageError
from tsviz.location import FileRange, Origin

TWELVE = Path(twelve.__file__)


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return twelve.Twelve()


def inputs() -> tuple[Any, ...]:
    return (torch.arange(8.0).reshape(2, 4), 1)


def numbered_lines(file: Path = TWELVE) -> list[int]:
    text = file.read_text(encoding="utf-8").split("\n")
    return [number for number, line in enumerate(text, 1) if re.search(r"# \d+$", line)]


def lines_of(found: tsviz.diagnosis.Diagnosis) -> list[int]:
    return [place.line for one in found.obstacles if isinstance(place := one.location, FileRange)]


RULES_OF_THE_TWELVE = [
    *("signature", "untyped-argument", "none-without-optional", "foreign-call"),
    *("none-without-optional", "attribute", "module-index", "context-manager"),
    *("empty-container", "set", "attribute", "augmented-assignment"),
]
"""In order of lines. An argument and a local that begin as None are two faults, and so are an
attribute that is empty at first and one of the class."""

# ── everything at once ──────────────────────────────────────────────────────────────────────────


def test_twelve_faults_in_one_report(model: nn.Module):
    found = doctor(model, inputs())
    assert lines_of(found) == numbered_lines()
    assert [one.rule for one in found.obstacles] == RULES_OF_THE_TWELVE
    assert all(one.edit is not None and one.edit.trial is Trial.EQUAL for one in found.obstacles)
    assert found.verdict.way is Way.SCRIPT


def test_the_edited_source_scripts_and_gives_the_eager_result(model: nn.Module):
    """The whole patched file is run as a module of its own, as after `--fix=write`."""
    found = doctor(model, inputs())
    (text,) = found.patched().values()
    module = types.ModuleType("patched_twelve")
    linecache.cache["patched_twelve.py"] = (len(text), None, text.splitlines(True), "patched")
    exec(compile(text, "patched_twelve.py", "exec"), module.__dict__)
    patched = module.Twelve()
    patched.load_state_dict(model.state_dict())
    expected = copy.deepcopy(model)(*inputs())
    assert torch.equal(torch.jit.script(patched)(*inputs()), expected)


SPREAD = (Path(spread.__file__), Path(spread_parts.__file__))
RULES_OF_THE_SPREAD = [
    *("hook", "inner-definition", "bare-annotation", "outer-value", "expansion"),
    *("lambda", "annotation", "comprehension", "foreign-call", "walrus", "loop-else"),
    "refinement",
]
"""In order of files and lines; none but one is a rule of the other twelve."""


def rows() -> tuple[Any, ...]:
    return (torch.arange(8.0).reshape(2, 4),)


def test_twelve_faults_over_two_files_in_one_report():
    """In a base class, functions, a hook and a submodule."""
    torch.manual_seed(0)
    found = doctor(spread.Spread(), rows())
    places = [one.location for one in found.obstacles]
    assert [(place.file, place.line) for place in places if isinstance(place, FileRange)] == [
        (str(file), number) for file in SPREAD for number in numbered_lines(file)
    ]
    assert [one.rule for one in found.obstacles] == RULES_OF_THE_SPREAD
    assert all(one.edit is not None and one.edit.trial is Trial.EQUAL for one in found.obstacles)
    assert found.verdict.way is Way.SCRIPT


def test_both_edited_files_script_and_give_the_eager_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """They are run as modules of their own, as after `--fix=write`."""
    torch.manual_seed(0)
    model = spread.Spread()
    found = doctor(model, rows())
    for file, text in found.patched().items():
        (tmp_path / f"edited_{Path(file).name}").write_text(
            text.replace("tests.diagnosis.spread_parts", "edited_spread_parts")
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    edited = importlib.import_module("edited_spread")
    for name in ("edited_spread", "edited_spread_parts"):
        monkeypatch.delitem(sys.modules, name)
    patched = edited.Spread()
    patched.load_state_dict(model.state_dict())
    assert torch.equal(torch.jit.script(patched)(*rows()), copy.deepcopy(model)(*rows()))


def test_without_inputs_what_eager_passes_is_not_known(model: nn.Module):
    found = doctor(model)
    assert len(found.obstacles) >= 9
    assert "no example inputs" in found.doubts[0]
    assert all(edit.trial is not Trial.EQUAL for edit in found.edits)


# ── nothing at all ──────────────────────────────────────────────────────────────────────────────


SCRIPTED = [name for name in ZOO if not name.startswith("traced") and not name.endswith("-traced")]


@pytest.mark.parametrize("name", SCRIPTED)
def test_nothing_is_said_of_a_model_that_scripts(name: str, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patched:  # the models as they are before they are scripted
        patched.setattr(torch.jit, "script", lambda model: model)
        model = ZOO[name].build()
    found = doctor(model, ZOO[name].inputs())
    assert found.obstacles == ()
    assert claims_of(model, ZOO[name].inputs()) == []
    is_other = found.verdict.reasons[1].startswith("but its result is not eager's: ")
    assert is_other is (name in ("arithmetic", "attributes"))
    assert is_other or found.verdict.way is Way.SCRIPT
    assert "compiles a copy of it as it is" in found.verdict.reasons[0]


def test_what_scripts_with_another_result_is_said():
    found = doctor(containers.Attributes().eval(), ZOO["attributes"].inputs())
    assert found.verdict.reasons[1].startswith("but its result is not eager's: ")


def test_a_function_that_scripts():
    found = doctor(control_flow.clamp_rows, (torch.ones(2, 3), -0.5, 0.5))
    assert (found.obstacles, found.verdict.way) == ((), Way.SCRIPT)
    assert found.verdict.reasons[1] == "with these inputs it gives eager's result bit for bit"


# ── whose code ──────────────────────────────────────────────────────────────────────────────────

PACKAGE = """\
import torch
from torch import nn


class Block(nn.Module):
    def forward(self, x, times):
        for i in range(times):
            x = x + i
        return x
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[nn.Module]:
    """A class of a package in a folder of packages."""
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "blocks_of_others.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(folder))
    import blocks_of_others

    monkeypatch.delitem(sys.modules, "blocks_of_others")
    return blocks_of_others.Block


class UsesPackage(nn.Module):
    def __init__(self, block: nn.Module):
        super().__init__()
        self.block = block

    def forward(self, x):
        return self.block(x, 2)


def test_no_edit_in_an_installed_package(installed: type[nn.Module]):
    found = doctor(UsesPackage(installed()), (torch.ones(2),))
    (obstacle,) = found.obstacles
    assert (obstacle.rule, obstacle.owner) == ("untyped-argument", Owner.PACKAGE)
    assert obstacle.edit is None
    assert found.diff() == ""
    assert "an installed package's code, so no edit is offered" in str(found)


OTHERS = """\
import torch
from torch import nn


class Widen(nn.Module):
    def forward(self, x):
        return x * len({1, 2})


def halve(x, times):
    for i in range(times):
        x = x / len({1, 2})
    return x
"""


@pytest.fixture
def others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A package with a class and a function that do not script."""
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "others_code.py").write_text(OTHERS)
    monkeypatch.syspath_prepend(str(folder))
    import others_code

    yield others_code
    del sys.modules["others_code"]


class UsesBlock(nn.Module):
    def __init__(self, block: nn.Module):
        super().__init__()
        self.block = block

    def forward(self, x):
        if x.sum() > 0:
            x = x + 1
        return self.block(x)


def test_a_part_of_a_package_that_was_traced(others: Any):
    found = doctor(UsesBlock(others.Widen()), (torch.ones(2),))
    assert [one.owner for one in found.obstacles] == [Owner.PACKAGE]
    assert found.verdict.way is Way.HYBRID
    assert "hybrid.block = torch.jit.trace(hybrid.block, given[" in found.verdict.code


def test_a_function_of_a_package_behind_a_typed_one(others: Any):
    names = {"__name__": "__main__", "halve": others.halve, "torch": torch}
    text = (
        "class Net(torch.nn.Module):\n    def forward(self, x):\n"
        "        if x.sum() > 0:\n            x = x + 1\n        return halve(x, 2)\n"
    )
    linecache.cache["<calls halve>"] = (len(text), None, text.splitlines(True), "<calls halve>")
    exec(compile(text, "<calls halve>", "exec"), names)
    found = doctor(names["Net"](), (torch.ones(2),))
    assert {one.owner for one in found.obstacles} == {Owner.PACKAGE}
    (workaround,) = found.workarounds
    assert workaround.code == (
        "import others_code\n"
        "import torch\n"
        "\n"
        "plain_halve = others_code.halve\n"
        "\n\n"
        "@torch.jit.ignore\n"
        "def halve(x: torch.Tensor, times: int) -> torch.Tensor:\n"
        "    return plain_halve(x, times)\n"
        "\n\n"
        "others_code.halve = halve"
    )
    assert workaround.cost == "the call runs in Python, and the model cannot be saved"


# ── the user's world ────────────────────────────────────────────────────────────────────────────


def test_everything_is_left_as_it_was(model: nn.Module):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    kinds = [type(part) for part in model.modules()]
    hooks = [len(part._forward_hooks) for part in model.modules()]
    text, cached = TWELVE.read_bytes(), set(linecache.cache)
    drawn, drawn_by_python = torch.random.get_rng_state(), random.getstate()
    trace = sys.gettrace()
    doctor(model, inputs())
    assert sys.gettrace() is trace
    assert torch.equal(torch.random.get_rng_state(), drawn)
    assert random.getstate() == drawn_by_python
    assert [type(part) for part in model.modules()] == kinds
    assert [len(part._forward_hooks) for part in model.modules()] == hooks
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert TWELVE.read_bytes() == text
    assert not [name for name in set(linecache.cache) - cached if name.startswith("tsviz")]
    assert model.sizes == []


def test_the_warnings_of_the_compiler_stay_away(capfd: pytest.CaptureFixture[str]):
    doctor(faulty.MixedDict(), (torch.ones(1),))
    assert capfd.readouterr() == ("", "")


def test_a_tracer_of_others_goes_on_after_an_error():
    def other(frame: Any, event: str, value: Any) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(other)
    try:
        assert doctor(StopsInPython(), (torch.ones(1),)).is_interrupted
        assert sys.gettrace() is other
    finally:
        sys.settrace(before)


class StopsInPython(nn.Module):
    def forward(self, x):
        x = x * len({1, 2})
        raise KeyboardInterrupt


def test_a_model_that_raises_in_eager_is_diagnosed_all_the_same():
    class Raises(nn.Module):
        def forward(self, x):
            x = x * len({1, 2})
            raise ValueError("never")

    found = doctor(Raises(), (torch.ones(1),))
    assert [one.rule for one in found.obstacles] == ["set"]
    assert "eager itself raises ValueError with these inputs" in found.doubts


# ── the verdict ─────────────────────────────────────────────────────────────────────────────────


class Branches(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x + 1
        return x - 1


class BranchesInside(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = Branches()

    def forward(self, x):
        x = x * len({1, 2})
        return self.branches(x)


class BranchesItself(nn.Module):
    def forward(self, x):
        x = x * len({1, 2})
        if x.sum() > 0:
            return x + 1
        return x - 1


def test_hybrid_where_a_part_branches_on_data():
    found = doctor(BranchesInside(), (torch.ones(2),))
    assert found.verdict.way is Way.HYBRID
    assert any(reason.startswith("branches is scripted") for reason in found.verdict.reasons)
    assert "hybrid.branches = torch.jit.script(hybrid.branches)" in found.verdict.code


def test_neither_where_the_branch_is_in_what_does_not_script():
    found = doctor(BranchesItself(), (torch.ones(2),))
    assert found.verdict.way is Way.NEITHER
    assert any("test_doctor.py" in reason for reason in found.verdict.reasons)
    assert found.verdict.code == ""


def test_trace_where_nothing_branches():
    found = doctor(faulty.SetCall(), (torch.ones(2),))
    assert found.verdict.way is Way.TRACE
    assert found.verdict.code == "traced = torch.jit.trace(model, args)"


def test_what_scripts_and_then_raises_is_traced():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)))
    found = doctor(model, (torch.ones(1, 2),))
    assert found.obstacles == ()
    assert found.verdict.way is Way.TRACE
    assert found.verdict.reasons[1] == (
        "but with these inputs the scripted copy raises: Parametrization is not working with "
        "scripting"
    )


def test_hooks_for_gradients_are_left_out_without_a_word():
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].register_full_backward_hook(lambda module, given, grads: None)
    found = doctor(model, (torch.ones(1, 2),))
    assert found.verdict.way is Way.SCRIPT
    assert found.doubts == ("`0` has hooks for gradients, which the compiled form does not call",)


@pytest.mark.parametrize(
    ("kwargs", "code"),
    [
        ({"x": 1}, "traced = torch.jit.trace(model, example_kwarg_inputs=kwargs)"),
        ({}, "traced = torch.jit.trace(model, args)"),
    ],
)
def test_how_a_trace_is_written(kwargs: dict[str, Any], code: str):
    x = torch.ones(2)
    given = doctor(faulty.SetCall(), () if kwargs else (x,), {"x": x} if kwargs else None)
    assert given.verdict.code == code


# ── where the source is ─────────────────────────────────────────────────────────────────────────


def test_a_notebook_cell():
    text = (
        "import torch\n\nclass Cell(torch.nn.Module):\n"
        "    def forward(self, x, n):\n        for i in range(n):\n            x = x + i\n"
        "        return x\n"
    )
    name = "/tmp/ipykernel_7/1234.py"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), names)
    found = doctor(names["Cell"](), (torch.ones(2), 3))
    (obstacle,) = found.obstacles
    assert obstacle.edit is not None
    assert obstacle.edit.trial is Trial.EQUAL
    assert found.sources[name].origin is Origin.CELL
    assert found.patched()[name] == text.replace("x, n):", "x, n: int):")
    assert "replace in the cell" in str(found)
    assert found.write() == ()


def test_characters_of_several_bytes_before_the_fault():
    found = doctor(faulty_text("ä = '日本'; k = {1, 2}"), (torch.ones(2),))
    (obstacle,) = found.obstacles
    assert isinstance(obstacle.location, FileRange)
    assert found.sources[obstacle.location.file].slice(obstacle.location) == "{1, 2}"


def faulty_text(line: str) -> nn.Module:
    """A model with one line, of a source that only Python's line cache knows."""
    text = f"import torch\nclass Net(torch.nn.Module):\n    def forward(self, x):\n        {line}\n"
    text += "        return x\n"
    name = f"<made of {line}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(text, name, "exec"), names)
    return names["Net"]()


# ── what is shown ───────────────────────────────────────────────────────────────────────────────


def test_page():
    assert str(doctor(faulty_text("k = {1, 2}"), (torch.ones(2),))) == (
        "Net: trace it\n"
        "  · torch.jit.script refuses it: TorchScript has no sets\n"
        "  · traced, it gives eager's result bit for bit on what it is given, and agrees on 24 "
        "inputs like\n  them\n"
        "\n"
        "    traced = torch.jit.trace(model, args)\n"
        "\n"
        "1 obstacle\n"
        "\n"
        "error[set]: TorchScript has no sets\n"
        "  --> <made of k = {1, 2}>:4:13\n"
        "   4 |         k = {1, 2}\n"
        "     |             ^^^^^^\n"
        "  note: PyTorch says: Set aren't supported\n"
        "  help: use a list, or the keys of a dict\n"
        "\n"
        "1 in <made of k = {1, 2}>"
    )


def test_table_and_mime_bundle(model: nn.Module):
    found = doctor(model, inputs())
    frame = found.to_dataframe()
    assert list(frame["line"]) == numbered_lines()
    assert frame["source"][frame["rule"] == "set"].tolist() == ["{1, 2}"]
    bundle = found._repr_mimebundle_()
    assert bundle["text/plain"] == str(found)
    assert "untyped-argument" in bundle["text/html"]


def test_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "to_be_written.py"
    file.write_text("def f(x, n):\n    for i in range(n):\n        x = x + i\n    return x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import to_be_written

    monkeypatch.delitem(sys.modules, "to_be_written")
    found = doctor(to_be_written.f, (torch.ones(1), 2))
    assert found.diff().splitlines()[2:5] == [
        "@@ -1,4 +1,4 @@",
        "-def f(x, n):",
        "+def f(x, n: int):",
    ]
    assert found.write() == (str(file),)
    assert file.read_text().startswith("def f(x, n: int):\n")
    with pytest.raises(UsageError) as raised:
        found.write()
    assert str(raised.value) == (
        f"error[TSV-Q01]: expected `{file}` as it was when it was diagnosed, but it has changed\n"
        "  help: restart Python, so that it is imported anew, and diagnose it again"
    )


def test_a_compiled_model_is_refused():
    with pytest.raises(UsageError) as raised:
        doctor(torch.jit.script(nn.Linear(2, 2)))
    assert str(raised.value) == (
        "error[TSV-Q02]: expected Python code to diagnose, got `Linear`, which is compiled\n"
        "  help: pass the model as it was before"
    )
