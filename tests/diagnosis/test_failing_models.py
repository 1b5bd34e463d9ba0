"""Models that fail as users' models do: traced, frozen, optimised, loaded, nested, in cells."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.diagnosis.failing import HEAD, explanation_of, rendered, run_quietly
from tsviz.frontends.failures import explain

ENCODER = """
class Head(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.project = nn.Linear(4, width)

    def forward(self, x):
        return self.project(x).view(2, -1)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList([Head(4), Head(6), Head(4)])

    def forward(self, x):
        for head in self.heads:
            x = head(x)
        return x


x = torch.ones(2, 4)
"""
SAVED = "model.save('model.pt')\nmodel = torch.jit.load('model.pt')\n"
FILES = {
    "scripted-heads": f"{ENCODER}model = torch.jit.script(Encoder())\nmodel(x)",
    "loaded-heads": f"{ENCODER}model = torch.jit.script(Encoder())\n{SAVED}model(x)",
    "frozen-heads": (
        f"{ENCODER}scripted = torch.jit.script(Encoder().eval())\n"
        f"model = torch.jit.freeze(scripted)\nmodel(x)"
    ),
    "traced-head": f"{ENCODER}model = torch.jit.trace(Head(6), x)\nmodel(torch.ones(3, 5))",
    "loaded-trace": f"{ENCODER}model = torch.jit.trace(Head(6), x)\n{SAVED}model(torch.ones(3, 5))",
    "odd-batch-traced": f"{ENCODER}model = torch.jit.trace(Head(3), x)\nmodel(torch.ones(3, 4))",
    "in-a-loop": """
@torch.jit.script
def unroll(x, steps: int):
    for step in range(steps):
        x = torch.cat([x, x[:, step]], 1)
    return x

x = torch.ones(2, 3)
unroll(x, 4)""",
    "in-a-branch": """
class Gate(nn.Module):
    def forward(self, x, mask: Optional[Tensor] = None):
        if mask is not None:
            x = x * mask
        return x

gate = torch.jit.script(Gate())
gate(torch.ones(2, 3), torch.ones(2))""",
    "own-method": """
class Model(nn.Module):
    @torch.jit.export
    def encode(self, x):
        return self.check(x) + 1

    def check(self, x):
        if x.dim() != 3:
            raise ValueError("expected batches of sequences")
        return x

model = torch.jit.script(Model())
x = torch.ones(2, 3)
model.encode(x)""",
    "assertion": """
@torch.jit.script
def rows(x: Tensor, n: int):
    assert x.size(0) == n, "one row for each name"
    return x

x = torch.ones(2, 3)
rows(x, 3)""",
    "traced-around-script": """
@torch.jit.script
def inner(x):
    return x.view(3, 4)

def outer(x):
    return inner(x) * 2

model = torch.jit.trace(outer, torch.ones(3, 4))
x = torch.ones(2, 4)
model(x)""",
    "script-around-trace": """
class Part(nn.Module):
    def forward(self, x):
        return x.view(3, 4)

class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.part = torch.jit.trace(Part(), torch.ones(3, 4))

    def forward(self, x):
        return self.part(x)

model = torch.jit.script(Whole())
model(torch.ones(2, 4))""",
    "compile-chain": """
def width(shape):
    return shape["width"]

def resize(x):
    return x * width(x)

class Model(nn.Module):
    def forward(self, x):
        return self.prepare(x)

    def prepare(self, x):
        return resize(x)

torch.jit.script(Model())""",
    "trace-raises": """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 4)

    def forward(self, x):
        return self.layer(x)

torch.jit.trace(Model(), torch.ones(2, 5))""",
    "prints-once": """
@torch.jit.script
def noisy(x):
    print("running")
    return x @ x

x = torch.ones(2, 3)
noisy(x)""",
    "calls-python": """
@torch.jit.ignore
def log(x: Tensor) -> Tensor:
    return x

class Model(nn.Module):
    def forward(self, x):
        return log(x) @ x

model = torch.jit.script(Model())
model(torch.ones(2, 3))""",
    "non-ascii": """
@torch.jit.script
def größe(x):
    text = "größer, ≥"
    return x.view(len(text), 7)

x = torch.ones(2, 3)
größe(x)""",
    "two-of-one-line": """
@torch.jit.script
def twice(a, b, c):
    return torch.mm(a, b), torch.mm(b, c)

a, b, c = torch.ones(2, 3), torch.ones(3, 4), torch.ones(5, 6)
twice(a, b, c)""",
}


@pytest.mark.parametrize("name", FILES)
def test_file(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    golden: Callable[[str, str], None],
    capfd: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    found = explanation_of(HEAD + FILES[name].strip() + "\n", tmp_path)
    golden(f"errors/models/{name}.txt", rendered(found, tmp_path))
    assert capfd.readouterr().out == ("running\n" if name == "prints-once" else "")


CELLS = {
    "edited": ["def f(x):\n    return x.view(5)", "model = torch.jit.script(f)",
               "def f(x):\n    # another\n    return x", "x = torch.ones(2)", "model(x)"],
    "class-in-a-cell": ["class M(nn.Module):\n    def forward(self, x):\n        return x.mm(x)",
                        "m = torch.jit.script(M())", "m(torch.ones(2, 3))"],
    "helper-in-another-cell": ["def helper(x):\n    return x.nothing()",
                               "def f(x):\n    return helper(x)\ntorch.jit.script(f)"],
    "archive-of-a-cell": ["class M(nn.Module):\n    def forward(self, x):\n        return x.mm(x)",
                          "torch.jit.script(M()).save('m.pt'); m = torch.jit.load('m.pt')",
                          "m(torch.ones(2, 3))"],
    "trace-in-a-cell": ["def f(x):\n    y = x.relu()\n    return y.view(7)",
                        "torch.jit.trace(f, torch.ones(2))"],
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_cells(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    golden: Callable[[str, str], None],
    bare_shell: InteractiveShell,
):
    monkeypatch.chdir(tmp_path)
    bare_shell.extension_manager.load_extension("tsviz")
    with run_quietly():
        bare_shell.run_cell(HEAD, store_history=True)
        for cell in CELLS[name][:-1]:
            assert bare_shell.run_cell(cell, store_history=True).success
        ran = bare_shell.run_cell(CELLS[name][-1], store_history=True)
        error = ran.error_in_exec
        assert isinstance(error, Exception)
        assert error is sys.last_value
        found = explain(error, deeply=True)
    text = re.sub(r"<ipython-input-(\d+)-\w+>", r"<cell \1>", rendered(found, tmp_path))
    golden(f"errors/models/{name}.txt", text)
