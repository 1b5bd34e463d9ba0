"""JupyterLab: what the explorer still does while its kernel is busy, and after it has gone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import WAIT, Notebook
from tests.e2e.servers import JupyterServer, write_notebook

MODEL = """\
import torch


class Gate(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x):
        y = self.linear(x)
        if y.sum() > 0:
            y = y.relu()
        return y + x


gate = Gate().eval()"""
EXPLORE = "%tsdebug gate(torch.ones(2, 4))"
CELLS = {
    "load": "%load_ext tsviz",
    "model": MODEL,
    "explore": EXPLORE,
    "wait": WAIT,
    "crash": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / "kernel.ipynb", CELLS)
    return Notebook(shared.page, lab, "kernel.ipynb").open()


@pytest.fixture
def notebook(opened: Notebook, pictured: Watched) -> Notebook:
    """The notebook with an explorer that its kernel knows and that has got its program."""
    for cell in ("load", "model", "explore"):
        opened.run(cell)
    expect(opened.explorer("explore").boxes("linear").first).to_be_attached()
    return opened


def expect_it_still_explores(explorer: Explorer) -> None:
    """Folds, searches, links and hovers, all without a kernel."""
    explorer.click("linear")
    explorer.page.keyboard.press("o")
    expect(explorer.boxes("linear").first).to_have_attribute("aria-expanded", "false")
    explorer.search.fill("relu")
    explorer.search.press("Enter")
    expect(explorer.marked_lines).to_contain_text("y = y.relu()")
    explorer.root.get_by_role("tab", name="IR").first.click()
    expect(explorer.marked_rows).to_contain_text("aten::relu")
    explorer.text.get_by_role("option").filter(has_text="aten::sum").click()
    explorer.open_details()
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::sum")
    explorer.root.get_by_role("tab", name="Source").first.click()
    expect(explorer.marked_lines).to_contain_text("if y.sum() > 0")


def test_a_busy_kernel_is_waited_for_and_only_for_what_needs_it(notebook: Notebook):
    explorer = notebook.explorer("explore")
    with notebook.busy("wait"):
        notebook.show("explore")
        expect_it_still_explores(explorer)
        expect_a_request_that_waits_to_be_cancelled(explorer)
        explorer.page.screenshot(path=RESULTS / "test_lab_kernel-waiting.png")
    expect_shapes(explorer)


def expect_a_request_that_waits_to_be_cancelled(explorer: Explorer) -> None:
    """Asks for shapes, takes that back, asks again, and leaves that to wait."""
    explorer.graph.press("Escape")
    run = explorer.details.get_by_role("button", name="Run once")
    job = explorer.root.get_by_role("status").filter(has_text="waiting for the running cell")
    run.click()
    expect(job).to_contain_text("running once with the example inputs")
    job.get_by_role("button", name="Cancel").click()
    expect(job).to_have_count(0)
    run.click()
    expect(job).to_have_count(1)


def expect_shapes(explorer: Explorer) -> None:
    explorer.click("aten::relu")
    expect(explorer.details).to_contain_text("f32[2, 4]")
    expect(explorer.root.get_by_role("status").filter(has_text="running")).to_have_count(0)


def test_a_crashed_kernel_is_noticed_at_once(notebook: Notebook):
    notebook.run("crash", wait=False)
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    explorer = notebook.explorer("explore")
    expect_it_says_that_the_kernel_has_gone(explorer)
    expect_it_still_explores(explorer)


def test_a_restarted_kernel_is_noticed_at_once(notebook: Notebook):
    explorer = notebook.explorer("explore")
    notebook.restart_kernel()
    expect_it_says_that_the_kernel_has_gone(explorer)
    expect_it_still_explores(explorer)


def test_a_kernel_that_was_shut_down_is_noticed_when_it_is_asked(notebook: Notebook):
    explorer = notebook.explorer("explore")
    notebook.shut_down_kernel()
    explorer.root.get_by_role("button", name="Save HTML").click()
    expect_it_says_that_the_kernel_has_gone(explorer)
    expect_it_still_explores(explorer)


def expect_it_says_that_the_kernel_has_gone(explorer: Explorer) -> None:
    expect(explorer.root).to_contain_text("the kernel has gone; run the cell again")
    save = explorer.root.get_by_role("button", name="Save HTML")
    expect(save).to_have_attribute("aria-disabled", "true")
