"""JupyterLab: what the extension adds can be used by everybody, in both themes (axe-core)."""

import pytest
import torch
from playwright.sync_api import expect

from tests.e2e.accessible import violations
from tests.e2e.browsing import Watched
from tests.e2e.servers import JupyterServer
from tests.e2e.test_lab_files import Files, Gate

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
