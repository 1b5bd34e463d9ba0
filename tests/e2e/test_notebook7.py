"""Notebook 7: the same explorer in the plainer front end."""

from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import WAIT, Notebook
from tests.e2e.servers import JupyterServer, write_notebook
from tests.e2e.test_lab_kernel import (
    EXPLORE,
    MODEL,
    expect_a_request_that_waits_to_be_cancelled,
    expect_shapes,
)
from tests.e2e.test_lab_margin import MODEL as ROUTER
from tests.e2e.test_lab_margin import Margin

CELLS = {"load": "%load_ext tsviz", "model": MODEL, "explore": EXPLORE}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer("notebook", tmp_path_factory.mktemp("notebook")) as server:
        yield server


def test_the_explorer_opens_links_and_survives_a_reload(server: JupyterServer, watched: Watched):
    write_notebook(server.root / "seven.ipynb", CELLS)
    notebook = Notebook(watched.page, server, "seven.ipynb", "notebook").open()
    before = list(watched.errors)  # its own
    explorer = notebook.run_all().explorer("explore")
    explorer.click("aten::relu")
    expect(explorer.marked_lines).to_contain_text("y = y.relu()")
    explorer.line("y = self.linear(x)").click()
    expect(explorer.marked_boxes.first).to_contain_text("linear")
    assert watched.errors == before
    notebook.save()
    notebook.open().explorer("explore")
    server.end_kernels()
    output = notebook.open().output("explore")
    expect(output).to_contain_text("Run this cell to explore")
    expect(output.get_by_role("img")).to_be_visible()


def test_a_busy_kernel_is_waited_for(server: JupyterServer, watched: Watched):
    write_notebook(server.root / "busy.ipynb", {**CELLS, "wait": WAIT})
    notebook = Notebook(watched.page, server, "busy.ipynb", "notebook").open()
    for cell in CELLS:
        notebook.run(cell)
    explorer = notebook.explorer("explore")
    with notebook.busy("wait"):
        notebook.show("explore")
        explorer.open_details()
        expect_a_request_that_waits_to_be_cancelled(explorer)
    expect_shapes(explorer)
    server.end_kernels()


def test_a_model_file_opens_in_a_page_of_its_own(server: JupyterServer, watched: Watched):
    torch.jit.script(torch.nn.Linear(2, 2)).save(server.root / "linear.pt")
    watched.page.goto(server.address("tree"))
    with watched.context.expect_page() as opened:
        watched.page.locator(".jp-DirListing-item").filter(has_text="linear.pt").dblclick()
    explorer = Explorer(opened.value).wait()
    expect(explorer.boxes("aten::linear").first).to_be_attached()
    opened.value.screenshot(path=RESULTS / "test_notebook7-file.png")
    server.end_kernels()


def test_cells_and_nodes_are_linked(server: JupyterServer, watched: Watched):
    write_notebook(server.root / "linked.ipynb", CELLS)
    notebook = Notebook(watched.page, server, "linked.ipynb", "notebook").open().run_all()
    notebook.explorer("explore").click("aten::relu")
    expect(watched.page.locator(".tsv-cell-line")).to_contain_text("y = y.relu()")
    server.end_kernels()


def test_margin_panel_and_commands(server: JupyterServer, watched: Watched):
    cells = {"load": "%load_ext tsviz", "model": ROUTER, "explore": "%tsdebug router(x)"}
    write_notebook(server.root / "margin.ipynb", cells)
    notebook = Notebook(watched.page, server, "margin.ipynb", "notebook").open().run_all()
    explorer = notebook.explorer("explore")
    margin = Margin(notebook)
    notebook.show("model")
    margin.beside("return y.relu()", ".tsv-cell-break").click()
    expect(margin.breakpoints).to_have_count(1)
    margin.line("y = self.short(x)").click()
    watched.page.keyboard.press("Control+Alt+b")
    expect(margin.breakpoints).to_have_count(2)
    notebook.do("tsviz:show-side-panel")
    panel = watched.page.get_by_role("region", name="TorchScript")
    expect(panel.get_by_role("heading", level=2)).to_have_text("Router.forward")
    expect(panel.get_by_role("list", name="Breakpoints").get_by_role("button")).to_have_count(2)
    notebook.do("tsviz:profile")
    notebook.show("explore")
    drawer = explorer.root.get_by_role("region", name="Profile", exact=True)
    drawer.get_by_role("button", name="Measure").click()
    notebook.show("model")
    line = margin.beside("y = self.short(x)", ".tsv-cell-time")
    expect(line).to_contain_text("%")
    watched.page.screenshot(path=RESULTS / "test_notebook7-margin.png")
    server.end_kernels()
