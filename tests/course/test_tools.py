"""What is measured of tools is what they do; times are only there."""

import shutil
import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tsviz.course import ToolRow, ToolTable, measure_tools, tools
from tsviz.course.lesson_11 import Gate
from tsviz.errors import UsageError

X = torch.ones(4, 8)
QUICK = ("eager", "trace", "script", "export")


class Switch(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cond(x.sum() > 0, lambda x: x * 2, lambda x: x - 1, (x,))


@pytest.fixture(scope="module")
def gate() -> Gate:
    model = Gate().eval()
    nn.init.zeros_(model.layer.bias)
    return model


@pytest.fixture(scope="module")
def table(gate: Gate) -> ToolTable:
    return measure_tools(gate, X, [-X, torch.ones(7, 8)], tools=QUICK)


def test_each_tool_is_told_by_what_it_does(table: ToolTable):
    rows = {row.tool: row for row in table.rows}
    assert {tool: row.works for tool, row in rows.items()} == {
        "eager": True,
        "trace": True,
        "script": True,
        "export": False,
    }
    assert (rows["trace"].decides, rows["trace"].wrong, rows["trace"].tried) == ("nothing", 1, 3)
    assert (rows["script"].decides, rows["script"].wrong) == ("1 prim::If", 0)
    assert rows["trace"].worst.startswith("with input 1 off by ")
    assert "data-dependent" in rows["export"].refused
    place = rows["export"].place
    assert place is not None
    assert place[0].endswith("lesson_11.py")
    assert f"at line {place[1]}, `if y.sum() > 0:`: Could not guard on" in str(table)


def test_files_are_loaded_where_the_class_is_not(table: ToolTable):
    assert [row.loads for row in table.rows] == [False, True, True, None]
    assert table["eager"].load_failure == "it needs the module `tsviz.course.lesson_11`"
    assert (table["script"].file_bytes or 0) > 0
    assert table["export"].file_bytes is None


def test_times_come_with_their_spread(table: ToolTable):
    for row in table.rows:
        assert len(row.seconds) == (table.repetitions if row.works else 0)
        assert (row.first is not None) is row.works
    low, median, high = table["script"].quartiles or (0, 0, 0)
    assert 0 < low <= median <= high
    assert table["export"].quartiles is None


def test_an_exported_branch_stays_and_other_sizes_are_refused():
    (row,) = measure_tools(Switch(), torch.ones(3), [-torch.ones(3), X[0]], tools=["export"]).rows
    assert (row.decides, row.wrong, row.raised, row.error) == ("1 cond", 0, 1, 0)
    assert row.worst == "with input 2 it raises AssertionError: Guard failed: x.size()[0] == 3"
    assert row.loads


def test_sizes_may_change_where_that_is_said():
    shapes = ({0: torch.export.Dim("rows")},)
    (row,) = measure_tools(
        nn.Linear(8, 2), X, [torch.ones(7, 8)], tools=["export"], dynamic_shapes=shapes
    ).rows
    assert (row.raised, row.wrong, row.decides) == (0, 0, "nothing")


def test_compile_goes_back_to_python_and_compiles_again(gate: Gate):
    (row,) = measure_tools(gate, X, [-X, torch.ones(7, 8)], tools=["compile"]).rows
    if shutil.which("g++") is None:
        assert row.missing == "it needs a working C++ compiler"
        return
    assert (row.wrong, row.raised, row.decides) == (0, 0, "Python, between 2 graphs")
    assert row.graphs is not None
    assert row.graphs[0] == 2
    assert row.graphs[1] > 3
    assert row.loads is False


def test_what_is_not_installed_is_said(gate: Gate, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr("tsviz.course.tool_child.find_spec", lambda _: None)
    found = measure_tools(gate, X, tools=["compile", "ONNX"])
    assert [row.missing for row in found.rows] == [
        "it needs a working C++ compiler",
        "it needs onnx, onnxscript, onnxruntime, which are not installed",
    ]
    assert "ONNX: not measured here: it needs onnx," in str(found)


def test_nothing_of_the_users_changes(gate: Gate, capfd: pytest.CaptureFixture[str]):
    def state() -> tuple[Any, ...]:
        weights = [value.clone() for value in gate.state_dict().values()]
        return (torch.get_rng_state().tolist(), weights[0].tolist(), gate.training)

    before, filters = state(), torch.is_grad_enabled()
    measure_tools(gate, X, tools=QUICK)
    assert state() == before
    assert torch.is_grad_enabled() is filters
    assert capfd.readouterr() == ("", "")


def test_a_model_that_cannot_be_sent_is_said(gate: Gate):
    class Holding(Gate):
        def __init__(self) -> None:
            super().__init__()
            self.frames = sys._getframe()

        def __deepcopy__(self, _: object) -> nn.Module:
            return self

    found = measure_tools(Holding().eval(), X, tools=["eager"])
    assert found["eager"].missing == "the model cannot be sent: cannot pickle 'frame' object"


class Breaking(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(4, 8)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: measure_tools(Gate(), X, tools=["jax"]),
            "error[TSV-E04]: expected tools among eager, trace, script, export, compile, ONNX, "
            "got 'jax'",
        ),
        (
            lambda: measure_tools(Gate(), X, repetitions=3),
            "error[TSV-E05]: expected at least 9 repetitions, got 3",
        ),
        (
            lambda: measure_tools(print, X),  # type: ignore[arg-type]
            "error[TSV-E06]: expected an `nn.Module` in Python, got builtin_function_or_method",
        ),
        (
            lambda: measure_tools(Breaking(), X, [torch.ones(3)]),
            "error[TSV-E07]: `Breaking` itself fails on input 1: the shape [4, 8] has 32 elements, "
            "the tensor has 3",
        ),
    ],
    ids=["tool", "repetitions", "module", "input"],
)
def test_what_is_asked_wrongly_is_said(ask: Any, message: str):
    with pytest.raises(UsageError) as raised:
        ask()
    assert str(raised.value).splitlines()[0] == message


def test_an_interrupt_ends_the_other_process(gate: Gate, monkeypatch: pytest.MonkeyPatch):
    started: list[Any] = []
    start = tools.subprocess.Popen

    def interrupted(*args: Any, **options: Any) -> Any:
        process = start(*args, **options)
        started.append(process)
        wait = process.wait
        calls = iter([True])

        def waits() -> int:
            if next(calls, False):
                raise KeyboardInterrupt
            return wait()

        process.wait = waits
        return process

    monkeypatch.setattr(tools.subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measure_tools(gate, X, tools=["eager"])
    assert started[0].returncode is not None


# ── what it shows ───────────────────────────────────────────────────────────────────────────────

SHOWN = ToolTable(
    "Gate",
    (
        ToolRow("eager", decides="Python", tried=3, error=0.0, first=1e-3, seconds=(1e-4,) * 9),
        ToolRow(
            "trace",
            decides="nothing",
            tried=3,
            wrong=1,
            raised=1,
            error=0.5,
            worst="with input 1 off by 0.5",
            made=0.02,
            first=2e-3,
            seconds=(1e-4, 2e-4, 3e-4),
            file_bytes=5000,
            loads=True,
        ),
        ToolRow("export", refused="no <b> guard", place=("<dynamic-code>", 3)),
        ToolRow("ONNX", missing="it needs onnx"),
    ),
    "2.13.0",
    1,
    9,
)


def test_the_table_as_text():
    text = [" ".join(line.split()) for line in str(SHOWN).splitlines()]
    assert text[:2] == ["Gate", "torch 2.13.0, 1 thread, gradients off"]
    assert text[4:8] == [
        "eager yes Python 0 of 3 0 - 1.00 0.100 (0.100 to 0.100) - -",
        "trace yes nothing 1 of 3 wrong, 1 of 3 refused 0.5 20.0 2.00 0.200 (0.150 to 0.250) "
        "5,000 yes",
        "export refused - - - - - - - -",
        "ONNX not measured here - - - - - - - -",
    ]
    assert text[9:12] == [
        "trace: with input 1 off by 0.5",
        "export: refuses the model at line 3: no <b> guard",
        "ONNX: not measured here: it needs onnx",
    ]


def test_the_table_in_a_notebook_is_no_markup_of_the_models():
    page = SHOWN._repr_mimebundle_()
    assert page["text/plain"] == str(SHOWN)
    assert "no &lt;b&gt; guard" in page["text/html"]
    assert "<td" in page["text/html"]
    assert repr(SHOWN) == "<ToolTable of Gate: 2 of 4 tools take it>"
