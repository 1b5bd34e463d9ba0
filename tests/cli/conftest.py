"""The command as a user runs it, in a folder with a module of theirs."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tsviz import cli

MODULES = ("nets", "fails", "needs")
NETS = """\
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


class Sets(nn.Module):
    def forward(self, x):
        return list({x})[0]


def make():
    return Net().eval()


def broken():
    return 1 / 0


def double(x):
    return x * 2


model = make()
sets = Sets()
number = 3
example = torch.ones(2, 3)
"""


@dataclass(frozen=True)
class Done:
    """How the command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """The working folder; its module has a name of its own, as Python keeps imported modules."""
    for name in MODULES:  # those of another test's folder
        sys.modules.pop(name, None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "fails.py").write_text("import nets\n1 / 0\n")
    (tmp_path / "needs.py").write_text("import not_installed_at_all\n")
    return tmp_path


@pytest.fixture
def tsviz(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Runs `tsviz WORDS…` in this process."""

    def run(*words: str) -> Done:
        for name in MODULES:
            monkeypatch.delitem(sys.modules, name, raising=False)
        capsys.readouterr()
        try:
            code = cli.main(words)
        except SystemExit as end:  # argparse, after --help and --version
            code = int(end.code or 0)
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run


def in_terminal(folder: Path, *words: str) -> tuple[int, str, str]:
    """Runs `tsviz WORDS…` with a terminal for its stderr.

    Returns:
        The exit code, what the terminal showed, and what was printed.
    """
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tsviz", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    seen = _read_all(main)
    out, _ = process.communicate()
    return process.returncode, seen, out


def _read_all(terminal: int) -> str:
    """What is written until the other end is closed, which Linux reports as an error."""
    seen = b""
    with suppress(OSError):
        while chunk := os.read(terminal, 10_000):
            seen += chunk
    os.close(terminal)
    return seen.decode()
