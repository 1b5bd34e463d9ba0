"""`%tsdebug --compare`: what it shows, returns and refuses."""

from collections.abc import Callable
from typing import Any

import nbformat
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient

from tests.magic.conftest import Ran
from tsviz.comparison import Comparison

Run = Callable[[str], Ran]

GATE = """\
class Gate(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            x = x + 1
        return x

    def encode(self, x):
        return x * 2

gate = Gate()
"""


def test_it_is_the_value_of_the_cell(run: Run):
    run(GATE)
    ran = run("%tsdebug --compare gate(x)")
    assert (ran.error, ran.err) == (None, "")
    assert isinstance(ran.value, Comparison)
    (finding,) = ran.value.proven
    assert str(finding) == (
        "proven: line 3: `x.sum() > 0` was True for your input; the trace always takes that branch"
    )
    assert ran.out.startswith("Out[")
    assert "  --> Cell 2:3:12\n   3 |         if x.sum() > 0:\n" in ran.out


def test_it_can_be_kept(run: Run, shell: InteractiveShell):
    run(GATE)
    ran = run("c = %tsdebug --compare gate.encode(x)")
    assert (ran.value, ran.out, ran.err) == (None, "", "")
    assert isinstance(shell.user_ns["c"], Comparison)
    assert shell.user_ns["c"].title == "Gate.encode"


def test_text(run: Run):
    run(GATE)
    ran = run("%tsdebug --compare --text gate(x)")
    assert (ran.value, ran.err) == (None, "")
    assert ran.out.startswith("Gate.forward, held against its Python code\n")
    assert max(map(len, ran.out.split("\n"))) <= 120


def test_names_and_assignments(run: Run, shell: InteractiveShell):
    run(GATE)
    assert isinstance(run("%tsdebug --compare y = gate.encode(x)").value, Comparison)
    assert torch.equal(shell.user_ns["y"], shell.user_ns["x"] * 2)
    made = run("%tsdebug --compare made = Gate()")
    assert made.err.startswith(
        "error[TSV-V20]: expected example inputs to run `Gate` with, got none"
    )
    assert type(shell.user_ns["made"]).__name__ == "Gate"


def test_whole_cell(run: Run):
    run(GATE)
    ran = run("%%tsdebug --compare\nz = x * 3\ngate.encode(z)")
    assert isinstance(ran.value, Comparison)
    assert ran.value.title == "Gate.encode"


MISTAKES = {
    "--via=trace model(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--via`\n  help: leave `--via` out\n"
    ),
    "--method=encode model(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--method`\n  help: write the method as the target: model.encode(x)\n"
    ),
    "model.pt": (
        "error[TSV-M23]: expected a model with its Python code, got the file `model.pt`\n"
        "  help: name what it was made of: %tsdebug --compare model(x)\n"
    ),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes(run: Run, line: str):
    ran = run(f"%tsdebug --compare {line}")
    assert (ran.value, ran.out, ran.err) == (None, "", MISTAKES[line])


def test_error_of_the_users_own(run: Run):
    ran = run("%tsdebug --compare model(undefined)")
    assert isinstance(ran.error, NameError)


# ── in a kernel ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """The outputs of each cell of a notebook."""
    cells = [
        "%load_ext tsviz\nimport torch\nfrom torch import nn",
        GATE,
        "%tsdebug --compare gate(torch.ones(2, 3))",
        "c = %tsdebug --compare gate(torch.ones(2, 3))\nprint(repr(c))",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=300,
        resources={"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}},
    )  # fmt: skip
    client.execute()
    return [cell.outputs for cell in notebook.cells]


def test_notebook_holds_the_page(outputs: list[list[Any]]):
    progress, result = outputs[2]
    assert (progress.output_type, progress.data) == ("display_data", {"text/plain": ""})
    assert result.output_type == "execute_result"
    html, text = result.data["text/html"], result.data["text/plain"]
    assert "<code>Cell 2:3:12</code>" in html
    assert "if x.sum() &gt; 0:" in html
    assert text.startswith("Gate.forward, held against its Python code\n")
    assert "trace   80 inputs tried; 1 proven\n" in text


def test_notebook_can_keep_it(outputs: list[list[Any]]):
    progress, printed = outputs[3]
    assert progress.output_type == "display_data"
    assert printed.text == "<Comparison of Gate.forward: 1 proven, 1 found>\n"
