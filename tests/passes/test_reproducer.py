"""A script with PyTorch alone shows the divergence, in a process of its own."""

import ast
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.passes.test_blame import FAULTS, Graph, nodes, small, wrong_op
from tests.passes.test_narrowing import Branches, Draws, Writes, scripted
from tsviz.errors import PassError, UsageError
from tsviz.frontends import Program
from tsviz.passes import run_passes


def run(script: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(script)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def written(program: Program, fault: Callable[[Graph], None], folder: Path) -> Path:
    path = folder / "fault.py"
    blame = run_passes(program, pipeline=["cse", fault, "dce"]).blame()
    assert blame.write_reproducer(path).startswith(f"{path}: ")
    return path


RUN_ALL = """
import runpy, sys
for path in sys.argv[1:]:
    try:
        runpy.run_path(path, run_name="__main__")
    except SystemExit as end:
        print("exits with", end.code)
"""


def run_all(scripts: list[Path]) -> str:
    """What several scripts print in one fresh process, each with its exit code."""
    command = [sys.executable, "-I", "-c", RUN_ALL, *map(str, scripts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


def test_planted_faults_are_reproduced(tmp_path: Path):
    paths: list[Path] = []
    for fault in FAULTS:
        folder = tmp_path / fault.__name__
        folder.mkdir()
        path = written(small(), fault, folder)
        assert f"Small.forward, {fault.__name__}" in path.read_text()
        paths.append(path)
    out = run_all(paths)
    assert out.count("exits with 1") == len(FAULTS)
    assert out.count("Greatest absolute difference") == len(FAULTS) - 1
    assert "torch.float64 != torch.float32" in out


def test_only_pytorch_is_needed(tmp_path: Path):
    path = written(small(), wrong_op, tmp_path)
    assert run(path)[0] == 1
    imported = [
        name.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import)
        for name in node.names
    ]
    assert imported == ["sys", "torch"]


def test_a_mended_fault_exits_with_0(tmp_path: Path):
    path = written(small(), wrong_op, tmp_path)
    text = path.read_text()
    assert text.count("aten::tanh") == 1
    path.write_text(text.replace("aten::tanh", "aten::sigmoid"))
    assert run(path) == (0, "no difference\n")


def test_it_holds_no_more_than_the_nodes_responsible(tmp_path: Path):
    path = written(small(), wrong_op, tmp_path)
    assert [
        line.split(" = ")[1].partition("(")[0]
        for line in path.read_text().split("\n")
        if "aten::" in line
    ] == ["aten::sigmoid", "aten::tanh"]
    (given,) = torch.load(tmp_path / "fault.inputs.pt", weights_only=True)
    assert given.shape == (2, 4)


def test_blocks_random_numbers_and_writes(tmp_path: Path):
    programs = {
        "block": scripted(Branches(), torch.randn(3), 3),
        "random": scripted(Draws(), torch.randn(8)),
        "writes": scripted(Writes(), torch.randn(4)),
    }
    for name, program in programs.items():
        (tmp_path / name).mkdir()
        written(program, wrong_op, tmp_path / name)
    out = run_all([tmp_path / name / "fault.py" for name in programs])
    assert out.count("exits with 1") == len(programs)


def deaf(graph: Graph) -> None:
    """The input is not listened to any more."""
    (conv,) = nodes(graph, "aten::_convolution")
    with graph.insert_point_guard(conv):
        size = [graph.insertConstant(value) for value in ([2, 3, 8, 8], *[None] * 4)]
        conv.replaceInput(0, graph.insertNode(graph.create("aten::ones", size, 1)).output())


def doubled(graph: Graph) -> None:
    """Sums a value with what is made of it, both of which take the place of one value before."""
    (softmax,) = nodes(graph, "aten::softmax")
    with graph.insert_point_guard(softmax):
        given = softmax.inputsAt(0)
        for value in (given, given):
            halved = graph.insertNode(graph.create("aten::abs", [value], 1)).output()
            alpha = graph.insertConstant(1)
            given = graph.insertNode(graph.create("aten::add", [given, halved, alpha], 1)).output()
        softmax.replaceInput(0, given)


@pytest.mark.parametrize("fault", [deaf, doubled], ids=lambda fault: fault.__name__)
def test_what_takes_the_place_of_values(fault: Callable[[Graph], None], tmp_path: Path):
    assert written(small(), fault, tmp_path).exists()


def test_no_culprit_no_script(tmp_path: Path):
    blame = run_passes(small(), pipeline=["cse"]).blame()
    with pytest.raises(UsageError) as raised:
        blame.write_reproducer(tmp_path / "fault.py")
    assert str(raised.value) == (
        "error[TSV-S21]: expected a divergence to show in a script, but no pass is to blame"
    )
    assert list(tmp_path.iterdir()) == []


def not_a_number(graph: Graph) -> None:
    for node in nodes(graph, "aten::mul"):
        with graph.insert_point_guard(node):
            node.replaceInput(1, graph.insertConstant(float("nan")))


def test_what_cannot_be_written_as_text_is_said(tmp_path: Path):
    blame = run_passes(small(), pipeline=[not_a_number]).blame()
    with pytest.raises(PassError, match=r"error\[TSV-S20\]: no script can show this .*text"):
        blame.write_reproducer(tmp_path / "fault.py")
    assert list(tmp_path.iterdir()) == []
