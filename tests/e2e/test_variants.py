"""Two variants side by side in a saved page: what a trace lost, in graph, text and source."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Locator, expect

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer, open_saved
from tests.models.gates import TwoWays
from tests.models.seeding import seeded
from tsviz.comparison import align_variants
from tsviz.comparison.align import Alignment

NEVER = "only in the scripted program: the trace never took this branch"
MINUS = "\N{MINUS SIGN}"
LOST = ["if bool(x.sum() > 0):", "y = y - 1", "y = torch.relu(y)", "for _ in range(x.shape[0]):"]


@pytest.fixture(scope="module")
def alignment() -> Alignment:
    model, x = seeded(TwoWays)().eval(), torch.ones(2, 3)
    return align_variants(*(tsviz.capture(model, (x,), via=via) for via in ("trace", "script")))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, alignment: Alignment) -> Path:
    path = tmp_path_factory.mktemp("variants") / "gate.html"
    tsviz.save(alignment, path)
    return path


@pytest.fixture
def explorer(watched: Watched, saved: Path) -> Explorer:
    return open_saved(watched, saved)


def side(explorer: Explorer, name: str) -> Locator:
    return explorer.root.get_by_role("group", name=name, exact=True)


def left_graph(explorer: Explorer) -> Locator:
    return explorer.root.get_by_role("region", name="Graph before")


def said(explorer: Explorer, name: str) -> Locator:
    """What a side says that it lacks."""
    return side(explorer, name).get_by_role("status").filter(has_text="only in")


def test_both_are_named_counted_and_marked(
    explorer: Explorer, alignment: Alignment, watched: Watched
):
    counts = len(alignment.only_first), len(alignment.only_second)
    expect(side(explorer, "traced").get_by_role("heading")).to_contain_text(f"{MINUS}{counts[0]}")
    expect(side(explorer, "scripted").get_by_role("heading")).to_contain_text(f"+{counts[1]}")
    relu = explorer.boxes("aten::relu")
    expect(relu).to_have_attribute("aria-description", "only scripted")
    expect(explorer.drawn(relu).locator(".tsv-sign")).to_have_text("+")
    rounds = left_graph(explorer).locator("[aria-description='only traced']")
    expect(rounds.first).to_be_attached()
    assert (watched.errors, watched.offsite) == ([], [])


def test_lines_that_the_trace_lost_are_set_off_in_the_source(explorer: Explorer):
    lost = explorer.source.locator(".is-gaining")
    expect(lost).to_have_count(len(LOST))
    for row, text in enumerate(LOST):
        expect(lost.nth(row)).to_contain_text(text)
        expect(lost.nth(row)).to_have_attribute("title", re.compile("not in the trace"))
    expect(explorer.source).to_contain_text("4 lines are in one of them alone")


def test_the_line_of_a_lost_branch_is_shown_on_both_sides(explorer: Explorer):
    explorer.line("y = torch.relu(y)").click()
    expect(explorer.marked_boxes).to_have_count(1)
    expect(explorer.marked_boxes).to_contain_text("relu")
    expect(said(explorer, "traced")).to_have_text(NEVER)
    expect(said(explorer, "scripted")).to_have_count(0)
    expect(explorer.details.get_by_role("button", name="aten::relu")).to_be_visible()

    explorer.line("return self.out(y)").click()  # which both have
    expect(said(explorer, "traced")).to_have_count(0)
    both = left_graph(explorer).locator(".tsv-svg :is(.is-selected, .is-marked)")
    expect(both.first).to_be_attached()


def test_a_node_is_followed_both_ways(explorer: Explorer):
    traced = left_graph(explorer).get_by_role("treeitem", name="aten::mul")
    traced.dispatch_event("click")
    expect(explorer.tree.get_by_role("treeitem", name="aten::mul", selected=True)).to_have_count(1)
    expect(explorer.marked_lines).to_contain_text("y = self.cell(y) * 2")
    expect(explorer.details).to_contain_text("In the trace")
    expect(explorer.details).to_contain_text("same line and calls")
    scripted = explorer.boxes("aten::relu")
    scripted.dispatch_event("click")
    expect(said(explorer, "traced")).to_have_text(NEVER)
    expect(explorer.marked_lines).to_contain_text("y = torch.relu(y)")


def test_hovering_a_line_sets_it_off_on_both_sides(explorer: Explorer):
    hovered = ".tsv-svg .is-hovered"
    explorer.graph.press("f")  # what lies outside the window is not drawn
    explorer.line("y = self.cell(y) * 2").hover()
    expect(explorer.picture.locator(hovered).first).to_be_attached()
    expect(left_graph(explorer).locator(hovered).first).to_be_attached()
    explorer.line("y = torch.relu(y)").hover()
    expect(explorer.picture.locator(hovered)).to_have_count(1)
    expect(left_graph(explorer).locator(hovered)).to_have_count(0)


def test_keys_step_through_swap_and_close(explorer: Explorer, watched: Watched):
    explorer.graph.focus()
    press = explorer.page.keyboard.press
    for text in ("return torch.tanh(self.fc(x))", *LOST[:3]):
        press("]")
        expect(explorer.marked_lines).to_contain_text(text)
    press("[")
    expect(explorer.marked_lines).to_contain_text(LOST[1])
    press("x")
    shown = side(explorer, "traced").get_by_role("region", name="Graph", exact=True)
    expect(shown).to_be_visible()
    expect(said(explorer, "traced")).to_have_text(NEVER)
    press("s")
    texts = explorer.root.get_by_role("listbox", name="IR text before")
    expect(texts).to_be_visible()
    press("s")
    expect(side(explorer, "scripted")).to_have_count(0)
    expect(explorer.source.locator(".is-gaining, .is-losing")).to_have_count(0)
    assert watched.errors == []


def test_texts_stand_row_by_row(explorer: Explorer):
    explorer.root.get_by_role("tab", name="IR text").click()
    before, after = (
        explorer.root.get_by_role("listbox", name=f"IR text {it}") for it in ("before", "after")
    )
    explorer.line("y = torch.relu(y)").click()
    lost = after.get_by_role("option", selected=True)
    expect(lost).to_contain_text("aten::relu")
    expect(lost.get_by_title("only scripted")).to_have_text("+")
    row = lost.get_attribute("data-row")
    expect(before.locator(f"[data-row='{row}']")).not_to_contain_text("relu")
    explorer.line("y = self.cell(y) * 2").click()
    rows = [
        pane.get_by_role("option", selected=True).filter(has_text="aten::mul")
        for pane in (before, after)
    ]
    assert rows[0].get_attribute("data-row") == rows[1].get_attribute("data-row")


def test_the_drawer_lists_the_lines(explorer: Explorer):
    drawer = explorer.root.get_by_role("region", name="Compare")
    rows = drawer.get_by_role("listbox", name="Lines that differ").get_by_role("option")
    rows.filter(has_text="torch.relu").click()
    expect(said(explorer, "traced")).to_have_text(NEVER)
    expect(explorer.marked_lines).to_contain_text("y = torch.relu(y)")
    choice = drawer.get_by_role("combobox", name="Other variant")
    choice.select_option("")
    expect(side(explorer, "scripted")).to_have_count(0)
    choice.select_option("scripted")
    expect(side(explorer, "scripted")).to_be_visible()
    expect(explorer.marked_lines).to_contain_text("y = torch.relu(y)")


@pytest.fixture(params=["light", "dark"])
def narrow(
    request: pytest.FixtureRequest, browser: Browser, picture_name: str
) -> Iterator[Watched]:
    page = Watched(browser, viewport={"width": 800, "height": 900}, color_scheme=request.param)
    yield page
    page.keep(picture_name)
    page.close()


def test_it_fits_a_narrow_page(narrow: Watched, saved: Path):
    narrow.page.goto(saved.as_uri())
    explorer = Explorer(narrow.page).wait()
    explorer.line("y = torch.relu(y)").click()
    explorer.close_details()
    traced, scripted = (side(explorer, name).bounding_box() for name in ("traced", "scripted"))
    assert traced is not None
    assert scripted is not None
    assert traced["y"] + traced["height"] <= scripted["y"] + 1  # one above the other
    expect(said(explorer, "traced")).to_have_text(NEVER)
    width = narrow.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 800
