"""`tsviz profile`: the page, JSON, the timeline, and what is wrong with an option."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Done

Tsviz = Callable[..., Done]

NET = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 4), nn.ReLU()).eval()
wider = nn.Sequential(nn.Linear(4, 9), nn.ReLU()).eval()
"""
WORDS = ("profile", "profiled_nets:model", "--args=torch.ones(2, 4)", "--runs=2")


@pytest.fixture(autouse=True)
def nets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "profiled_nets.py").write_text(NET)
    monkeypatch.delitem(sys.modules, "profiled_nets", raising=False)


def test_the_page(tsviz: Tsviz):
    done = tsviz(*WORDS)
    assert (done.code, done.err) == (0, "")
    titles = ("warm-up, not in what follows", "by module", "by line", "by node of the plan")
    assert all(title in done.out for title in titles)
    assert "aten::linear" in done.out


def test_json_and_a_timeline(tsviz: Tsviz, folder: Path):
    done = tsviz(*WORDS, "--json", "--trace=run.json")
    assert done.code == 0
    rows = {row["op"]: row for row in json.loads(done.out)}
    assert rows["aten::relu"]["calls"] == 2
    assert done.err.startswith("run.json: ")
    assert (folder / "run.json").is_file()


def test_no_number_of_runs(tsviz: Tsviz):
    done = tsviz(*WORDS[:3], "--runs=many")
    assert done.code == 2
    assert done.err == (
        "error[TSV-L12]: expected `--runs` to be a whole number from 1 on, got `many`\n"
    )


def test_another_variant_to_compare_with(tsviz: Tsviz):
    done = tsviz(*WORDS, "--via=script", "--against=trace")
    assert (done.code, done.err) == (0, "")
    lines = done.out.split("\n")
    assert lines[0].startswith("before  Sequential.forward · trace · f32[2, 4] · ")
    assert lines[1].startswith("after   Sequential.forward · script · f32[2, 4] · ")


def test_another_target_to_compare_with(tsviz: Tsviz):
    done = tsviz(*WORDS, "--against=profiled_nets:wider", "--json")
    assert done.code == 0
    rows = json.loads(done.out)
    assert rows
    assert {row["verdict"] for row in rows} == {"too few runs to tell"}
