"""A profile in a saved page: heat, plots and their tables, and the way from a bar to its line."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Locator, expect
from torch import nn

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer, open_saved

HOSTILE = "<b>bold</b> $x$"
VIEWS = ("Top", "Flame graph", "Treemap", "Timeline", "Roofline", "Warm-up", "Accounting")


class Planted(nn.Module):
    """Nearly all of the work is one product."""

    def __init__(self):
        super().__init__()
        self.add_module(HOSTILE, nn.Linear(8, 8))
        self.weight = nn.Parameter(torch.ones(500, 500))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for module in self.children():
            x = module(x)
        most = torch.mm(self.weight, self.weight)
        return x.sum() + most.sum()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profile") / "planted.html"
    program = tsviz.capture(Planted().eval(), (torch.ones(2, 8),), via="trace")
    tsviz.save(tsviz.profile(program, runs=4, nodes="all"), path)
    return path


@pytest.fixture
def explorer(watched: Watched, saved: Path) -> Explorer:
    return open_saved(watched, saved)


def drawer(explorer: Explorer) -> Locator:
    return explorer.root.get_by_role("region", name="Profile", exact=True)


def plot(explorer: Explorer) -> Locator:
    """The plot, drawn."""
    found = drawer(explorer).get_by_role("application")
    expect(found).to_have_attribute("data-drawn", "true")
    return found


def show(explorer: Explorer, *tabs: str) -> None:
    for tab in tabs:
        drawer(explorer).get_by_role("tab", name=tab, exact=True).click()


def test_the_hottest_bar_leads_to_its_node_and_line(explorer: Explorer, watched: Watched):
    expect(drawer(explorer)).to_contain_text(re.compile(r"[\d.]+ (µs|ms|s) a run"))
    expect(drawer(explorer)).to_contain_text("4 runs")
    bars = plot(explorer).locator(".bars .point path")
    place = bars.first.bounding_box()
    assert place is not None
    watched.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(explorer.marked_lines).to_contain_text("most = torch.mm(self.weight, self.weight)")
    expect(explorer.marked_rows).to_contain_text("aten::mm")
    expect(explorer.marked_boxes.filter(has_text="mm")).to_have_count(1)
    expect(explorer.details).to_contain_text("CPU time")
    assert watched.errors == []


def test_boxes_lines_and_rows_have_heat_that_can_be_turned_off(explorer: Explorer):
    hot = explorer.boxes(re.compile(r"^aten::mm, [\d.]+ (µs|ms|s) · \d+(\.\d)?%$"))
    expect(hot).to_have_count(1)
    line = explorer.line("most = torch.mm").locator(".tsv-heat-cell")
    expect(line).to_have_text(re.compile(r"\d+(\.\d)?%"))
    expect(line).to_have_attribute("title", re.compile("^CPU time in one run: .* by nodes of"))
    row = explorer.text.get_by_role("option").filter(has_text="aten::mm").first
    expect(row.locator(".tsv-heat-cell")).to_have_text(re.compile(r"\d+(\.\d)?%"))
    heat = explorer.root.get_by_role("combobox", name="Heat")
    heat.select_option("Heat: memory")
    expect(explorer.boxes(re.compile(r"^aten::mm, .*KiB"))).to_have_count(1)
    heat.select_option("Heat: off")
    expect(explorer.boxes("aten::mm").and_(explorer.boxes(re.compile("%")))).to_have_count(0)
    expect(explorer.source.locator(".tsv-heat-cell")).to_have_count(0)


def test_keys_alone_reach_the_hottest_row_and_its_line(explorer: Explorer, watched: Watched):
    show(explorer, "Table")
    table = drawer(explorer).get_by_role("grid")
    table.focus()
    press = watched.page.keyboard.press
    press("ArrowDown")
    press("Home")
    press("Enter")
    expect(table.get_by_role("row", selected=True)).to_contain_text("aten::mm")
    expect(explorer.marked_lines).to_contain_text("most = torch.mm")
    assert watched.errors == []


def test_search_works_beside_it(explorer: Explorer, watched: Watched):
    explorer.search.fill("aten::linear")
    watched.page.keyboard.press("Enter")
    expect(explorer.marked_rows).to_contain_text("aten::linear")


def test_the_plan_that_ran_has_heat_of_its_own(explorer: Explorer):
    explorer.click("aten::mm")
    explorer.details.get_by_role("button", name="ran as aten::mm").click()
    method = explorer.root.get_by_role("combobox", name="Method")
    expect(method.locator("option:checked")).to_have_text("the plan that ran")
    expect(explorer.marked_rows).to_contain_text("aten::mm")
    expect(explorer.details).to_contain_text("calls a run")
    explorer.details.get_by_role("button", name="show in the program").click()
    expect(explorer.marked_lines).to_contain_text("most = torch.mm")


@pytest.mark.parametrize("view", VIEWS)
def test_names_are_shown_as_they_are(view: str, explorer: Explorer, watched: Watched):
    show(explorer, view)
    shown = plot(explorer)
    assert shown.locator("a, b, foreignObject, math").count() == 0
    if view in ("Flame graph", "Treemap"):
        expect(shown.locator("text").filter(has_text=HOSTILE)).to_have_count(1)
    assert watched.errors == []


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, saved: Path, request: pytest.FixtureRequest) -> Iterator[Watched]:
    watched = Watched(browser, color_scheme=request.param)
    watched.page.goto(saved.as_uri())
    yield watched
    watched.close()
    assert watched.offsite == []


def test_a_picture_of_each_plot(themed: Watched, request: pytest.FixtureRequest):
    explorer = Explorer(themed.page).wait()
    theme = request.node.callspec.params["themed"]
    for view in VIEWS:
        show(explorer, view, "Plot")
        plot(explorer)
        themed.keep(f"profile-{view.replace(' ', '-').lower()}-{theme}")
        show(explorer, "Table")
        rows = drawer(explorer).get_by_role("grid").get_by_role("row")
        expect(rows.nth(1)).to_be_visible()
    assert themed.errors == []
