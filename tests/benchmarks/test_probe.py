"""The probe sees the picture of a saved page, and its clicks find lines and scopes."""

import pytest
from playwright.sync_api import Playwright

from benchmarks.browser import Sight, Tab, new_browser
from benchmarks.models import write_scopes

NODES = 80
"""Of each scope: few enough for the layout to be done in time on a machine under load."""
MARKED = ("tsvizGestures.nodeBox()", "tsvizGestures.untilMarked()")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("pages") / "scopes.html"
    write_scopes(path, NODES)
    return path.as_uri()


@pytest.mark.browser
def test_a_saved_page_is_seen_and_answers(page: str, playwright: Playwright):
    with new_browser(playwright) as tab:
        tab.open(page, "tsviz", "all")
        sight = tab.see()
        assert 0 < sight.first <= sight.settled
        assert sight.boxes > 2 * NODES
        check_line(tab)
        check_folding(tab)
        assert tab.ask("tsvizGestures.countAll()")["boxes"] < 1.25 * NODES
        check_second_visit(tab, page, sight)


def check_line(tab: Tab) -> None:
    answer = tab.click(*MARKED)
    assert answer["ms"] > 0
    assert "torch." in answer["line"]


def check_folding(tab: Tab) -> None:
    place, until = "tsvizGestures.chevron('first')", "tsvizGestures.untilFolded('first', false)"
    assert tab.click(place, until) > 0


def check_second_visit(tab: Tab, page: str, before: Sight) -> None:
    tab.open(page, "tsviz", "all")
    assert tab.see().began > before.began
