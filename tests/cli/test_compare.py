"""`tsviz compare`: the page, JSON, scripts, messages and exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done, in_terminal

Tsviz = Callable[..., Done]

GATES = """\
import signal

import torch
from torch import nn


class Gate(nn.Module):
    def forward(self, x, scale: int = 1):
        y = x * scale
        if x.sum() > 0:
            y = y + 1
        return y

    def encode(self, x):
        return x + 1


def twice(x):
    return x * 2


class Stops(Gate):
    calls = 0

    def forward(self, x, scale: int = 1):
        Stops.calls += 1
        if Stops.calls == 40:
            signal.raise_signal(signal.SIGINT)
        return super().forward(x, scale)


gate = Gate()
example = torch.ones(2, 3)
sizes = {"x": {"dims": {0: (2, 2)}}}
"""


@pytest.fixture
def gates(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (folder / "gates.py").write_text(GATES)
    monkeypatch.delitem(sys.modules, "gates", raising=False)
    return folder


def test_proven(tsviz: Tsviz, gates: Path):
    done = tsviz("compare", "gates:gate", "--args=example", "--tries=12")
    assert (done.code, done.err) == (1, "")
    lines = [line.rstrip() for line in done.out.split("\n")]
    assert lines[:7] == [
        "Gate.forward, held against its Python code",
        "",
        "inputs that count (edit them and pass them as `inputs`)",
        "   {'x': {'dims': {0: (1, 4)}}}",
        "",
        "trace   12 inputs tried; 1 proven",
        "script  12 inputs tried; no counter-example found in 12 inputs",
    ]
    assert "  --> gates.py:10:12" in lines
    assert "  10 |         if x.sum() > 0:" in lines
    assert "   this script shows it; --write=DIR writes it:" in lines


def test_nothing_proven(tsviz: Tsviz, gates: Path):
    done = tsviz("compare", "gates:gate", "--args=example", "--variants=script", "--tries=3")
    assert (done.code, done.err) == (0, "")
    assert "script  3 inputs tried; no counter-example found in 3 inputs" in done.out


def test_targets(tsviz: Tsviz, gates: Path):
    for target, title in {
        "gates:gate.encode": "Gate.encode",
        "gates:twice": "twice",
        "gates:Gate()": "Gate.forward",
    }.items():
        done = tsviz("compare", target, "--args=example", "--variants=script", "--tries=2")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"{title}, held against its Python code\n")


def test_arguments_by_name(tsviz: Tsviz, gates: Path):
    words = ("--args=example", "--kwargs=scale=3", "--variants=script", "--tries=2")
    assert tsviz("compare", "gates:gate", *words).code == 0


def test_inputs_can_be_named_or_written(tsviz: Tsviz, gates: Path):
    for text in ("sizes", '{"x": {"dims": {0: (2, 2)}}}'):
        done = tsviz(
            "compare", "gates:gate", "--args=example", f"--inputs={text}", "--tries=2", "--json"
        )
        assert json.loads(done.out)["inputs"] == "{'x': {'dims': {0: (2, 2)}}}"


def test_json(tsviz: Tsviz, gates: Path):
    done = tsviz("compare", "gates:gate", "--args=example", "--tries=12", "--json")
    found = json.loads(done.out)
    assert (done.code, done.err, found["title"]) == (1, "", "Gate.forward")
    assert [one["variant"] for one in found["variants"]] == ["trace", "script"]
    assert found["variants"][0] == {
        "variant": "trace",
        "failure": None,
        "made": True,
        "tried": 12,
        "refused": 0,
        "unsteady": 0,
        "stopped": False,
        "interrupted": False,
    }
    (finding,) = found["findings"]
    assert (finding["status"], finding["loss"], finding["line"]) == ("proven", "branch", 10)
    assert finding["file"] == str(gates / "gates.py")
    assert "compiled = torch.jit.trace(" in finding["script"]
    assert found["control flow"] == [
        {
            "file": str(gates / "gates.py"),
            "line": 10,
            "kind": "if",
            "condition": "x.sum() > 0",
            "example": "True",
            "trace": "always True",
        }
    ]


def test_variant_that_cannot_be_made(tsviz: Tsviz, folder: Path):
    words = ("--args=example", "--variants=script", "--tries=2")
    done = tsviz("compare", "nets:sets", *words)
    assert (done.code, done.err) == (0, "")
    assert "script  not made\n" in done.out.replace(" \n", "\n")
    assert "error[TSV-C01]: TorchScript cannot compile `Sets`" in done.out
    found = json.loads(tsviz("compare", "nets:sets", *words, "--json").out)
    assert found["variants"][0]["failure"].startswith("error[TSV-C01]: TorchScript cannot compile")


# ── scripts ─────────────────────────────────────────────────────────────────────────────────────


def test_scripts_show_what_is_proven(tsviz: Tsviz, gates: Path):
    done = tsviz("compare", "gates:gate", "--args=example", "--tries=12", "--write=to/here")
    assert done.code == 1
    assert done.err == (
        "to/here/trace-gates-10.py: run it with Python; trace-gates-10.model holds the model\n"
    )
    assert sorted(path.name for path in (gates / "to/here").iterdir()) == [
        "trace-gates-10.model",
        "trace-gates-10.py",
    ]
    command = [sys.executable, "to/here/trace-gates-10.py"]
    ran = subprocess.run(command, cwd=gates, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "AssertionError: Tensor-likes are not close!" in ran.stderr


def test_folder_that_cannot_be_made(tsviz: Tsviz, gates: Path):
    assert tsviz("compare", "gates:gate", "--args=example", "--write=gates.py") == Done(
        2, "", "error[TSV-L11]: expected a folder for `--write`, got `gates.py`: File exists\n"
    )


# ── interrupts and progress ─────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("interruptible")
def test_interrupt_keeps_what_was_found(tsviz: Tsviz, gates: Path):
    done = tsviz("compare", "gates:Stops()", "--args=example", "--tries=40")
    assert (done.code, done.err) == (1, "")
    assert " inputs tried, interrupted; 1 proven" in done.out
    assert "script  not come to before it was interrupted" in done.out


def test_progress_in_a_terminal(gates: Path):
    words = ("compare", "gates:gate", "--args=example", "--tries=12")
    code, seen, out = in_terminal(gates, *words)
    assert code == 1
    assert "trying inputs" in seen
    assert "/12" in seen
    assert "Ctrl-C keeps what was found" in seen
    assert "trying inputs" not in out


# ── mistakes ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["nets:model", "--tries=many"],
            "error[TSV-L08]: expected `--tries` to be a whole number above 0, got `many`\n",
        ),
        (
            ["nets:model", "--tries=0"],
            "error[TSV-L08]: expected `--tries` to be a whole number above 0, got `0`\n",
        ),
        (
            ["nets:model", "--seconds=-1"],
            "error[TSV-L08]: expected `--seconds` to be a number above 0, got `-1`\n",
        ),
        (
            ["nets:model", "--args=example", "--variants=trace,frozen"],
            "error[TSV-V14]: expected variants among trace, script, freeze, optimize, got "
            "'frozen'\n",
        ),
        (
            ["nets:model", "--args=example", "--inputs=1, 2"],
            "error[TSV-L07]: expected `--inputs` to be one expression, got `1, 2`\n",
        ),
        (
            ["nets:model", "--args=example", "--inputs=[1]"],
            "error[TSV-L09]: expected `--inputs` to be a dictionary of dictionaries by argument, "
            "got `[1]`\n"
            '  help: write --inputs=\'{"x": {"dims": {0: (1, 64)}, "range": (-1.0, 1.0)}}\'\n',
        ),
        (
            ["model.pt"],
            "error[TSV-L10]: expected a model with its Python code, got the file `model.pt`\n"
            "  help: name what it was made of: tsviz compare module:attr\n",
        ),
        (
            ["nets:Net", "--args=example"],
            "error[TSV-L05]: expected a model, got the class `Net`\n"
            "  help: tsviz 'nets:Net()' makes one\n",
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_mistakes(tsviz: Tsviz, folder: Path, words: list[str], message: str):
    assert tsviz("compare", *words) == Done(2, "", message)


def test_a_file_is_not_opened(tsviz: Tsviz, folder: Path):
    (folder / "model.pt").write_bytes(b"not even an archive")
    assert tsviz("compare", "model.pt").err.startswith("error[TSV-L10]: ")


def test_model_that_fails_on_the_example(tsviz: Tsviz, folder: Path):
    done = tsviz("compare", "nets:model", "--args=torch.ones(2, 7)")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(
        "error[TSV-V15]: `Net.forward` fails on the example inputs: a matrix"
    )


def test_the_variants_side_by_side(tsviz: Tsviz, gates: Path):
    words = ("--args=example", "--matrix", "--variants=eager,trace", "--tries=12")
    done = tsviz("compare", "gates:gate", *words)
    assert done.code == 0
    assert "2 of 2 variants work" in done.out
    rows = json.loads(tsviz("compare", "gates:gate", *words, "--json").out)
    assert [row["variant"] for row in rows] == ["eager", "trace"]
    assert [row["inputs_wrong"] > 0 for row in rows] == [False, True]
