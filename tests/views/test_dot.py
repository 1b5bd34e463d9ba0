"""The static picture: the default view, drawn by the Graphviz of the wheel, names as they are."""

import os
import stat
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import torch

import tsviz
from tests.frontends import refused
from tests.models import ZOO
from tests.views.made import VIAS, chain, count_visible, example
from tsviz.errors import UsageError
from tsviz.frontends import Program
from tsviz.views import build_containers, dot

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "<script>alert(1)</script>",
    "<b>bold</b>",
    'a "quoted" name',
    "a \\n backslash \\",
    "&lt;escaped&gt; & more",
    "größe 日本語 🙂",
    "{left|right}",
    "%s $x #{y}",
)


@pytest.fixture
def no_system_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH without anything; the wheel's own program is found beside Python."""
    monkeypatch.setenv("PATH", "")


def texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]


def tags(svg: str) -> set[str]:
    return {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}


@pytest.mark.usefixtures("no_system_graphviz")
@pytest.mark.parametrize("via", VIAS)
@pytest.mark.parametrize("name", ["resnet50", "bert", "detector", "decoder", "tagger"])
def test_examples(name: str, via: str):
    program = example(name, via)
    svg = program.svg()
    tree = build_containers(program, program.graph)
    root = ElementTree.fromstring(svg)
    drawn = [g for g in root.iter(f"{SVG}g") if g.get("class") == "node"]
    inputs = [param for param in program.graph.block.params if param not in self_of(program)]
    assert len(drawn) == count_visible(tree, program.graph) + len(inputs)
    assert len(svg.encode()) < 150_000
    assert tags(svg) <= {"svg", "g", "title", "polygon", "path", "text", "ellipse"}


def self_of(program: Program) -> list[int]:
    graph = program.graph
    return [v for v in graph.block.params if graph.types[v].text.startswith("__torch__.")]


@pytest.mark.usefixtures("no_system_graphviz")
@pytest.mark.parametrize(
    "name", ["interface", "fork-each", "free-function", "awkward-names-traced"]
)
def test_zoo(name: str):
    program = tsviz.capture(ZOO[name].build(), ZOO[name].inputs())
    assert "svg" in tags(program.svg())


def test_all_inputs_of_a_function_are_drawn():
    program = tsviz.capture(torch.jit.script(_add))
    assert {"x", "y"} <= {text.partition(".")[0] for text in texts(program.svg())}


def _add(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return x + y


@pytest.mark.usefixtures("no_system_graphviz")
@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_they_are(name: str):
    program = chain(["", name.replace(".", ""), ""])
    svg = program.svg()
    assert any(text.startswith(name) for text in texts(svg))
    assert "script" not in tags(svg)


@pytest.mark.usefixtures("no_system_graphviz")
def test_a_hostile_model():
    svg = tsviz.capture(refused.hostile(), (torch.ones(2, 3),)).svg()
    assert tags(svg).isdisjoint({"script", "img", "a", "image", "foreignObject"})
    root = ElementTree.fromstring(svg)
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on")]
    assert any(text.startswith("<script>alert('module')</script>") for text in texts(svg))


def test_dot_text_is_the_same_each_time():
    program = example("detector")
    assert program.dot() == program.dot()
    assert program.dot().startswith("digraph ")


def test_a_folded_box_counts_its_nodes():
    program = chain(["a"] * 10, [1] * 10)
    assert "a: Block" in texts(program.svg())
    folded = chain([*[""] * 30, *["a"] * 40], [*range(30), *[1] * 40])
    assert {"a: Block", "40 nodes"} <= set(texts(folded.svg()))


@pytest.mark.usefixtures("no_system_graphviz")
def test_modules_nested_300_deep_and_all_open():
    program = chain([".".join(["part"] * 300)] * 2)
    assert program.dot().count("subgraph") == 300
    assert texts(program.svg()).count("relu") == 2


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(dot.sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(UsageError) as caught:
        chain([""]).svg()
    assert str(caught.value) == (
        "error[TSV-U30]: expected a Graphviz to draw with, found neither `dot` nor "
        "`graphviz-pure`\n  help: pip install graphviz-pure"
    )


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for a broken Graphviz")
def test_graphviz_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho 'out of ink' >&2\nexit 3\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(UsageError) as caught:
        chain([""]).svg()
    assert str(caught.value) == (
        "error[TSV-U31]: expected Graphviz to draw the graph, it failed\n"
        "  note: Graphviz said: out of ink"
    )
