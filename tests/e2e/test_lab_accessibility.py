"""JupyterLab: what the extension adds can be used by everybody, in both themes (axe-core)."""

import pytest
import torch
from playwright.sync_api import expect

from tests.e2e.accessible import violations
from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook
from tests.e2e.test_lab_files import Files, Gate
from tests.e2e.test_lab_side import CELLS

THEMES = ["JupyterLab Light", "JupyterLab Dark"]


@pytest.mark.parametrize("theme", THEMES)
def test_a_document_and_the_side_panel_have_no_fault(
    lab: JupyterServer, watched: Watched, theme: str
):
    torch.jit.script(Gate()).save(lab.root / "gate.pt")
    page = watched.page
    files = Files(page, lab).go()
    page.evaluate(
        "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    document = files.open("gate.pt")
    document.explorer.wait().click("aten::relu")
    expect(document.explorer.root).to_have_attribute("data-theme", theme.split()[1].lower())
    page.evaluate("() => jupyterapp.commands.execute('tsviz:show-side-panel')")
    expect(page.get_by_role("list", name="Outline")).to_be_visible()
    assert violations(page, ".tsv-document") == []
    assert violations(page, ".tsv-side-panel") == []
    lab.end_kernels()


@pytest.mark.parametrize("theme", THEMES)
def test_a_failure_has_no_fault(lab: JupyterServer, watched: Watched, theme: str):
    (lab.root / "empty.pt").touch()
    page = watched.page
    files = Files(page, lab).go()
    page.evaluate(
        "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
    )
    expect(files.open("empty.pt").alert).to_contain_text("TSV-A03")
    assert violations(page, ".tsv-document") == []
    (lab.root / "empty.pt").unlink()
    lab.end_kernels()


@pytest.mark.parametrize("theme", THEMES)
def test_marks_in_cells_and_full_lists_have_no_fault(
    lab: JupyterServer, watched: Watched, theme: str
):
    write_notebook(lab.root / "full.ipynb", CELLS)
    page = watched.page
    notebook = Notebook(page, lab, "full.ipynb").open()
    notebook.do("apputils:change-theme", theme=theme)
    for cell in ("load", "model", "explore"):
        notebook.run(cell)
    explorer = notebook.explorer("explore")
    drawer = explorer.open_drawer("Profile")
    drawer.get_by_role("button", name="Measure").click()
    notebook.do("tsviz:show-side-panel")
    panel = page.get_by_role("region", name="TorchScript")
    expect(panel.get_by_role("list", name="Passes")).to_contain_text("as captured")
    drawer = explorer.open_drawer("Compare")
    drawer.get_by_role("spinbutton", name="tries").fill("12")
    drawer.get_by_role("button", name="Search", exact=True).click()
    notebook.show("model")
    expect(page.locator(".tsv-cell-finding")).to_have_count(1, timeout=60_000)
    expect(page.locator(".tsv-cell-time").first).to_be_visible()
    page.locator(".cm-line").filter(has_text="return y.relu()").first.click()
    page.keyboard.press("Control+Alt+b")
    expect(page.locator(".tsv-cell-break.is-set")).to_have_count(1)
    page.screenshot(path=RESULTS / f"test_lab_accessibility-full-{theme.split()[1]}.png")
    assert violations(page, ".tsv-side-panel") == []
    assert violations(page, ".jp-Cell.jp-mod-active .cm-gutters") == []
    lab.end_kernels()
