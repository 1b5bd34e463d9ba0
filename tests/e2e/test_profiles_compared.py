"""Profiles held against each other, and a sweep, in saved pages."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, expect
from torch import nn

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer, open_saved
from tests.e2e.test_profile import drawer, plot, show
from tests.profiler.models import Sleeps
from tsviz.profiler import sweep

RUNS = 8


def work(seconds: float) -> nn.Module:
    """One line sleeps so long; the others stay as they are."""
    return nn.Sequential(OrderedDict(sleeps=Sleeps(seconds), first=nn.Linear(64, 64))).eval()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    with torch.no_grad():
        before, after = (
            tsviz.profile(work(seconds), (torch.ones(4, 64),), via="script", runs=RUNS)
            for seconds in (0.001, 0.08)
        )
        tsviz.save(after.against(before), folder / "compared.html")
        model = work(0.001)
        swept = sweep(model, (torch.ones(4, 64),), batch_sizes=(1, 8, 64), threads=(1, 2), runs=3)
        tsviz.save(swept, folder / "swept.html")
    return folder


def open_page(watched: Watched, path: Path) -> Explorer:
    return open_saved(watched, path)


def test_the_line_that_is_slower_comes_first_and_leads_to_itself(watched: Watched, saved: Path):
    explorer = open_page(watched, saved / "compared.html")
    found = drawer(explorer)
    expect(found.get_by_role("tab", name="Compare")).to_have_attribute("aria-selected", "true")
    expect(found).to_contain_text(re.compile(r"a run: .* before, .* after, \+.*: slower"))
    bar = plot(explorer).locator(".bars .point path").first.bounding_box()
    assert bar is not None
    watched.page.mouse.click(bar["x"] + bar["width"] / 2, bar["y"] + bar["height"] / 2)
    expect(explorer.marked_lines).to_contain_text("y = torch.ops.tsviz_planted.sleep_for")
    show(explorer, "Table")
    first = found.get_by_role("grid").get_by_role("row").nth(1)
    expect(first).to_contain_text("y = torch.ops.tsviz_planted.sleep_for")
    expect(first).to_contain_text("slower")
    assert watched.errors == []


def test_modules_are_compared_too(watched: Watched, saved: Path):
    explorer = open_page(watched, saved / "compared.html")
    between = drawer(explorer).locator("select").filter(has_text="modules, with those in them")
    between.select_option("modules")
    show(explorer, "Table")
    rows = drawer(explorer).get_by_role("grid").get_by_role("row")
    # The rest may have become faster by chance, so which of these two comes first is open.
    slower = [rows.nth(at).get_by_role("gridcell").first.inner_text() for at in (1, 2)]
    assert sorted(slower) == ["sleeps", "the program"]
    for at in (1, 2):
        expect(rows.nth(at)).to_contain_text("slower")
    rows.filter(has_text="first").click()
    expect(explorer.marked_rows.filter(has_text="aten::linear")).to_have_count(1)


def test_a_sweep_has_a_line_for_each_number_of_threads(watched: Watched, saved: Path):
    explorer = open_page(watched, saved / "swept.html")
    found = drawer(explorer)
    expect(found.get_by_role("tab", name="Sweep")).to_have_attribute("aria-selected", "true")
    expect(plot(explorer).locator(".legendtext")).to_have_text(["1 thread", "2 threads"])
    show(explorer, "Table")
    rows = found.get_by_role("grid").get_by_role("row")
    expect(rows).to_have_count(1 + 6)
    assert watched.errors == []


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    watched = Watched(browser, color_scheme=request.param)
    yield watched
    watched.close()
    assert watched.offsite == []


def test_a_picture_of_each(themed: Watched, saved: Path, request: pytest.FixtureRequest):
    theme = request.node.callspec.params["themed"]
    for name, view in (("compared", "Compare"), ("swept", "Sweep")):
        explorer = open_page(themed, saved / f"{name}.html")
        plot(explorer)
        themed.keep(f"profile-{view.lower()}-{theme}")
        show(explorer, "Table")
        expect(drawer(explorer).get_by_role("grid").get_by_role("row").nth(1)).to_be_visible()
        themed.keep(f"profile-{view.lower()}-table-{theme}")
    assert themed.errors == []
