"""Runs that end before their program does."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.debugger.driving import started
from tsviz.debugger import Status

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")


ENDS = """
import torch, tsviz

@torch.jit.script
def endless(x: torch.Tensor):
    while True:
        x = x + 1
    return x

session = tsviz.debug(endless, (torch.ones(1),))
session.wait()
{}
"""


@pytest.mark.parametrize(
    "last",
    ["", "session.continue_()", "session.continue_(); session.pause()", "session.goto(1)"],
)
def test_a_process_that_ends_in_the_midst_of_a_run_ends(tmp_path: Path, last: str):
    """As a kernel does that is restarted."""
    script = tmp_path / "ends.py"
    script.write_text(ENDS.format(last))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_run_that_nobody_hears_of_ends_at_its_next_node():
    @torch.jit.script
    def long(x: torch.Tensor, times: int):
        for _ in range(times):
            x = x @ x
        return x

    session = started(long, (torch.ones(400, 400), 1_000_000))
    session.continue_()
    run = session._run
    session.close()
    assert run.wait_gone(60)
    assert run.status is Status.ENDED
