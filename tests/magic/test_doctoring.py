"""`%tsdebug --doctor`: what it shows, returns, offers for cells and refuses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell

from tests.magic.conftest import Ran
from tests.magic.executing import outputs_of
from tsviz.diagnosis import Diagnosis, Fixes, Replacement, VariableTypes

Run = Callable[[str], Ran]

REPEATS = """\
import random

class Repeats(nn.Module):
    def forward(self, x, times):
        for i in range(times):
            x = x + i
        return x

def unrelated():
    return random.random()

repeats = Repeats().eval()
"""
REPLACEMENT = """\
class Repeats(nn.Module):
    def forward(self, x, times: int):
        for i in range(times):
            x = x + i
        return x"""


def test_it_is_the_value_of_the_cell(run: Run):
    run(REPEATS)
    ran = run("%tsdebug --doctor repeats(x, 3)")
    assert (ran.error, ran.err) == (None, "")
    assert isinstance(ran.value, Diagnosis)
    assert [one.rule for one in ran.value.obstacles] == ["untyped-argument"]
    assert "Repeats: script it\n" in ran.out
    assert "  --> Cell 2:4:26\n   4 |     def forward(self, x, times):\n" in ran.out
    assert "1 in Cell 2\n" in ran.out


def test_it_can_be_kept(run: Run, shell: InteractiveShell):
    run(REPEATS)
    ran = run("d = %tsdebug --doctor repeats")
    assert (ran.value, ran.out, ran.err) == (None, "", "")
    assert isinstance(shell.user_ns["d"], Diagnosis)
    assert shell.user_ns["d"].title == "Repeats"


def test_text(run: Run):
    run(REPEATS)
    ran = run("%tsdebug --doctor --text y = repeats(x, 3)")
    assert (ran.value, ran.err) == (None, "")
    assert ran.out.startswith("Repeats: script it\n")
    assert "    +     def forward(self, x, times: int):\n" in ran.out


def test_assignments_are_made(run: Run, shell: InteractiveShell):
    run(REPEATS)
    run("%tsdebug --doctor y = repeats(x, 3)")
    assert torch.equal(shell.user_ns["y"], shell.user_ns["x"] + 3)


def test_what_to_put_into_a_cell(run: Run):
    run(REPEATS)
    ran = run("%tsdebug --doctor --fix repeats(x, 3)")
    assert (ran.error, ran.err) == (None, "")
    assert isinstance(ran.value, Fixes)
    (found,) = ran.value.replacements
    assert found == Replacement(found.cell, "Repeats", 3, REPLACEMENT)
    assert (ran.value.diff, ran.value.left) == ("", 0)
    assert ran.out.rstrip().endswith(
        f"Cell 2: put this in place of `Repeats`, line 3\n{REPLACEMENT}"
    )
    printed = run("%tsdebug --doctor --fix --text repeats(x, 3)")
    assert printed.out == f"Cell 2: put this in place of `Repeats`, line 3\n{REPLACEMENT}\n"


def test_what_is_put_there_works(run: Run, shell: InteractiveShell):
    run(REPEATS)
    fixes = run("%tsdebug --doctor --fix repeats(x, 3)").value
    assert isinstance(fixes, Fixes)
    run(fixes.replacements[0].text)
    scripted = torch.jit.script(shell.user_ns["Repeats"]())
    assert torch.equal(scripted(torch.ones(2), 3), torch.ones(2) + 3)


def test_a_patch_of_files(run: Run, tmp_path: Path):
    file = tmp_path / "in_a_file.py"
    file.write_text("from torch import nn\n\n\n" + REPEATS.partition("\n\n")[2])
    run("import sys\nsys.path.insert(0, '')\nfrom in_a_file import repeats")
    ran = run("%tsdebug --doctor --fix --text repeats(x, 3)")
    assert ran.out == (
        f"--- {file}\n+++ {file}\n@@ -2,7 +2,7 @@\n \n \n class Repeats(nn.Module):\n"
        "-    def forward(self, x, times):\n+    def forward(self, x, times: int):\n"
        "         for i in range(times):\n             x = x + i\n         return x\n"
    )
    assert "times: int" not in file.read_text()
    written = run("%tsdebug --doctor --fix=write --text repeats(x, 3)")
    assert written.out == f"written: {file}\n"
    assert "times: int" in file.read_text()


def test_nothing_to_edit(run: Run):
    ran = run("%tsdebug --doctor --fix --text model(x)")
    assert (ran.out, ran.err) == ("nothing to edit\n", "")


def test_what_has_no_edit(run: Run):
    run("class Tries(nn.Module):\n    def forward(self, x):\n        try:\n            return x\n"
        "        except RuntimeError:\n            return x\ntries = Tries()")  # fmt: skip
    ran = run("%tsdebug --doctor --fix --text tries(x)")
    assert ran.out == ("nothing to edit\n1 obstacle has no safe edit: the page says what to do\n")


def test_whole_cell(run: Run):
    run(REPEATS)
    ran = run("%%tsdebug --doctor\nz = x * 3\nrepeats(z, 2)")
    assert isinstance(ran.value, Diagnosis)
    assert ran.value.edits[0].trial.startswith("tried: with all edits the model scripts")


def test_a_model_of_the_cell_itself(run: Run):
    ran = run(f"%%tsdebug --doctor --fix\n{REPEATS}repeats(x, 2)")
    assert (ran.error, ran.err) == (None, "")
    assert isinstance(ran.value, Fixes)
    assert [one.text for one in ran.value.replacements] == [REPLACEMENT]


def test_a_model_beside_other_magics(run: Run):
    run(f"%cd .\n!true\n{REPEATS}")
    fixes = run("%tsdebug --doctor --fix repeats(x, 2)").value
    assert isinstance(fixes, Fixes)
    assert [(one.text, one.line) for one in fixes.replacements] == [(REPLACEMENT, 5)]


def test_types(run: Run):
    run(REPEATS)
    ran = run("%tsdebug --doctor --types repeats(x, 3)")
    assert isinstance(ran.value, VariableTypes)
    assert [(row.name, row.type) for row in ran.value] == [
        *(("x", "Tensor"), ("times", "int"), ("i", "int"), ("x", "Tensor"))
    ]
    printed = run("%tsdebug --doctor --types --text repeats(x, 3)")
    assert (printed.value, printed.err) == (None, "")
    assert "\nRepeats.forward in Cell 2\n" in printed.out


MISTAKES = {
    "--fix --types model(x)": "error[TSV-M25]: expected `--fix` or `--types`, got both\n",
    "--via=trace model(x)": (
        "error[TSV-M22]: `--doctor` names what stops scripting, and takes no `--via`\n"
        "  help: leave `--via` out\n"
    ),
    "--tries=3 model(x)": (
        "error[TSV-M24]: `--tries` goes with `--compare`, which is not there\n"
        "  help: leave `--tries` out\n"
    ),
    "model.pt": (
        "error[TSV-M23]: expected a model with its Python code, got the file `model.pt`\n"
        "  help: name what it was made of: %tsdebug --doctor model(x)\n"
    ),
    "torch.jit.script(model)": (
        "error[TSV-Q02]: expected Python code to diagnose, got `Net`, which is compiled\n"
        "  help: pass the model as it was before\n"
    ),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_mistakes(run: Run, line: str):
    ran = run(f"%tsdebug --doctor {line}")
    assert (ran.value, ran.out, ran.err) == (None, "", MISTAKES[line])


# ── in a kernel ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """The outputs of each cell of a notebook."""
    cells = [
        "%load_ext tsviz\nimport torch\nfrom torch import nn",
        REPEATS,
        "%tsdebug --doctor repeats(torch.ones(2), 3)",
        "%tsdebug --doctor --fix repeats(torch.ones(2), 3)",
    ]
    return outputs_of(cells, tmp_path_factory.mktemp("notebook"))


def test_notebook_holds_the_page(outputs: list[list[Any]]):
    progress, result = outputs[2]
    assert (progress.output_type, progress.data) == ("display_data", {"text/plain": ""})
    assert result.output_type == "execute_result"
    html, text = result.data["text/html"], result.data["text/plain"]
    assert "<code>Cell 2:4:26</code>" in html
    assert "<code>times</code> has no annotation" in html
    assert "+     def forward(self, x, times: int):" in html
    assert text.startswith("Repeats: script it\n")


def test_notebook_holds_what_to_put_there(outputs: list[list[Any]]):
    _, result = outputs[3]
    assert "Cell 2: put this in place of <code>Repeats</code>, line 3" in result.data["text/html"]
    assert result.data["text/plain"].endswith(REPLACEMENT)
