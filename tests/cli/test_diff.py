"""`tsviz diff`: what it prints, and the exit codes by which scripts go."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done

Tsviz = Callable[..., Done]


@pytest.fixture
def archives(folder: Path) -> Path:
    """Two versions of a model."""
    import nets
    import torch

    class Other(nets.Net):
        def forward(self, x):
            return self.encode(x).relu().tanh()

    torch.jit.script(nets.make()).save(folder / "one.pt")
    torch.jit.script(Other().eval()).save(folder / "two.pt")
    return folder


def test_the_same(tsviz: Tsviz, archives: Path):
    assert tsviz("diff", "one.pt", "one.pt") == Done(
        0,
        "one.pt (Net.forward) → one.pt (Net.forward)\n"
        "the same 5 nodes\n"
        "not compared: the numbers of the weights (2 before, 2 after)\n"
        "not compared: other methods: encode\n",
        "",
    )


def test_different(tsviz: Tsviz, archives: Path):
    done = tsviz("diff", "one.pt", "two.pt")
    assert (done.code, done.err) == (1, "")
    lines = done.out.split("\n")
    assert lines[:2] == [
        "one.pt (Net.forward) → two.pt (Other.forward)",
        "1 added, 1 changed",
    ]
    (added,) = (line for line in lines if line.startswith("+"))
    assert "aten::tanh" in added
    assert "test_diff.py:22" in added


def test_a_file_and_an_object(tsviz: Tsviz, archives: Path):
    assert tsviz("diff", "one.pt", "nets:model").code == 0
    traced = tsviz("diff", "nets:model", "nets:model", "--via=trace", "--args=example")
    assert traced.code == 0


def test_json(tsviz: Tsviz, archives: Path):
    done = tsviz("diff", "one.pt", "two.pt", "--json")
    found = json.loads(done.out)
    assert (done.code, found["same"]) == (1, False)
    assert [(node["kind"], node["op"]) for node in found["nodes"]] == [
        ("added", "aten::tanh"),
        ("changed", "graph"),
    ]
    assert found["not compared"] == [
        "the numbers of the weights (2 before, 2 after)",
        "other methods: encode",
    ]


def test_errors_are_no_difference(tsviz: Tsviz, archives: Path):
    gone = tsviz("diff", "one.pt", "gone.pt")
    assert (gone.code, gone.out) == (3, "")
    assert gone.err.startswith("error[TSV-A01]: expected a file, found nothing at `gone.pt`")
    assert tsviz("diff", "one.pt") == Done(
        2,
        "",
        "error[TSV-L01]: the following arguments are required: AFTER\n  help: tsviz diff --help\n",
    )
    (archives / "bad.pt").write_bytes(b"PK nothing")
    assert tsviz("diff", "one.pt", "bad.pt").code == 3
