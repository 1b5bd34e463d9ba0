"""JupyterLab: a search from the drawer, what it finds, and cells that run meanwhile."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

NAME = "search.ipynb"
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn",
    "model": """\
class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.short = nn.Linear(4, 4)

    def forward(self, x):
        y = self.short(x)
        if x.sum() > 0:
            y = y * 2
        for row in range(len(x)):
            y = y + 1
        return y


router = Router().eval()""",
    "explore": "%tsdebug --via=script router(torch.ones(2, 4))",
    "meanwhile": "print('a cell', 6 * 7)",
}
ENDLESS = "1000000"


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    opened = Notebook(shared.page, lab, NAME).open()
    for cell in ("imports", "model", "explore"):
        opened.run(cell)
    return opened


@pytest.fixture
def explorer(opened: Notebook, pictured: Watched) -> Explorer:
    return opened.explorer("explore")


@pytest.fixture
def drawer(explorer: Explorer) -> Locator:
    """The drawer, open, of an explorer that fills the window."""
    explorer.fill_window()
    return explorer.open_drawer("Compare")


def findings(drawer: Locator) -> Locator:
    return drawer.get_by_role("listbox", name="findings", exact=True).get_by_role("option")


def test_a_search_finds_a_lost_branch(explorer: Explorer, drawer: Locator, pictured: Watched):
    expect(drawer).to_contain_text("Search for inputs on which the compiled model differs")
    domain = drawer.get_by_role("textbox", name="inputs that count")
    expect(domain).to_have_value("{'x': {'dims': {0: (1, 4)}}}")
    drawer.get_by_role("button", name="Search").click()
    expect(findings(drawer)).to_have_count(2)
    expect(drawer).to_contain_text("trace80 inputs tried, 2 refused by Python; 2 proven")
    finding = findings(drawer).filter(has_text="x.sum() > 0 was True for your input")
    finding.click()
    expect(finding).to_have_attribute("aria-selected", "true")
    expect(explorer.marked_lines).to_contain_text("if x.sum() > 0:")
    expect(explorer.marked_boxes.filter(has_text="x.sum() > 0").first).to_be_attached()
    card = drawer.get_by_role("complementary", name="finding")
    expect(card).to_contain_text("with other values, its result is off by")
    expect(card).to_contain_text("Python gives")
    mark = explorer.marked_lines.get_by_role("img")
    expect(mark).to_have_attribute("aria-label", MARKED)
    card.get_by_text("this script shows it").click()
    expect(card.get_by_text("torch.testing.assert_close(")).to_be_visible()
    assert pictured.errors == []


MARKED = "proven, trace: `x.sum() > 0` was True for your input; the trace always takes that branch"


def test_keys_go_through_findings_and_control_flow(explorer: Explorer, drawer: Locator):
    findings(drawer).first.focus()
    drawer.page.keyboard.press("ArrowDown")
    drawer.page.keyboard.press("Enter")
    expect(explorer.marked_lines).to_contain_text("for row in range(len(x)):")
    drawer.get_by_role("tab", name="control flow").click()
    rows = drawer.get_by_role("grid").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("always True")
    rows.nth(1).focus()
    drawer.page.keyboard.press("Enter")
    expect(explorer.marked_lines).to_contain_text("if x.sum() > 0:")


def test_the_mark_in_the_source_leads_to_its_finding(explorer: Explorer, drawer: Locator):
    explorer.line("for row in range(len(x)):").get_by_role("img").click()
    chosen = findings(drawer).and_(drawer.locator("[aria-selected='true']"))
    expect(chosen).to_contain_text("is unrolled: the trace always runs it 2 times")


def test_dark_follows_jupyter(opened: Notebook, explorer: Explorer, drawer: Locator):
    drawer.page.screenshot(path=RESULTS / "test_lab_search-light.png")
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    drawer.page.screenshot(path=RESULTS / "test_lab_search-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
    expect(explorer.root).to_have_attribute("data-theme", "light")


def test_cells_run_meanwhile_and_cancelling_shows_what_was_found(
    opened: Notebook, explorer: Explorer, drawer: Locator, pictured: Watched
):
    drawer.get_by_role("spinbutton", name="tries").fill(ENDLESS)
    drawer.get_by_role("spinbutton", name="seconds").fill(ENDLESS)
    drawer.get_by_role("button", name="Search").click()
    bar = drawer.get_by_role("progressbar")
    expect(bar).to_be_visible()
    expect(drawer.get_by_role("status").filter(has_text="trace: 2 found")).to_have_count(1)
    drawer.page.screenshot(path=RESULTS / "test_lab_search-running.png")
    opened.run("meanwhile")
    expect(opened.output("meanwhile")).to_have_text("a cell 42\n")
    opened.show("explore")
    expect(bar).to_be_visible()
    drawer.get_by_role("button", name="Cancel").click()
    expect(bar).to_be_hidden()
    expect(drawer).to_contain_text("cancelled: what was found by then")
    expect(drawer).to_contain_text("not come to before it was interrupted")
    expect(findings(drawer)).to_have_count(2)
    assert pictured.errors == []


def test_wrong_inputs_are_told_in_the_drawer(drawer: Locator):
    domain = drawer.get_by_role("textbox", name="inputs that count")
    domain.fill("{'x': {'dims': {0: (3, 9)}}}")
    domain.press("Enter")
    expect(drawer.get_by_role("alert")).to_contain_text(
        "TSV-V18: expected sizes around that of the example, 2, for dimension 0 of `x`, got 3 to 9"
    )
    drawer.get_by_role("button", name="Close compare").click()
    expect(drawer).to_be_hidden()
