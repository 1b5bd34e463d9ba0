"""`%tsdebug --profile`: what it shows, returns and refuses."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from tests.magic.conftest import Ran
from tsviz.widgets.explorer import Explorer

Run = Callable[[str], Ran]

MODEL = """import torch
class Gate(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x @ x.t()).sum()
gate, x = Gate().eval(), torch.ones(2, 2)"""


def test_the_explorer_opens_with_it(run: Run):
    run(MODEL)
    ran = run("%tsdebug --profile --runs=3 gate(x)")
    assert (ran.error, ran.err) == (None, "")
    assert isinstance(ran.value, Explorer)
    assert ran.value.profile is not None
    assert ran.value.profile.runs == 3
    assert ran.value.profile.marked is None


def test_every_node_can_be_marked(run: Run, shell: InteractiveShell):
    run(MODEL)
    ran = run("e = %tsdebug --profile --runs=2 --nodes=all y = gate(x)")
    assert ran.err == ""
    profile = shell.user_ns["e"].profile
    assert len(profile.marked.values) == 2
    assert torch.equal(shell.user_ns["y"], torch.tensor(8.0))


def test_text(run: Run):
    run(MODEL)
    ran = run("%tsdebug --profile --runs=2 --text gate(x)")
    assert (ran.value, ran.err) == (None, "")
    assert ran.out.startswith("Gate.forward · script · torch ")
    assert re.search(r"a run \[.*\], 2 runs; under the profiler", ran.out)


def test_save(run: Run, tmp_path: Path):
    run(MODEL)
    path = tmp_path / "gate.html"
    ran = run(f"%tsdebug --profile --runs=2 --save={path} gate(x)")
    assert "a profile of 2 runs" in ran.out
    assert "tsviz-plots" in path.read_text()


REFUSED = {
    "--runs=3 gate(x)": (
        "error[TSV-M24]: `--runs` goes with `--profile`, which is not there\n"
        "  help: add `--profile`\n"
    ),
    "--compare --nodes=all gate(x)": (
        "error[TSV-M24]: `--nodes` goes with `--profile`, which is not there\n"
        "  help: leave `--nodes` out\n"
    ),
    "--profile --runs=0 gate(x)": (
        "error[TSV-M09]: expected `--runs` to be a whole number above 0, got `0`"
    ),
    "--profile --passes=runtime gate(x)": (
        "error[TSV-M25]: expected `--profile` or `--passes`, got both\n"
    ),
    "--profile --compare gate(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--profile`\n"
        "  help: leave `--profile` out\n"
    ),
    "--profile gate": "error[TSV-S11]: ",
}


@pytest.mark.parametrize("line", REFUSED)
def test_refused(line: str, run: Run):
    run(MODEL)
    ran = run(f"%tsdebug {line}")
    assert ran.value is None
    assert ran.err.startswith(REFUSED[line])
