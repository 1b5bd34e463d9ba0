"""JupyterLab with the kernel "Python 3 (tsdebug)": a cell that TorchScript ended."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook
from tests.kernel.test_kernel import MODEL

NAME = "errors.ipynb"
CELLS = {"model": MODEL, "call": "net(x)", "mortem": "%tsdebug"}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS, kernel="tsdebug")
    opened = Notebook(shared.page, lab, NAME).open()
    for cell in CELLS:
        opened.run(cell)
    return opened


@pytest.fixture
def shown(opened: Notebook, pictured: Watched) -> Locator:
    return opened.output("mortem")


def test_the_users_line_stands_below_the_traceback(opened: Notebook, pictured: Watched):
    traceback, line = opened.output("call").all()
    expect(traceback).to_contain_text("RuntimeError")
    expect(line).to_contain_text("a matrix of 5 columns cannot be multiplied by one of 3 rows")
    expect(line).to_contain_text("10 |         return self.linear(x).relu()")


def test_the_post_mortem_shows_the_node(opened: Notebook, shown: Locator):
    expect(shown).to_contain_text("--> Cell 1:10:16 (called from Cell 2:1:1)")
    expect(shown).to_contain_text("aten::linear(%x.1, %weight, %bias), scope: linear")
    expect(shown).to_contain_text("f32[4, 3]  linear.weight")
    opened.page.screenshot(path=RESULTS / "test_lab_errors-light.png")
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    opened.page.screenshot(path=RESULTS / "test_lab_errors-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
