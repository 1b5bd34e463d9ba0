"""One file by its suffix, and in words what cannot be saved."""

import json
from pathlib import Path

import pytest
import torch

import tsviz
from tests.comparison.gates import Gate
from tests.models.gates import TwoWays
from tests.views.made import example
from tsviz.comparison import align_variants
from tsviz.errors import UsageError
from tsviz.frontends import Program

TEXT = "graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x) # model.py:3:4\n  return (%y)"


@pytest.fixture
def program() -> Program:
    return tsviz.parse(TEXT)


@pytest.mark.parametrize("name", ["graph.pdf", "graph", ".tsviz"])
def test_another_suffix(program: Program, name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        tsviz.save(program, tmp_path / name)
    assert str(caught.value) == (
        "error[TSV-U40]: expected a file name ending in .tsviz, .html, .svg, .dot, .json, "
        f"got `{name}`"
    )
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        tsviz.save({"weights": 3}, tmp_path / "model.html")
    assert str(caught.value) == (
        "error[TSV-U41]: expected a program or its explorer to save, got dict\n"
        "  help: use tsviz.capture(model) first"
    )
    assert list(tmp_path.iterdir()) == []


def test_json_has_a_row_for_every_node(program: Program, tmp_path: Path) -> None:
    tsviz.save(program, tmp_path / "graph.json")
    document = json.loads((tmp_path / "graph.json").read_text(encoding="utf-8"))
    assert document["nodes"] == [
        {"op": "aten::relu", "scope": "", "line": "model.py:3:5", "how": "exact"}
    ]
    assert (document["variant"], document["coverage"]["exact"]) == ("text", 1)


@pytest.mark.parametrize(
    ("suffix", "start"), [("dot", "digraph"), ("svg", "<svg"), ("html", "<!doctype html>")]
)
def test_pictures_and_pages(program: Program, suffix: str, start: str, tmp_path: Path) -> None:
    tsviz.save(tsviz.explore(program), tmp_path / f"GRAPH.{suffix.upper()}")
    text = (tmp_path / f"GRAPH.{suffix.upper()}").read_text(encoding="utf-8")
    assert start in text[:500].lower()


def test_a_saved_program_opens_again_and_saves_to_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.tsviz", tmp_path / "second.tsviz"
    program = example("decoder")
    said = tsviz.save(program, first)
    assert said.endswith(f"graphs, links and {len(program.sources)} source files; no weights")
    opened = tsviz.open(first)
    assert opened.text == program.text
    tsviz.save(opened, second)
    assert second.read_bytes() == first.read_bytes()


def test_an_explorer_saves_the_passes_it_shows(tmp_path: Path) -> None:
    trace = tsviz.run_passes(example("tagger"), pipeline=["dce"])
    said = tsviz.save(trace, tmp_path / "trace.html")
    assert f"{len(trace)} steps of the pipeline own, " in said
    assert tsviz.explore(trace).trace is trace
    assert tsviz.save(tsviz.explore(trace), tmp_path / "explorer.html") == said


def test_a_comparison_is_saved_as_a_page(tmp_path: Path):
    found = tsviz.compare(Gate(), (torch.ones(2, 3),), variants=("trace",), tries=20)
    said = tsviz.save(found, tmp_path / "gate.html")
    page = (tmp_path / "gate.html").read_text(encoding="utf-8")
    assert said.endswith(" kB")
    assert "x.sum() &gt; 0" in page
    assert "default-src 'none'" in page
    with pytest.raises(UsageError) as refused:
        tsviz.save(found, tmp_path / "gate.tsviz")
    assert refused.value.diagnostic.code == "TSV-U41"


def test_two_variants_are_saved_as_a_page_and_open_in_the_explorer(tmp_path: Path):
    model = TwoWays().eval()
    alignment = align_variants(
        *(tsviz.capture(model, (torch.ones(2, 3),), via=via) for via in ("trace", "script"))
    )
    said = tsviz.save(alignment, tmp_path / "gate.html")
    nodes, other = (len(side.graph.nodes) for side in (alignment.first, alignment.second))
    assert f": {nodes} nodes, beside them {other} as script, " in said
    explorer = tsviz.explore(alignment)
    assert explorer.program is alignment.first
    assert [one.alignment for one in explorer.variants] == [alignment]
    assert tsviz.save(explorer, tmp_path / "explorer.html") == said
    with pytest.raises(UsageError) as refused:
        tsviz.save(alignment, tmp_path / "gate.tsviz")
    assert str(refused.value) == (
        "error[TSV-U41]: expected a program or its explorer to save, got Alignment\n"
        "  help: save both variants as .html, or one of them: .first, .second"
    )
