"""A missing peer ends the benchmark in words; a command is waited for until its page is there."""

import sys
from pathlib import Path

import pytest

from benchmarks.peers import find_peers, free_port, running

PRINTS = "import time; print('starting'); print('page at http://127.0.0.1:80/x y'); time.sleep(600)"


def test_a_missing_peer_is_named_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SystemExit) as error:
        find_peers()
    assert str(error.value) == (
        "this benchmark measures tsviz beside netron, and the command `netron` is neither in this "
        "environment nor on the PATH\n"
        "install it: pip install -c constraints.txt -e '.[torch,test,bench]'\n"
        "or install it into another environment, with PyTorch, and put that on the PATH"
    )


def test_a_command_runs_until_its_page_was_looked_at():
    with running([sys.executable, "-c", PRINTS], r"http://\S+") as address:
        assert address == "http://127.0.0.1:80/x"


def test_a_command_that_ends_without_a_page_says_what_it_said(capfd: pytest.CaptureFixture[str]):
    command = [sys.executable, "-c", "print('no such file')"]
    with pytest.raises(SystemExit, match="ended without a page to open"), running(command, "http"):
        pass
    assert capfd.readouterr().err == "no such file\n"


def test_a_free_port_can_be_taken():
    assert 0 < free_port() < 2**16
