"""`tsviz doctor`: the page, the patch, JSON, and the exit codes by which scripts go."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done, in_terminal

Tsviz = Callable[..., Done]

FAULTY = """\
import torch
from torch import nn


class Repeats(nn.Module):
    def forward(self, x, times):
        for i in range(times):
            x = x + i
        return x


def repeats():
    return Repeats().eval()
"""


@pytest.fixture
def faulty(folder: Path) -> Path:
    (folder / "fails.py").write_text(FAULTY)
    return folder / "fails.py"


def test_nothing_to_say(tsviz: Tsviz):
    done = tsviz("doctor", "nets:model", "--args=example")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Net: script it",
        "  · torch.jit.script compiles a copy of it as it is",
        "  · with these inputs it gives eager's result bit for bit",
        "",
        "    scripted = torch.jit.script(model)",
    ]


def test_a_page(tsviz: Tsviz, faulty: Path):
    done = tsviz("doctor", "fails:repeats()", "--args=torch.ones(2), 3")
    assert (done.code, done.err) == (1, "")
    assert "Repeats: script it" in done.out
    assert f"  --> {faulty.name}:6:26" in done.out
    assert str(faulty) not in done.out
    assert "    + " + " " * 4 + "def forward(self, x, times: int):" in done.out


def test_a_patch(tsviz: Tsviz, faulty: Path):
    done = tsviz("doctor", "fails:repeats()", "--args=torch.ones(2), 3", "--fix")
    assert (done.code, done.err) == (1, "")
    assert "-    def forward(self, x, times):\n+    def forward(self, x, times: int):\n" in done.out
    assert faulty.read_text() == FAULTY


def test_written(tsviz: Tsviz, faulty: Path):
    words = ("doctor", "fails:repeats()", "--args=torch.ones(2), 3")
    done = tsviz(*words, "--fix=write")
    assert (done.code, done.out, done.err) == (1, "", f"written: {faulty}\n")
    assert faulty.read_text() == FAULTY.replace("x, times)", "x, times: int)")
    assert tsviz(*words).code == 0


def test_json(tsviz: Tsviz, faulty: Path):
    done = tsviz("doctor", "fails:repeats()", "--args=torch.ones(2), 3", "--json")
    document = json.loads(done.out)
    assert done.code == 1
    assert (document["verdict"]["way"], document["interrupted"]) == ("script", False)
    (found,) = document["obstacles"]
    assert (found["rule"], found["line"], found["column"]) == ("untyped-argument", 6, 26)
    assert (found["source"], found["owner"]) == ("times", "user")
    assert found["edit"]["changes"][0]["text"] == ": int"


def test_progress_in_a_terminal(faulty: Path):
    code, seen, out = in_terminal(
        faulty.parent, "doctor", "fails:repeats()", "--args=torch.ones(2), 3"
    )
    assert code == 1
    for words in (
        "compiling it as it is",
        "putting back one by one",
        "Ctrl-C keeps what was found",
    ):
        assert words in seen
        assert words not in out


def test_types(tsviz: Tsviz, faulty: Path):
    words = ("doctor", "fails:repeats()", "--args=torch.ones(2), 3", "--types")
    done = tsviz(*words)
    assert (done.code, done.err) == (1, "")
    lines = [line.rstrip() for line in done.out.split("\n")]
    assert lines == [
        "Repeats: what PyTorch's compiler takes each variable for, with all edits made",
        "",
        f"Repeats.forward in {faulty}",
        "line  variable  type    why",
        "   6  x         Tensor  assumed: nothing says otherwise",
        "   6  times     int     annotated by an edit",
        "   7  i         int     inferred from `for i in range(times)`",
        "   8  x         Tensor  inferred from `x + i`",
        "",
    ]
    rows = json.loads(tsviz(*words, "--json").out)
    assert [row["came"] for row in rows] == ["assumed", "edited", "inferred", "inferred"]


def test_one_answer_at_once(tsviz: Tsviz):
    assert tsviz("doctor", "nets:model", "--fix", "--types") == Done(
        2, "", "error[TSV-Q05]: expected `--fix` or `--types`, got both\n"
    )


def test_a_file_is_no_python_code(tsviz: Tsviz, folder: Path):
    done = tsviz("doctor", "model.pt")
    assert done == Done(
        2,
        "",
        "error[TSV-Q03]: expected Python code to diagnose, got the file `model.pt`\n"
        "  help: name the model: tsviz doctor module:attr\n",
    )


def test_a_broken_factory(tsviz: Tsviz):
    done = tsviz("doctor", "nets:broken()")
    assert done.code == 3
    assert "ZeroDivisionError" in done.err


def test_fix_takes_two_words(tsviz: Tsviz):
    done = tsviz("doctor", "nets:model", "--fix=all")
    assert done.code == 2
    assert "invalid choice: 'all'" in done.err
