"""JupyterLab: the side panel follows what is looked at; commands act on the explorer there."""

from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook
from tests.e2e.test_lab_files import Gate
from tests.e2e.test_lab_margin import MODEL

CELLS = {
    "load": "%load_ext tsviz",
    "model": MODEL,
    "explore": "%tsdebug --via=script --passes=runtime router(x)",
    "traced": "%tsdebug --via=trace router(x)",
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / "side.ipynb", CELLS)
    write_notebook(lab.root / "plain.ipynb", {"model": MODEL})
    torch.jit.script(Gate()).save(lab.root / "gate.pt")
    notebook = Notebook(shared.page, lab, "side.ipynb").open()
    for cell in ("load", "model", "explore"):
        notebook.run(cell)
    notebook.explorer("explore")
    notebook.do("tsviz:show-side-panel")
    return notebook


@pytest.fixture
def notebook(opened: Notebook, shared: Watched, picture_name: str) -> Iterator[Notebook]:
    yield opened
    shared.keep(picture_name)


@pytest.fixture
def panel(notebook: Notebook) -> Locator:
    return notebook.page.get_by_role("region", name="TorchScript")


def rows(panel: Locator, title: str) -> Locator:
    return panel.get_by_role("list", name=title, exact=True).get_by_role("button")


def is_enabled(notebook: Notebook, command: str) -> bool:
    return notebook.page.evaluate("(id) => jupyterapp.commands.isEnabled(id)", command)


def test_rows_of_methods_and_passes_show_their_graph(notebook: Notebook, panel: Locator):
    explorer = notebook.explorer("explore")
    passes = rows(panel, "Passes")
    expect(passes.first).to_have_text("as captured")
    passes.first.click()
    expect(passes.first).to_have_attribute("aria-current", "true")
    passes.nth(2).click()
    expect(passes.nth(2)).to_have_attribute("aria-current", "true")
    expect(passes.first).not_to_have_attribute("aria-current", "true")
    assert explorer.picture.is_visible()
    rows(panel, "Methods").filter(has_text="Linear.forward (as compiled)").click()
    expect(explorer.root.get_by_role("combobox", name="Method")).to_have_value("2")
    rows(panel, "Methods").first.click()


def test_arrow_keys_go_through_rows_and_enter_shows_one(notebook: Notebook, panel: Locator):
    passes = rows(panel, "Passes")
    passes.first.focus()
    notebook.page.keyboard.press("ArrowDown")
    expect(passes.nth(1)).to_be_focused()
    notebook.page.keyboard.press("Enter")
    expect(passes.nth(1)).to_have_attribute("aria-current", "true")
    expect(passes.nth(1)).to_be_focused()
    notebook.page.keyboard.press("Home")
    notebook.page.keyboard.press("Enter")
    expect(passes.first).to_have_attribute("aria-current", "true")


def test_findings_of_all_explorers_lead_to_their_lines(notebook: Notebook, panel: Locator):
    notebook.run("traced")
    drawer = notebook.explorer("traced").open_drawer("Compare")
    drawer.get_by_role("spinbutton", name="tries").fill("12")
    drawer.get_by_role("button", name="Search", exact=True).click()
    findings = rows(panel, "Diagnostics")
    proven = findings.filter(has_text="proven, trace").first
    expect(proven).to_contain_text("Router.forward · Cell 2:10", timeout=60_000)
    notebook.explorer("explore").root.press(
        "Escape"
    )  # the other one is current, and it is still there
    expect(proven).to_be_visible()
    notebook.page.screenshot(path=RESULTS / "test_lab_side-findings.png")
    proven.click()
    place = notebook.page.evaluate(
        """() => {
          const { activeCell } = jupyterapp.shell.currentWidget.content;
          return [activeCell.model.id, activeCell.editor.getCursorPosition().line];
        }"""
    )
    assert place == ["model", 9]


def test_rows_of_breakpoints_and_watches_lead_to_their_places(notebook: Notebook, panel: Locator):
    explorer = notebook.explorer("explore")
    explorer.root.press("Escape")  # the one that is used is the current one
    notebook.show("model")
    notebook.page.locator(".cm-line").filter(has_text="return y.relu()").first.click()
    notebook.page.keyboard.press("Control+Alt+b")
    points = rows(panel, "Breakpoints")
    expect(points).to_contain_text(["Cell 2:12"])
    drawer = notebook.explorer("explore").open_drawer("Debug")
    drawer.get_by_role("textbox", name="watch").fill("x.shape")
    drawer.get_by_role("textbox", name="watch").press("Enter")
    watches = rows(panel, "Watches")
    expect(watches).to_contain_text(["x.shape"])
    watches.first.click()
    expect(watches.first).to_have_attribute("aria-current", "true")
    points.first.click()
    assert (
        notebook.page.evaluate("() => jupyterapp.shell.currentWidget.content.activeCell.model.id")
        == "model"
    )


def test_it_follows_the_tab_that_is_looked_at(notebook: Notebook, panel: Locator):
    heading = panel.get_by_role("heading", level=2)
    expect(heading).to_have_text("Router.forward")
    notebook.do("docmanager:open", path="plain.ipynb")
    expect(panel).to_contain_text("No explorer in plain.ipynb: run `%tsdebug model(x)` in it")
    expect(heading).to_be_hidden()
    notebook.do("docmanager:open", path="gate.pt")
    expect(heading).to_have_text("Gate.forward")
    notebook.do("docmanager:open", path="side.ipynb")
    expect(heading).to_have_text("Router.forward")


def test_commands_open_drawers_of_the_explorer_that_the_user_is_at(
    notebook: Notebook, panel: Locator
):
    explorer = notebook.explorer("explore")
    explorer.root.press("Escape")
    for command, name in (("profile", "Profile"), ("compare", "Compare"), ("debug", "Debug")):
        notebook.do(f"tsviz:{command}")
        drawer = explorer.root.get_by_role("region", name=name, exact=True)
        expect(drawer).to_be_visible()
    with notebook.page.expect_download() as saved:
        notebook.do("tsviz:export-html")
    assert saved.value.suggested_filename.endswith(".html")
    assert panel.is_visible()


def test_commands_ask_for_a_target_where_no_explorer_is(notebook: Notebook, panel: Locator):
    notebook.do("docmanager:open", path="plain.ipynb")
    expect(panel).to_contain_text("No explorer in plain.ipynb")
    assert not is_enabled(notebook, "tsviz:export-html")
    notebook.page.evaluate("() => void jupyterapp.commands.execute('tsviz:profile')")
    dialog = notebook.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Profile …")
    dialog.get_by_role("button", name="Cancel").click()
    notebook.do("docmanager:open", path="side.ipynb")


def test_an_explorer_offers_in_a_cell_what_can_be_done_with_it(notebook: Notebook, panel: Locator):
    explorer = notebook.explorer("explore")
    explorer.root.get_by_role("heading", name="Router").click(button="right")
    menu = notebook.page.locator(".lm-Menu")
    notebook.page.screenshot(path=RESULTS / "test_lab_side-cell-menu.png")
    menu.locator(".lm-Menu-item").filter(has_text="Profile").click()
    expect(explorer.root.get_by_role("region", name="Profile", exact=True)).to_be_visible()
    assert panel.is_visible()


def test_a_tab_offers_what_can_be_done_with_its_file(notebook: Notebook, panel: Locator):
    tab = notebook.page.locator(".lm-TabBar-tab").filter(has_text="gate.pt")
    tab.click(button="right")
    menu = notebook.page.locator(".lm-Menu")
    notebook.page.screenshot(path=RESULTS / "test_lab_side-menu.png")
    with notebook.page.expect_download() as saved:
        menu.locator(".lm-Menu-item").filter(has_text="Export HTML").click()
    assert saved.value.suggested_filename.startswith("Gate")
    expect(panel.get_by_role("heading", level=2)).to_have_text("Gate.forward")
    notebook.do("tsviz:debug")  # nothing of the file runs here
    said = notebook.page.get_by_text("Debug: ", exact=False)
    expect(said.first).to_be_visible()
