"""JupyterLab: a profile measured from the drawer, ended early, and opened by the magic."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

NAME = "profile.ipynb"
MODEL = """class Planted(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1500, 1500))

    def forward(self, x):
        small = x + 1
        most = torch.mm(self.weight, self.weight)
        return small.sum() + most.sum()


planted, x = Planted().eval(), torch.ones(3)"""
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn",
    "model": MODEL,
    "explore": "e = %tsdebug planted(x)\ne",
    "after": "print(e.profile.runs > 0, torch.is_grad_enabled(), planted.training)",
    "magic": "%tsdebug --profile --runs=3 planted(x)",
}


pytestmark = pytest.mark.usefixtures("pictured")


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    opened = Notebook(shared.page, lab, NAME).open()
    for cell in ("imports", "model", "explore"):
        opened.run(cell)
    return opened


def drawer(explorer: Explorer) -> Locator:
    """The drawer, open, of an explorer that fills the window."""
    explorer.fill_window()
    return explorer.open_drawer("Profile")


def leave(explorer: Explorer) -> None:
    explorer.root.get_by_role("button", name="Full window").click()


def test_it_is_measured_and_the_hottest_bar_leads_to_its_line(opened: Notebook, pictured: Watched):
    explorer = opened.explorer("explore")
    found = drawer(explorer)
    expect(found).to_contain_text("Measure to see where the time goes")
    found.get_by_role("spinbutton", name="runs", exact=True).fill("4")
    found.get_by_role("button", name="Measure").click()
    expect(found).to_contain_text("4 runs")
    shown = found.get_by_role("application")
    expect(shown).to_have_attribute("data-drawn", "true")
    place = shown.locator(".bars .point path").first.bounding_box()
    assert place is not None
    pictured.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    expect(explorer.marked_lines).to_contain_text("most = torch.mm(self.weight, self.weight)")
    expect(explorer.marked_boxes.filter(has_text="mm")).to_have_count(1)
    expect(explorer.root.locator(".tsv-job")).to_have_count(0)
    assert pictured.errors == []


def test_ended_early_it_shows_what_was_measured(opened: Notebook):
    explorer = opened.explorer("explore")
    found = drawer(explorer)
    found.get_by_role("spinbutton", name="runs", exact=True).fill("100000")
    found.get_by_role("button", name="Measure again").click()
    status = found.get_by_role("status").filter(has_text="measuring")
    expect(status).to_contain_text("of 200,000 runs")
    found.get_by_role("button", name="Cancel").click()
    expect(found).to_contain_text(re.compile(r"interrupted: \d+ of 100000 runs were measured"))
    leave(explorer)
    opened.run("after")
    expect(opened.output("after")).to_have_text("True True False")


def test_the_magic_opens_the_drawer(opened: Notebook):
    opened.run("magic")
    explorer = opened.explorer("magic").wait()
    found = explorer.root.get_by_role("region", name="Profile", exact=True)
    expect(found).to_contain_text("3 runs")
    expect(explorer.boxes(re.compile(r"^aten::mm, .*%$"))).to_have_count(1)


def test_it_is_held_against_a_variant_and_swept(opened: Notebook, pictured: Watched):
    explorer = opened.explorer("explore")
    found = drawer(explorer)
    found.get_by_role("combobox", name="against").select_option("trace")
    found.get_by_role("spinbutton", name="runs", exact=True).fill("6")
    found.get_by_role("button", name="Measure again").click()
    compared = found.get_by_role("tab", name="Compare")
    expect(compared).to_have_attribute("aria-selected", "true")
    expect(found).to_contain_text("· trace ·")
    shown = found.get_by_role("application")
    expect(shown).to_have_attribute("data-drawn", "true")
    pictured.keep("lab-profile-compare")
    found.get_by_text("Other batch sizes and threads").click()
    found.get_by_role("textbox", name="batch sizes").fill("3, 6")
    found.get_by_role("spinbutton", name="runs of each point").fill("2")
    found.get_by_role("button", name="Sweep").click()
    swept = found.get_by_role("tab", name="Sweep")
    expect(swept).to_have_attribute("aria-selected", "true")
    found.get_by_role("tab", name="Table").click()
    expect(found.get_by_role("grid").get_by_role("row")).to_have_count(1 + 2)
    leave(explorer)
    assert pictured.errors == []


def test_a_sweep_is_cancelled_and_keeps_its_points(opened: Notebook):
    explorer = opened.explorer("explore")
    found = drawer(explorer)
    sizes = found.get_by_role("textbox", name="batch sizes")
    sizes.fill("3, 4, 5")
    found.get_by_role("spinbutton", name="runs of each point").fill("100000")
    found.get_by_role("button", name="Sweep").click()
    status = found.get_by_role("status").filter(has_text="batch size 3")
    expect(status).to_contain_text("measuring")
    found.get_by_role("button", name="Cancel").click()
    expect(found).to_contain_text("it was ended before all points were measured")
    expect(found.get_by_role("grid").get_by_role("row")).to_have_count(1 + 1)
    leave(explorer)
