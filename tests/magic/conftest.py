"""A real IPython shell with the extension loaded, as a user has it."""

import atexit
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

SETUP = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(self, x):
        return self.encode(x).relu()

    def encode(self, x):
        return self.linear(x)

model = Net().eval()
x = torch.ones(2, 3)
"""


@dataclass(frozen=True)
class Ran:
    """A cell's outcome.

    Attributes:
        value: of its last expression.
    """

    value: object
    error: BaseException | None
    out: str
    err: str


@pytest.fixture
def bare_shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InteractiveShell]:
    """A shell without the extension."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    yield shell
    if "tsviz" in shell.extension_manager.loaded:
        shell.extension_manager.unload_extension("tsviz")
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()
    # A failing cell sets these.
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        vars(sys).pop(name, None)


@pytest.fixture
def shell(bare_shell: InteractiveShell) -> InteractiveShell:
    """A shell with the extension and a model."""
    bare_shell.extension_manager.load_extension("tsviz")
    bare_shell.run_cell(SETUP, store_history=True)
    return bare_shell


@pytest.fixture
def run(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Ran]:
    """Runs a cell in `shell`."""

    def run(cell: str) -> Ran:
        capsys.readouterr()
        result: ExecutionResult = shell.run_cell(cell, store_history=True)
        out, err = capsys.readouterr()
        return Ran(result.result, result.error_in_exec or result.error_before_exec, out, err)

    return run
