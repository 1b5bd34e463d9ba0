"""JupyterLab: the quick start's explorers, live, beside cells."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer

NAME = "00_quick_start.ipynb"


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    shutil.copy(Path(__file__).parents[2] / "notebooks" / NAME, lab.root)
    return Notebook(shared.page, lab, NAME).open().run_all()


@pytest.fixture
def notebook(opened: Notebook, pictured: Watched) -> Notebook:
    return opened


@pytest.fixture
def explorer(notebook: Notebook) -> Explorer:
    """The first explorer, with nothing selected."""
    explorer = notebook.explorer("model")
    explorer.close_details()
    explorer.graph.press("Escape")
    return explorer


def test_the_explorer_opens_in_the_cell(explorer: Explorer, pictured: Watched):
    expect(explorer.boxes("backbone")).to_be_attached()
    expect(explorer.drawn(explorer.boxes("backbone"))).to_be_visible()
    expect(explorer.line("scores = torch.sigmoid(")).to_be_visible()
    assert pictured.errors == []


def test_nodes_and_lines_are_linked(explorer: Explorer):
    explorer.click("aten::sigmoid")
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::sigmoid")
    explorer.line("likely = scores > self.threshold").click()
    expect(explorer.marked_boxes.filter(has_text="gt")).to_have_count(1)


def test_scopes_fold_and_search_finds(explorer: Explorer):
    explorer.search.fill("backbone")
    explorer.search.press("Enter")
    explorer.page.keyboard.press("o")
    expect(explorer.boxes("backbone")).to_have_attribute("aria-expanded", "true")
    explorer.page.keyboard.press("o")
    expect(explorer.boxes("backbone")).to_have_attribute("aria-expanded", "false")


def test_a_model_from_a_cell_leads_to_the_cell(notebook: Notebook):
    explorer = notebook.explorer("cell-explore")
    expect(explorer.source.get_by_role("tab", selected=True)).to_have_text("Cell 4")
    explorer.click("aten::relu")
    expect(explorer.marked_lines).to_have_attribute("data-line", "12")
    expect(explorer.marked_lines).to_contain_text("y = y.relu()")


def test_shapes_come_from_one_run_and_the_page_can_be_saved(explorer: Explorer, tmp_path: Path):
    explorer.open_details()
    explorer.details.get_by_role("button", name="Run once").click()
    expect(explorer.details).to_contain_text("from one run with the example inputs")
    explorer.click("aten::sigmoid")
    expect(explorer.details).to_contain_text("f32[1, 1, 8, 8]")
    with explorer.page.expect_download() as download:
        explorer.root.get_by_role("button", name="Save HTML").click()
    assert download.value.suggested_filename == "Detector-script.html"
    download.value.save_as(tmp_path / "saved.html")
    page = explorer.page.context.new_page()
    page.goto((tmp_path / "saved.html").as_uri())
    saved = Explorer(page).wait()
    saved.click("aten::sigmoid")
    expect(saved.details).to_contain_text("f32[1, 1, 8, 8]")


def test_keys_typed_into_the_graph_are_not_the_notebooks(notebook: Notebook, explorer: Explorer):
    before = notebook.sources()
    explorer.graph.click(position={"x": 5, "y": 200})
    expect(explorer.graph).to_be_focused()
    explorer.page.keyboard.type("ddxo00")
    expect(explorer.page.get_by_role("dialog")).to_have_count(0)  # `0 0` asks to restart
    assert notebook.sources() == before
    assert notebook.is_kernel_idle()
    explorer.page.keyboard.press("Escape")
    explorer.page.keyboard.press("Escape")
    expect(explorer.page.locator(".jp-Cell:focus")).to_have_count(1)


def test_the_wheel_scrolls_the_notebook_and_zooms_with_ctrl(explorer: Explorer):
    page, graph = explorer.page, explorer.graph
    camera = explorer.root.locator(".tsv-svg > g")
    graph.hover()
    top, view = graph.bounding_box(), camera.get_attribute("transform")
    page.mouse.wheel(0, 120)
    page.wait_for_function(
        "([element, top]) => element.getBoundingClientRect().top < top",
        arg=[graph.element_handle(), top and top["y"]],
    )
    assert camera.get_attribute("transform") == view
    graph.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, 120)
    page.keyboard.up("Control")
    expect(camera).not_to_have_attribute("transform", view or "")


def test_dark_follows_jupyter(notebook: Notebook, explorer: Explorer):
    explorer.click("aten::sigmoid")
    notebook.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    explorer.page.screenshot(path=RESULTS / "test_lab-dark.png")
    notebook.do("apputils:change-theme", theme="JupyterLab Light")
    expect(explorer.root).to_have_attribute("data-theme", "light")


def test_passes_are_recorded_in_the_kernel(explorer: Explorer, pictured: Watched):
    """A live one: the kernel warms a copy up, and its snapshots come over the wire."""
    explorer.root.get_by_role("button", name="Passes", exact=True).click()
    drawer = explorer.root.get_by_role("region", name="Passes", exact=True)
    drawer.get_by_role("combobox", name="Pipeline").select_option("freeze")
    drawer.get_by_role("button", name="Record").click()
    steps = drawer.get_by_role("tree", name="Steps").get_by_role("treeitem")
    expect(steps.filter(has_text="PropagateAttributes")).to_have_count(1)
    steps.last.click()
    expect(steps.last).to_have_attribute("aria-selected", "true")
    expect(explorer.boxes("aten::sigmoid")).to_be_attached()
    before = explorer.root.get_by_role("region", name="Graph before", exact=True)
    drawer.get_by_role("button", name="Split").click()
    expect(before.get_by_role("treeitem", name="aten::sigmoid")).to_be_attached()
    explorer.page.screenshot(path=RESULTS / "test_lab-split.png")
    drawer.get_by_role("button", name="Split").click()
    expect(before).to_be_hidden()
    steps.first.click()
    drawer.get_by_role("button", name="Close passes").click()
    expect(drawer).to_be_hidden()
    assert pictured.errors == []
