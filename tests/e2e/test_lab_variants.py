"""JupyterLab: another variant of a model in a cell, made by the kernel and laid beside it."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

NAME = "variants.ipynb"
MODEL = """class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        y = self.fc(x)
        if bool(x.sum() > 0):
            y = y + 1
        else:
            y = torch.relu(y)
        return y * 2


class Formats(nn.Module):
    def forward(self, x):
        return x * len(f"{x.shape[0]:>3}")


gate, formats, x = Gate().eval(), Formats().eval(), torch.ones(2, 3)"""
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn",
    "model": MODEL,
    "traced": "%tsdebug --via=trace gate(x)",
    "unscriptable": "%tsdebug --via=trace formats(x)",
    "again": "e = %tsdebug --via=trace gate(x)\ne",
    "variants": "print([one.variant.value for one in e.variants], gate.training)",
}
NEVER = "only in the scripted program: the trace never took this branch"


pytestmark = pytest.mark.usefixtures("pictured")


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    return Notebook(shared.page, lab, NAME).open().run_all()


def compare(explorer: Explorer) -> Locator:
    """The drawer Compare, open at its variants."""
    drawer = explorer.open_drawer("Compare")
    drawer.get_by_role("tab", name="Side by side").click()
    return drawer


def choose(explorer: Explorer, variant: str) -> None:
    compare(explorer).get_by_role("combobox", name="Other variant").select_option(variant)


def side(explorer: Explorer, name: str) -> Locator:
    return explorer.root.get_by_role("group", name=name, exact=True)


def source(explorer: Explorer) -> None:
    tab = explorer.root.get_by_role("tablist", name="Panes").get_by_role("tab", name="Source")
    if tab.is_visible():
        tab.click()


def test_scripted_beside_traced_shows_the_branch_that_was_lost(opened: Notebook, pictured: Watched):
    explorer = opened.explorer("traced")
    choose(explorer, "scripted")
    expect(side(explorer, "traced")).to_be_visible()
    expect(side(explorer, "scripted").get_by_role("heading")).to_contain_text("scripted")
    source(explorer)
    line = explorer.line("y = torch.relu(y)")
    line.click()
    expect(line).to_have_attribute("title", "1 node of this line, 1 node with the calls made from "
                                   "it; not in the trace; 1 node only scripted")  # fmt: skip
    expect(explorer.tree.get_by_role("treeitem", name="aten::relu")).to_have_attribute(
        "aria-description", "only scripted"
    )
    expect(explorer.marked_boxes).to_have_count(1)
    expect(side(explorer, "traced").get_by_text(NEVER)).to_be_visible()
    pictured.page.screenshot(path=RESULTS / "test_lab_variants-light.png")

    explorer.graph.focus()
    pictured.page.keyboard.press("[")
    expect(explorer.marked_lines).to_contain_text("if bool(x.sum() > 0):")
    pictured.page.keyboard.press("x")
    expect(side(explorer, "traced").get_by_role("region", name="Graph", exact=True)).to_be_visible()
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    pictured.page.screenshot(path=RESULTS / "test_lab_variants-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
    explorer.graph.focus()
    pictured.page.keyboard.press("Escape")
    pictured.page.keyboard.press("Escape")
    expect(side(explorer, "scripted")).to_have_count(0)
    assert pictured.errors == []


def test_what_does_not_script_is_told_with_its_line(opened: Notebook):
    explorer = opened.explorer("unscriptable")
    choose(explorer, "scripted")
    alert = compare(explorer).get_by_role("alert")
    expect(alert).to_contain_text("cannot be scripted")
    expect(alert).to_contain_text("error[TSV-C01]")
    expect(explorer.picture).to_be_visible()
    alert.get_by_role("button").click()
    source(explorer)
    expect(explorer.marked_lines).to_contain_text('return x * len(f"{x.shape[0]:>3}")')


def test_the_explorer_in_python_has_what_was_asked_for(opened: Notebook):
    explorer = opened.explorer("again")
    for variant in ("scripted", "frozen"):
        choose(explorer, variant)
        expect(side(explorer, variant)).to_be_visible()
    opened.run("variants")
    expect(opened.output("variants")).to_contain_text("['script', 'freeze'] False")
