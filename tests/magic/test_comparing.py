"""`%tsdebug --compare`: what it shows, returns and refuses."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from tests.magic.conftest import Ran
from tests.magic.executing import outputs_of
from tsviz.comparison import Comparison, VariantMatrix

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


def test_limits(run: Run):
    run(GATE)
    ran = run("%tsdebug --compare --variants=trace --tries=3 --seconds=60 gate(x)")
    assert ran.err == ""
    assert isinstance(ran.value, Comparison)
    assert [(one.variant, one.tally.tried) for one in ran.value.variants] == [("trace", 3)]


def test_inputs(run: Run):
    run(GATE + "sizes = {'x': {'dims': {0: (2, 2)}}}")
    for text in ("sizes", """'{"x": {"dims": {0: (2, len(x))}}}'"""):
        ran = run(f"%tsdebug --compare --inputs={text} --tries=2 gate(x)")
        assert (ran.error, ran.err) == (None, "")
        assert isinstance(ran.value, Comparison)
        assert str(ran.value.domain) == "{'x': {'dims': {0: (2, 2)}}}"


def test_inputs_that_raise(run: Run):
    ran = run("%tsdebug --compare --inputs=sizes[3] model(x)")
    assert isinstance(ran.error, NameError)
    assert "sizes[3]" in ran.out


def test_matrix(run: Run):
    run(GATE)
    line = "%tsdebug --compare --matrix --variants=eager,trace --tries=2"
    ran = run(f"{line} gate.encode(x)")
    assert ran.err == ""
    assert isinstance(ran.value, VariantMatrix)
    assert [row.variant for row in ran.value.rows] == ["eager", "trace"]
    printed = run(f"{line} --text gate.encode(x)")
    assert (printed.value, printed.err) == (None, "")
    assert printed.out.startswith("Gate.encode")


MISTAKES = {
    "--via=trace model(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--via`\n  help: leave `--via` out\n"
    ),
    "--method=encode model(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--method`\n  help: write the method as the target: model.encode(x)\n"
    ),
    "--doctor model(x)": (
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, and takes no "
        "`--doctor`\n  help: leave `--doctor` out\n"
    ),
    "--fix model(x)": (
        "error[TSV-M24]: `--fix` goes with `--doctor`, which is not there\n"
        "  help: leave `--fix` out\n"
    ),
    "--variants=eager model(x)": (
        "error[TSV-V14]: expected variants among trace, script, freeze, optimize, got 'eager'\n"
    ),
    "--inputs=3 model(x)": (
        "error[TSV-V12]: expected a domain or a generator as inputs, got a value of type int\n"
        '  help: write inputs={"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}\n'
    ),
    "--inputs={'x':3} model(x)": (
        "error[TSV-V12]: expected what counts of `x` as a dictionary, got a value of type int\n"
        '  help: write inputs={"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}\n'
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


def test_an_option_of_the_comparison_alone(run: Run):
    assert run("%tsdebug --tries=3 model(x)").err == (
        "error[TSV-M24]: `--tries` goes with `--compare`, which is not there\n"
        "  help: add `--compare`\n"
    )


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
    return outputs_of(cells, tmp_path_factory.mktemp("notebook"))


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
