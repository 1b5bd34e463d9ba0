"""What is offered for code of packages: every text runs in a process of its own, beside eager."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch

from tsviz.diagnosis import Diagnosis, Owner, Way, doctor

PACKAGE = """\
import torch
from torch import nn


class Widen(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x, times=2):
        return self.linear(x) * len({1, 2}) * times


class Talks(nn.Module):
    def __init__(self):
        super().__init__()
        self.verbose = False

    def report(self, x):
        print({1, 2})

    def forward(self, x):
        if self.verbose:
            self.report(x)
        return x * 2


def halve(x, times):
    for i in range(times):
        x = x / len({1, 2})
    return x


def gate(x):
    if x.sum() > 0:
        return x + 1
    return x - 1
"""
MODELS = """\
import torch
from torch import nn

import package_of_others
from package_of_others import gate, halve


class CallsFunction(nn.Module):
    def forward(self, x):
        if x.mean() > 0:
            x = x + 1
        return halve(x, 2)


class HoldsPart(nn.Module):
    def __init__(self):
        super().__init__()
        self.widen = package_of_others.Widen()

    def forward(self, x):
        if x.mean() > 0:
            x = x + 1
        return self.widen(x, 3)


class HoldsTalker(nn.Module):
    def __init__(self):
        super().__init__()
        self.talks = package_of_others.Talks()

    def forward(self, x):
        if x.mean() > 0:
            x = x + 1
        return self.talks(x)


class CallsGate(nn.Module):
    def forward(self, x):
        return gate(x) * len({1, 2})
"""


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Models of the user's that use a package."""
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    (folder / "package_of_others.py").write_text(PACKAGE)
    (tmp_path / "models_of_users.py").write_text(MODELS)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield import_module("models_of_users")
    for name in ("models_of_users", "package_of_others"):
        del sys.modules[name]


def diagnosed(models: Any, name: str) -> Diagnosis:
    torch.manual_seed(0)
    return doctor(getattr(models, name)(), (torch.ones(2, 2),))


def run(models: Any, name: str, code: str, made: str) -> str:
    """Runs code in a process of its own, and holds what it makes against eager.

    Returns:
        `saved`, or `not saved` where PyTorch cannot.
    """
    folder = Path(models.__file__).parent
    script = f"""
import copy, io, warnings
warnings.simplefilter("ignore")
import torch
import models_of_users
torch.manual_seed(0)
model, args = models_of_users.{name}(), (torch.ones(2, 2),)
inputs = [torch.ones(2, 2), -torch.ones(2, 2), torch.randn(3, 2)]
expected = [copy.deepcopy(model)(x) for x in inputs]
{code}
compiled = {made}
for x, y in zip(inputs, expected):
    assert torch.equal(compiled(x), y), (x, y)
try:
    torch.jit.save(compiled, io.BytesIO())
    print("saved")
except RuntimeError:
    print("not saved")
"""
    packages = folder / "lib" / "python3.11" / "site-packages"
    path = os.pathsep.join([str(folder), str(packages)])
    file = folder / "script.py"
    file.write_text(script)
    ran = subprocess.run(
        [sys.executable, str(file)],
        text=True,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_a_function_behind_a_typed_one(models: Any):
    found = diagnosed(models, "CallsFunction")
    assert {one.owner for one in found.obstacles} == {Owner.PACKAGE}
    (workaround,) = found.workarounds
    assert workaround.what == "call halve through a typed function"
    assert workaround.cost == "the call runs in Python, and the model cannot be saved"
    assert workaround.code.endswith(
        "package_of_others.halve = halve\nmodels_of_users.halve = halve"
    )
    told = run(models, "CallsFunction", workaround.code, "torch.jit.script(model)")
    assert told == "not saved"


def test_a_part_behind_a_typed_module(models: Any):
    """It cannot be traced: one of its arguments is a number."""
    found = diagnosed(models, "HoldsPart")
    (workaround,) = found.workarounds
    assert workaround.what == "call widen through a typed module"
    assert workaround.cost == (
        "the call runs in Python, and the model cannot be saved, "
        "2 of its 2 tensors are no longer the model's"
    )
    assert "def run_widen(x: torch.Tensor, times: int = 2) -> torch.Tensor:" in workaround.code
    told = run(models, "HoldsPart", workaround.code, "torch.jit.script(model)")
    assert told == "not saved"


def test_a_method_that_never_runs_is_left_out(models: Any):
    found = diagnosed(models, "HoldsTalker")
    (workaround,) = found.workarounds
    assert workaround.what == "leave out Talks.report, which eager does not call with these inputs"
    assert workaround.cost == "a call of it raises"
    assert workaround.code == (
        "import package_of_others\nimport torch\n\ntorch.jit.unused(package_of_others.Talks.report)"
    )
    told = run(models, "HoldsTalker", workaround.code, "torch.jit.script(model)")
    assert told == "saved"


def test_marks_are_made_on_copies_only(models: Any):
    diagnosed(models, "HoldsTalker")
    talks = sys.modules["package_of_others"].Talks
    assert not hasattr(talks.report, "_torchscript_modifier")


def test_a_function_that_branches_is_scripted_inside_a_trace(models: Any):
    """Which makes a hybrid of a model that has no parts."""
    before = sys.modules["package_of_others"].gate
    verdict = diagnosed(models, "CallsGate").verdict
    assert verdict.way is Way.HYBRID
    assert verdict.code == (
        "import models_of_users\nimport package_of_others\nimport torch\n\n"
        "package_of_others.gate = torch.jit.script_if_tracing(package_of_others.gate)\n"
        "models_of_users.gate = torch.jit.script_if_tracing(models_of_users.gate)\n"
        "hybrid = torch.jit.trace(model, args)"
    )
    assert verdict.reasons[-2] == (
        "gate is scripted: torch.jit.script compiles what branches there"
    )
    assert sys.modules["package_of_others"].gate is before
    assert models.gate is before
    assert run(models, "CallsGate", verdict.code, "hybrid") == "saved"
