"""`tsviz passes`: the catalogue as a table, the lesson on a pass as a page."""

from collections.abc import Callable

import pytest

from tests.cli.conftest import Done
from tsviz.passes import catalog

Tsviz = Callable[..., Done]


def test_table(tsviz: Tsviz):
    done = tsviz("passes")
    assert (done.code, done.err) == (0, "")
    rows = done.out.split("\n")
    assert rows[0].split() == ["pass", "what", "it", "does"]
    assert [row.split()[0] for row in rows[1 : len(catalog) + 1]] == list(catalog)
    for row, known in zip(rows[1:], catalog.values(), strict=False):
        assert known.summary in row
        assert (f"({known.marks})" in row) is bool(known.marks)
    assert "`tsviz passes NAME` shows one at work on a few lines of Python" in done.out


def test_lesson(tsviz: Tsviz):
    done = tsviz("passes", "dce")
    assert (done.code, done.err) == (0, "")
    shown = [line.rstrip() for line in done.out.split("\n")]
    assert shown[0] == f"dce  {catalog['dce'].summary}"
    assert shown[2] == "tsviz/passes/lessons/tidying.py"
    assert "before, scripted, prepared by `peephole_list_idioms`, 6 nodes" in shown
    assert "after `dce`, 2 nodes" in shown


@pytest.mark.parametrize("name", catalog)
def test_marks_are_shown_on_the_page(tsviz: Tsviz, name: str):
    head = tsviz("passes", name).out.split("\n")[0].rstrip()
    marks = f" ({catalog[name].marks})" if catalog[name].marks else ""
    assert head == f"{name}  {catalog[name].summary}{marks}"


def test_unknown_pass(tsviz: Tsviz):
    assert tsviz("passes", "peephole_list") == Done(
        2,
        "",
        "error[TSV-U18]: expected the name of a pass, got `peephole_list`\n"
        "  help: did you mean `peephole_list_idioms` or `peephole`?\n",
    )
