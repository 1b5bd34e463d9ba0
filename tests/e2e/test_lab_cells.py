"""JupyterLab: lines of cells and nodes of explorers, the side panel, and commands on notebooks."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

MODEL = """\
import torch

class Gate(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x):
        y = self.linear(x)
        return y.relu() + x

gate = Gate().eval()
x = torch.ones(2, 4)"""
CELLS = {"load": "%load_ext tsviz", "model": MODEL, "explore": "%tsdebug gate(x)"}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / "cells.ipynb", CELLS)
    notebook = Notebook(shared.page, lab, "cells.ipynb").open().run_all()
    notebook.explorer("explore")
    return notebook


@pytest.fixture
def notebook(opened: Notebook, shared: Watched, picture_name: str) -> Iterator[Notebook]:
    yield opened
    shared.keep(picture_name)


def line(notebook: Notebook, text: str) -> Locator:
    return notebook.page.locator(".jp-Notebook .cm-line").filter(has_text=text).first


def test_the_cursor_on_a_line_marks_its_nodes(notebook: Notebook):
    notebook.show("model")
    line(notebook, "return y.relu() + x").click()
    explorer = notebook.explorer("explore")
    expect(explorer.marked_boxes.filter(has_text="relu")).to_have_count(1)
    expect(explorer.marked_boxes.filter(has_text="add")).to_have_count(1)
    expect(explorer.marked_boxes.filter(has_text="linear")).to_have_count(0)


def test_a_selected_node_marks_its_line_in_the_cell(notebook: Notebook):
    explorer = notebook.explorer("explore")
    explorer.click("aten::relu")
    marked = notebook.page.locator(".tsv-cell-line")
    expect(marked).to_have_count(1)
    expect(marked).to_have_text("        return y.relu() + x")


def test_lines_say_how_many_nodes_they_have_until_they_are_edited(notebook: Notebook):
    notebook.show("model")
    counts = notebook.page.locator(".tsv-cell-count")
    expect(counts).to_have_count(2)
    assert counts.first.get_attribute("title") == "4 nodes"
    line(notebook, "x = torch.ones").click()
    notebook.page.keyboard.type("#")
    expect(counts).to_have_count(0)
    notebook.page.keyboard.press("Control+z")
    expect(counts).to_have_count(2)


def test_the_side_panel_lists_what_is_in_the_explorer_and_leads_to_it(notebook: Notebook):
    explorer = notebook.explorer("explore")
    explorer.graph.press("Escape")
    notebook.do("tsviz:show-side-panel")
    panel = notebook.page.get_by_role("region", name="TorchScript")
    expect(panel.get_by_role("heading", level=2)).to_have_text("Gate.forward")
    outline = panel.get_by_role("list", name="Outline")
    outline.get_by_role("button", name="linear").click()
    expect(explorer.marked_boxes.filter(has_text="linear").first).to_be_attached()
    breakpoints = panel.get_by_role("list", name="Breakpoints")
    expect(breakpoints).to_contain_text("none")
    explorer.open_drawer("Debug").get_by_role("button", name="Start").click()
    explorer.line("return y.relu() + x").get_by_title("Set a breakpoint").click()
    expect(breakpoints).to_contain_text(re.compile(r"Cell \d+:\d+\s*met 0 times"))
    notebook.page.screenshot(path=RESULTS / "test_lab_cells-side.png")


def test_go_to_line_puts_the_cursor_into_the_cell(notebook: Notebook):
    explorer = notebook.explorer("explore")
    explorer.click("aten::relu")
    notebook.do("tsviz:go-to-line")
    place = notebook.page.evaluate(
        """() => {
          const { activeCell } = jupyterapp.shell.currentWidget.content;
          return [activeCell.model.id, activeCell.editor.getCursorPosition().line];
        }"""
    )
    assert place == ["model", 9]


def test_go_to_line_opens_the_file_that_jupyter_has(watched: Watched, lab: JupyterServer):
    (lab.root / "gates.py").write_text(MODEL, encoding="utf-8")
    cells = {"load": "%load_ext tsviz\nfrom gates import gate, x", "explore": "%tsdebug gate(x)"}
    write_notebook(lab.root / "file.ipynb", cells)
    notebook = Notebook(watched.page, lab, "file.ipynb").open().run_all()
    notebook.explorer("explore").click("aten::relu")
    notebook.do("tsviz:go-to-line")
    at = watched.page.evaluate(
        """() => {
          const { context, content } = jupyterapp.shell.currentWidget;
          return [context.path, content.editor.getCursorPosition().line];
        }"""
    )
    assert at == ["gates.py", 9]
    (lab.root / "gates.py").write_text(MODEL + "  # edited", encoding="utf-8")
    watched.page.evaluate("() => jupyterapp.shell.currentWidget.dispose()")
    notebook.do("tsviz:go-to-line")
    said = watched.page.get_by_text("gates.py:10 is not the file that Jupyter has")
    expect(said.first).to_be_visible()


def test_a_command_explores_what_is_selected_without_the_extension_loaded(
    watched: Watched, lab: JupyterServer
):
    write_notebook(lab.root / "commands.ipynb", {"model": MODEL})
    notebook = Notebook(watched.page, lab, "commands.ipynb").open().run_all()
    expect(notebook.page.locator(".jp-InputPrompt").first).to_have_text("[1]:")
    notebook.page.evaluate("() => void jupyterapp.commands.execute('tsviz:explore')")
    dialog = notebook.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("gate(x)")
    dialog.get_by_role("button", name="Ok").click()
    expect(notebook.page.get_by_role("region", name="tsviz explorer")).to_be_visible()
    assert notebook.sources() == [MODEL, "%tsdebug gate(x)"]
    notebook.show("model")
    notebook.page.locator(".jp-Notebook .jp-CodeCell").first.click(button="right")
    offered = notebook.page.locator(".lm-Menu-item")
    expect(offered.filter(has_text="Explore what this cell compiles")).to_be_visible()
    notebook.page.keyboard.press("Escape")
    notebook.page.get_by_role("menuitem", name="Run", exact=True).click()
    offered.filter(has_text="TorchScript").hover()
    expect(offered.filter(has_text="Explain last error")).to_be_visible()
