"""What the compiler takes variables for: exact tables, and that asking changes nothing."""

import importlib
import linecache
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import tsviz
from tests.diagnosis import twelve, typed
from tsviz.diagnosis import Came, Owner, VariableTypes, doctor, get_types
from tsviz.diagnosis.examining import Examination
from tsviz.errors import UsageError

X = torch.ones(2, 2)
INPUTS: dict[str, tuple[Any, ...]] = {
    "refines": (X, 2),
    "branches": (X, 2),
    "unpacks": (X,),
    "assumes": (X, 3),
    "comments": (X, 3),
    "Twice": (X,),
    "Edited": (X, 3),
    "Stubbed": (X, 3),
}
TABLES = {
    "refines": [
        "14 x: Tensor | annotated `Tensor`",
        "14 rounds: int | annotated `int`",
        "14 best: Optional[Tensor] | annotated `Optional[Tensor]`",
        "15 last: NoneType | annotated `Optional[Tensor]`",
        "16 i: int | inferred from `for i in range(rounds)`",
        "17 last: Optional[Tensor] | refined from `last is None`",
        "17 last: Tensor | refined from `not (last is None)`",
        "18 last: Tensor | inferred from `x`",
        "20 last: Tensor | inferred from `last + i`",
        "21 best: Tensor | refined from `best is not None and i > 1`",
        "22 x: Tensor | inferred from `x + best`",
        "23 last: Tensor | refined from `last is not None`",
    ],
    "branches": [
        "27 x: Tensor | assumed: nothing says otherwise",
        "27 n: int | annotated `int`",
        "29 w: int | inferred from `1`",
        "30 x: Tensor | inferred from `x + w`",
        "32 w: float | inferred from `2.0`",
        "33 x: Tensor | inferred from `x + w`",
        "35 w: List[Tensor] | inferred from `[x]`",
        "36 x: Tensor | inferred from `w[0]`",
    ],
    "unpacks": [
        "40 x: Tensor | annotated `Tensor`",
        "41 point: Point | inferred from `Point(x, 2)`",
        "42 at: Tensor | inferred from `point`",
        "42 size: int | inferred from `point`",
        "43 found: Dict[str, Tensor] | annotated `Dict[str, Tensor]`",
        "44 name: str | inferred from `for name, value in found.items()`",
        "44 value: Tensor | inferred from `for name, value in found.items()`",
        "45 kept: Dict[str, Tensor] | inferred from `{name: value * size}`",
        "46 same: Dict[str, Tensor] | inferred from `found`",
    ],
    "assumes": [
        "50 x: Tensor | assumed: nothing says otherwise",
        "50 n: Tensor | assumed: nothing says otherwise; eager passes int",
        "50 mask: Tensor | assumed: no annotation says otherwise; eager passes None",
        "52 y: Tensor | inferred from `x`",
        "53 z: Tensor | inferred from `y`",
        "54 z: Tensor | inferred from `z += n`",
    ],
    "comments": [
        "59 x: Tensor | annotated `# type:`",
        "59 n: int | annotated `# type:`",
        "62 n: int | inferred from `n -= 1`",
        "63 x: Tensor | inferred from `x + n`",
    ],
    "Twice": [
        "72 x: Tensor | assumed: nothing says otherwise",
        "73 layer: Linear | inferred from `self.linear`",
        "74 y: Tensor | inferred from `layer(x)`",
        "83 x: Tensor | assumed: nothing says otherwise",
        "85 x: Tensor | inferred from `self.first(x)`",
    ],
    "Edited": [
        "90 x: Tensor | assumed: nothing says otherwise",
        "90 times: int | annotated by an edit",
        "91 y: NoneType | annotated by an edit",
        "92 i: int | inferred from `for i in range(times)`",
        "93 y: Tensor | inferred from `x + i`",
    ],
    "Stubbed": [
        "98 x: Tensor | assumed: nothing says otherwise",
        "98 times: Tensor | assumed: nothing says otherwise; eager passes int",
        "103 total: Tensor | inferred from `x * times`",
    ],
}


def rows(types: VariableTypes) -> list[str]:
    return [f"{row.place.line} {row.name}: {row.type} | {row.why}" for row in types]


def model(name: str) -> Any:
    found = getattr(typed, name)
    return found() if isinstance(found, type) else found


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str):
    types = doctor(model(name), INPUTS[name]).types
    assert rows(types) == TABLES[name]
    assert types.missing == ""


def test_of_what_the_compiler_said_it():
    found = {name: doctor(model(name), INPUTS[name]).types.condition for name in TABLES}
    assert {found.pop("Edited"), found.pop("Stubbed")} == {
        "with all edits made",
        "with the edits made, and what has none taken out of the compiler's way",
    }
    assert set(found.values()) == {""}


def test_edits_annotate():
    types = doctor(twelve.Twelve(), (torch.arange(8.0).reshape(2, 4), 1)).types
    edited = [(row.name, row.type) for row in types if row.came is Came.EDITED]
    assert edited == [
        ("least", "int"), ("mode", "Optional[int]"), ("best", "NoneType"), ("shape", "List[int]")
    ]  # fmt: skip
    assert {row.owner for row in types} == {Owner.USER}
    assert [row.name for row in types.of("count_rows")] == ["x", "least", "rows", "i", "rows"]


def test_without_inputs_eager_is_not_named():
    types = doctor(typed.assumes).types
    assert "50 n: Tensor | assumed: nothing says otherwise" in rows(types)


# ── programs ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["refines", "unpacks", "Twice"])
def test_of_a_scripted_program(name: str):
    program = tsviz.capture(model(name), INPUTS[name], via="script")
    assert rows(get_types(program)) == TABLES[name]


def test_of_a_method():
    class Encodes(nn.Module):
        def forward(self, x):
            return x

        @torch.jit.export
        def encode(self, x, n: int):
            half = n // 2
            return x * half

    types = get_types(tsviz.capture(Encodes().encode, (X, 2), via="script"))
    assert [(row.name, row.type) for row in types.of("Encodes.encode")] == [
        ("x", "Tensor"), ("n", "int"), ("half", "int")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("program", "got"),
    [
        (
            lambda: tsviz.capture(typed.Twice(), (X,), via="trace"),
            "a program captured as `trace`",
        ),
        (lambda: tsviz.capture(torch.jit.script(typed.branches)), "one that came compiled"),
    ],
    ids=["traced", "compiled"],
)
def test_of_other_programs(program: Any, got: str):
    with pytest.raises(UsageError) as caught:
        get_types(program())
    assert str(caught.value) == (
        "error[TSV-Q04]: expected a program that was scripted here from its Python code, "
        f"got {got}\n"
        '  help: pass tsviz.capture(model, via="script")'
    )


# ── what cannot be asked ────────────────────────────────────────────────────────────────────────


def test_what_does_not_compile_at_all_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Examination, "_clear", lambda _: None)  # nothing leads the compiler on
    types = doctor(typed.Stubbed(), INPUTS["Stubbed"]).types
    assert (types.rows, types.condition) == ((), "")
    assert str(types) == (
        "Stubbed: what PyTorch's compiler takes each variable for\n\n"
        "PyTorch does not compile it, also with what was found out of its way"
    )


def test_a_line_of_several_statements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Which a formatter would take apart."""
    (tmp_path / "crowded.py").write_text(
        "def crowded(x):\n    y = x; z = 3\n    if z > 2: w = [z]; y = y + w[0]\n    return y\n"
        "def one_line(x): return x\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("crowded")
    monkeypatch.delitem(sys.modules, "crowded")
    assert [(row.name, row.type) for row in doctor(module.crowded, (X,)).types] == [
        ("x", "Tensor"), ("y", "Tensor"), ("z", "int"), ("w", "List[int]"), ("y", "Tensor")
    ]  # fmt: skip
    assert rows(doctor(module.one_line, (X,)).types) == [
        "5 x: Tensor | assumed: nothing says otherwise"
    ]


def test_nothing_is_left_behind():
    cached = set(linecache.cache)
    doctor(typed.Twice(), (X,))
    assert not [name for name in set(linecache.cache) - cached if name.startswith("tsviz")]


# ── faces ───────────────────────────────────────────────────────────────────────────────────────


def test_table():
    frame = doctor(typed.Edited(), (X, 3)).types.to_dataframe()
    assert list(frame.columns) == [
        "function", "variable", "type", "came", "source", "file", "line", "owner"
    ]  # fmt: skip
    assert list(frame["came"]) == ["assumed", "edited", "edited", "inferred", "inferred"]
    assert set(frame["function"]) == {"Edited.forward"}


def test_text():
    types = doctor(typed.Edited(), (X, 3)).types
    lines = re.sub(r" +\n", "\n", str(types)).split("\n")
    assert lines == [
        "Edited: what PyTorch's compiler takes each variable for, with all edits made",
        "",
        f"Edited.forward in {typed.__file__}",
        "line  variable  type      why",
        "  90  x         Tensor    assumed: nothing says otherwise",
        "  90  times     int       annotated by an edit",
        "  91  y         NoneType  annotated by an edit",
        "  92  i         int       inferred from `for i in range(times)`",
        "  93  y         Tensor    inferred from `x + i`",
    ]


def test_page_is_escaped_and_folded():
    html = doctor(typed.branches, (X, 2))._repr_mimebundle_()["text/html"]
    assert "<summary" in html
    assert "3 variables with their types</summary>" in html
    assert "inferred from <code>x + w</code>" in html
