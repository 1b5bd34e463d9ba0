"""The mobile runtime, where PyTorch has it and where it has not."""

from pathlib import Path

import pytest
import torch
from torch import nn

from tsviz.errors import ArchiveError
from tsviz.jit.mobile import load_mobile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.ptl"
    with pytest.warns(DeprecationWarning, match="Lite Interpreter is deprecated"):
        torch.jit.script(nn.ReLU())._save_for_lite_interpreter(str(path))
    return path


def test_it_runs_bytecode(file: Path):
    x = torch.tensor([-1.0, 2.0])
    assert load_mobile(file)(x).tolist() == [0.0, 2.0]


def test_it_refuses_a_file_without_bytecode(tmp_path: Path):
    torch.jit.script(nn.ReLU()).save(str(tmp_path / "model.pt"))
    with pytest.raises(RuntimeError, match=r"failed locating file bytecode\.pkl"):
        load_mobile(tmp_path / "model.pt")


def test_it_says_where_there_is_none(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr("torch.jit.mobile._load_for_lite_interpreter")
    with pytest.raises(ArchiveError) as raised:
        load_mobile(file)
    assert str(raised.value) == (
        f"error[TSV-A50]: PyTorch {torch.__version__} has no mobile runtime, so no file can be "
        "tried in it\n"
        "  help: use an older PyTorch"
    )
