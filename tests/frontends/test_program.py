"""What a program answers about its nodes, and what it cannot do."""

from pathlib import Path

import pytest
import torch

import tsviz
from tests.frontends import refused
from tsviz.errors import UsageError
from tsviz.frontends import Came, TextOnly

FILE = Path(refused.__file__)
X = torch.ones(2, 3)
TWO_FILES = """\
graph(%x : Tensor):
  %1 : Tensor = aten::relu(%x) # /one/model.py:3:4
  %2 : Tensor = aten::neg(%1) # /two/model.py:3:4
  %3 : Tensor = aten::abs(%2) # /two/model.py:3:9
  return (%3)
"""


def test_at_a_line_by_path_and_by_its_end():
    program = tsviz.capture(refused.Untyped(), (X.int(), torch.tensor([1])), via="trace")
    lines = FILE.read_text(encoding="utf-8").splitlines()
    number = lines.index("            x = x + 1") + 1
    ops = [node.op for node in program.at(str(FILE), number)]
    assert ops.count("aten::add") == 1
    assert program.at("frontends/refused.py", number) == program.at(str(FILE), number)
    assert program.at("refused.py", number - 2) == ()
    assert program.at("fused.py", number) == ()


def test_at_a_name_that_fits_two_files():
    program = tsviz.parse(TWO_FILES)
    with pytest.raises(UsageError) as caught:
        program.at("model.py", 3)
    assert str(caught.value) == (
        "error[TSV-U02]: expected a file name that fits one file, `model.py` fits 2\n"
        "  note: /one/model.py\n"
        "  note: /two/model.py"
    )
    assert [node.op for node in program.at("two/model.py", 3)] == ["aten::neg", "aten::abs"]


def test_text_cannot_run():
    program = tsviz.parse(TWO_FILES)
    assert program.came is Came.TEXT
    assert isinstance(program.native, TextOnly)
    with pytest.raises(UsageError) as caught:
        program.get_native()
    assert str(caught.value) == (
        f"error[TSV-U01]: expected a program that can run, got {program.native.reason}"
        + (f"\n  help: {program.native.help}" if program.native.help else "")
    )


def test_lines_inside_and_outside_of_pytorch():
    program = tsviz.capture(refused.TakesThree().eval())
    (linear,) = (node for node in program.graph.iter_nodes() if node.op == "aten::linear")
    line = program.model_line(linear)
    assert line is not None
    assert (Path(line.file).name, line) == ("refused.py", program.own_line(linear))
    source = program.sources[line.file]
    assert source.slice(line) == "self.linear"


def test_names():
    model = refused.TakesThree().eval()
    assert tsviz.capture(model).name == "TakesThree.forward"
    assert tsviz.capture(model.extra_repr).name == "TakesThree.extra_repr"
    assert tsviz.capture(refused.make_closure(1), (X,)).name == "shifted"
    assert tsviz.capture(model).text == str(tsviz.capture(model))
