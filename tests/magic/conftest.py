"""A real IPython shell with the extension loaded, as a user has it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

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
