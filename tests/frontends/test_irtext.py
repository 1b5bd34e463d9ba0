"""IR text opens as a program: with its links, its scopes and the sources that are here."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tsviz
from tsviz.errors import CaptureError, UsageError
from tsviz.frontends import Came, Program, Variant
from tsviz.ir import Node
from tsviz.location import FileRange, How, Origin, iter_frames


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        if bool(x.sum() > 0):
            x = x * 2.5
        return torch.relu(self.linear(x))


def first(program: Program, op: str) -> Node:
    return next(node for node in program.graph.iter_nodes() if node.op == op)


def shape(program: Program) -> list[tuple[str, int, int, int]]:
    """Every node by what does not depend on ids."""
    nodes = program.graph.iter_nodes()
    return [(n.op, len(n.inputs), len(n.outputs), len(n.blocks)) for n in nodes]


@pytest.fixture(scope="module")
def printed() -> str:
    return str(torch.jit.script(Scaled().eval()).inlined_graph)


def test_what_pytorch_prints(printed: str) -> None:
    program = tsviz.parse(printed)
    assert (program.variant, program.came) == (Variant.TEXT, Came.TEXT)
    assert (program.title, program.method) == ("IR text", "graph")
    assert shape(program) == shape(tsviz.capture(torch.jit.script(Scaled().eval())))


def test_links_lead_to_the_lines_in_the_comments(printed: str) -> None:
    program = tsviz.parse(printed)
    here = Path(__file__).read_text(encoding="utf-8").split("\n")
    for op, text in [("aten::mul", "x * 2.5"), ("aten::relu", "torch.relu(self.linear(x))")]:
        link = program.graph.link(first(program, op))
        assert link.how is How.EXACT
        (place,) = iter_frames(link.location)
        assert place.file == __file__
        assert here[place.line - 1][place.col :] == text
    assert program.sources[__file__].origin is Origin.DISK


def test_a_node_without_a_comment_is_inferred() -> None:
    text = (
        "graph(%x : Tensor):\n"
        "  %s : int[] = aten::size(%x)\n"
        "  %y : Tensor = aten::view(%x, %s) # model.py:7:4\n"
        "  return (%y)"
    )
    program = tsviz.parse(text)
    assert program.graph.link(first(program, "aten::size")).how is How.INFERRED
    assert program.model_line(first(program, "aten::size")) == FileRange("model.py", 7, 4, 7, 4)
    assert program.sources["model.py"].origin is Origin.MISSING


@pytest.mark.parametrize("comment", ["", " # <string>:3:4", " # :0:0", " # a remark"])
def test_without_places_nothing_is_guessed(comment: str) -> None:
    text = f"graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x){comment}\n  return (%y)"
    program = tsviz.parse(text)
    assert program.graph.link(first(program, "aten::relu")).how is How.NONE
    assert program.coverage().none == 1
    assert program.sources == {}


def test_code_printed_into_an_archive_is_shown_and_no_line_of_the_users() -> None:
    comment = "code/__torch__/model.py:3:4"
    text = f"graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x) # {comment}\n  return (%y)"
    program = tsviz.parse(text)
    node = first(program, "aten::relu")
    assert program.graph.link(node).how is How.NONE
    assert program.graph.link(node).location == FileRange("code/__torch__/model.py", 3, 4, 3, 4)
    assert program.model_line(node) is None


def test_scopes_of_traces_and_of_tsviz() -> None:
    model = Scaled().eval()
    traced = torch.jit.trace(model.linear, torch.ones(1, 3))
    outer = tsviz.parse(
        "graph(%x : Tensor):\n"
        "  %y : Tensor = aten::relu(%x), scope: __module.l1/__module.l1.c1 # m.py:1:0\n"
        "  %z : Tensor = aten::relu(%y), scope: l2.c1 # m.py:2:0\n"
        "  %w : Tensor = aten::relu(%z), scope: __module # m.py:3:0\n"
        "  return (%w)"
    )
    assert [outer.graph.scope(node) for node in outer.graph.iter_nodes()] == ["l1.c1", "l2.c1", ""]
    assert len(tsviz.parse(str(traced.inlined_graph)).nodes_by_id) == 3


def test_what_tsviz_prints_opens_with_the_same_lines(printed: str) -> None:
    program = tsviz.parse(printed)
    again = tsviz.parse(program.text)
    assert again.text == program.text
    lines = [[p.model_line(node) for node in p.graph.iter_nodes()] for p in (program, again)]
    assert lines[0] == lines[1]


def test_a_log_may_be_pasted_whole(printed: str) -> None:
    program = tsviz.parse(f"Traceback …\nRuntimeError: oops\n\n{printed}\nmore of the log")
    assert shape(program) == shape(tsviz.parse(printed))


def test_it_cannot_run(printed: str) -> None:
    with pytest.raises(UsageError) as caught:
        tsviz.parse(printed).get_native()
    assert str(caught.value) == (
        "error[TSV-U01]: expected a program that can run, got a graph that was read from text\n"
        "  help: capture the model, or open its file"
    )


def test_other_text_is_refused() -> None:
    with pytest.raises(CaptureError, match=r"^error\[TSV-C20\]"):
        tsviz.parse("no graph at all")


@pytest.mark.parametrize("name", ["/dev/zero", "/etc/passwd", "//host/share/model.py", "."])
def test_only_python_files_are_looked_at(name: str) -> None:
    text = f"graph(%x : Tensor):\n  %y : Tensor = aten::relu(%x) # {name}:1:0\n  return (%y)"
    source = tsviz.parse(text).sources[name]
    assert (source.text, source.origin) == ("", Origin.MISSING)


def test_no_torch_is_needed(printed: str, tmp_path: Path) -> None:
    (tmp_path / "graph.txt").write_text(printed, encoding="utf-8")
    program = (
        "import pathlib, sys, tsviz\n"
        "print(len(tsviz.parse(pathlib.Path(sys.argv[1]).read_text()).nodes_by_id))\n"
        "assert 'torch' not in sys.modules\n"
    )
    command = [sys.executable, "-c", program, tmp_path / "graph.txt"]
    child = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(child.stdout) == len(tsviz.parse(printed).nodes_by_id)
