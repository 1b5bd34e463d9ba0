"""Where Python can go more than one way: what is said of each place."""

import ast
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.comparison import flows
from tests.comparison.flows import every_kind, looping
from tsviz.comparison import Comparison, compare
from tsviz.location import FileRange
from tsviz.views.comparison_words import Flow, flow_shown, iter_flow, place_words


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(every_kind, (torch.ones(3),), variants=("trace",), tries=1)


def by_place(found: Comparison) -> dict[tuple[str, str], Flow]:
    return {(str(row.site.kind), row.site.condition): row for row in iter_flow(found)}


EXPECTED = {
    ("assert", "x.dim() == 1"): ("True", "nothing"),
    ("if", "count > 2"): ("True", "always True"),
    ("for", "(1, -1, 1)"): ("3 times", "unrolled, 3 times"),
    ("if", "step > 0"): ("True 2 times, False 1 time", "each time what ran"),
    ("while", "count > 0"): ("3 times", "unrolled, 3 times"),
    ("comprehension", "range(4)"): ("4 times", "unrolled, 4 times"),
    ("conditional expression", "count"): ("False", "always False"),
    ("try", "x = x + len(parts)"): ("no exception", "what ran"),
    ("match", "count"): ("case 2", "what ran"),
    ("if", "count == 0 or count == 9"): ("True", "always True"),
    ("short circuit", "count == 0 or count == 9"): ("1 of 2 operands", "what ran"),
    ("for", "range(2)"): ("not reached", "nothing"),
}


@pytest.mark.parametrize(("kind", "condition"), EXPECTED)
def test_what_is_said(found: Comparison, kind: str, condition: str):
    row = by_place(found)[kind, condition]
    assert (row.went, row.held) == EXPECTED[kind, condition]
    source = Path(flows.__file__).read_text().split("\n")[row.site.place.line - 1]
    assert ast.unparse(ast.parse(condition)) in source or condition == "x = x + len(parts)"


def test_nothing_else_is_a_site(found: Comparison):
    """Neither tsviz nor PyTorch, which ran as well, decide anything of the model's."""
    assert by_place(found).keys() == EXPECTED.keys()


def test_lines_are_in_order(found: Comparison):
    lines = [row.site.place.line for row in iter_flow(found)]
    assert lines == sorted(lines)


def test_without_a_trace_nothing_is_said_of_one():
    found = compare(every_kind, (torch.ones(3),), variants=("script",), tries=1)
    assert {row.held for row in iter_flow(found)} == {""}
    assert "the trace holds" not in str(found)


def test_loops_that_run_more_than_once():
    rows = by_place(compare(looping, (torch.ones(3),), variants=("trace",), tries=1))
    inner = rows["for", "range(turn)"]
    assert inner.went == "0 times, 1 time, 2 times, 3 times, …"
    assert inner.held == "unrolled, 0 times, 1 time, 2 times, 3 times, …"
    left = rows["while", "left > 0"]
    assert left.went == "9 times in all"
    assert rows["if", "left == 3"].went == "False 7 times, True 2 times"


def test_long_tables_leave_out_what_was_not_reached(found: Comparison, monkeypatch):
    monkeypatch.setattr("tsviz.views.comparison_words._MOST_ROWS", 3)
    rows, words = flow_shown(found, is_whole=False)
    assert [row.site.condition for row in rows] == ["x.dim() == 1", "count > 2", "(1, -1, 1)"]
    assert words == "… 9 more places; --all lists them"
    rows, words = flow_shown(found, is_whole=True)
    assert (len(rows), words) == (12, "")


def test_place_words():
    assert place_words(FileRange("/home/me/nets.py", 11, 4, 11, 9)) == "nets.py:11"
    assert place_words(None) == "no known line"


def test_the_same_code_in_two_files(tmp_path: Path):
    """As when a notebook's cell runs again: what is found has the line of what ran."""
    text = "def gate(x):\n    if x.sum() > 0:\n        return x + 1\n    return x\n"
    for name in ("one.py", "two.py"):
        file = tmp_path / name
        file.write_text(text)
        names: dict[str, Any] = {"__name__": name}
        exec(compile(text, str(file), "exec"), names)
        found = compare(names["gate"], (torch.ones(3),), variants=("trace",), tries=12)
        assert {row.site.place.file for row in iter_flow(found)} == {str(file)}
        assert [one.place.file for one in found.findings if one.place is not None] == [str(file)]
