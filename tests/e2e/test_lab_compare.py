"""JupyterLab: the page of a comparison in a cell's output, with Lab's own colours."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook
from tests.magic.test_comparing import GATE

NAME = "compare.ipynb"
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn",
    "model": GATE,
    "compare": "%tsdebug --compare gate(torch.ones(2, 3))",
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    return Notebook(shared.page, lab, NAME).open().run_all()


@pytest.fixture
def output(opened: Notebook, pictured: Watched) -> Locator:
    page = opened.show("compare").locator(".jp-RenderedHTML")
    return page.filter(has_text="held against its Python code")


def test_the_page_is_in_the_cell(output: Locator):
    expect(output).to_contain_text("trace80 inputs tried; 1 proven")
    expect(output.locator("code").filter(has_text="Cell 2:3:12")).to_be_visible()
    expect(output.get_by_text("if x.sum() > 0:")).to_be_visible()


def test_the_script_unfolds(output: Locator):
    script = output.get_by_text("torch.testing.assert_close(")
    expect(script).to_be_hidden()
    output.get_by_text("this script shows it").click()
    expect(script).to_be_visible()
    keyword = output.locator("pre span").filter(has_text="import").first
    expect(keyword).to_have_css("color", "rgb(0, 128, 0)")
    output.page.screenshot(path=RESULTS / "test_lab_compare-light.png")


def test_dark_follows_jupyter(opened: Notebook, output: Locator):
    title = output.locator("strong").first
    light = title.evaluate("it => getComputedStyle(it).color")
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(title).not_to_have_css("color", light)
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    opened.page.screenshot(path=RESULTS / "test_lab_compare-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
    expect(title).to_have_css("color", light)
