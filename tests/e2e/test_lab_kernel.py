"""JupyterLab: what the explorer still does while its kernel is busy, and after it has gone."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

MODEL = """\
%load_ext tsviz
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
WAIT = "open('turnstile').read()  # until somebody writes"
CRASH = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


@pytest.fixture
def notebook(watched: Watched, lab: JupyterServer) -> Iterator[Notebook]:
    write_notebook(lab.root / "kernel.ipynb", [MODEL, EXPLORE, WAIT, CRASH])
    notebook = Notebook(watched.page, lab, "kernel.ipynb").open()
    notebook.run("cell-1")
    notebook.run("cell-2")
    yield notebook
    lab.end_kernels()


@pytest.fixture
def release(lab: JupyterServer) -> Iterator[Callable[[], None]]:
    """Lets the waiting cell end."""
    turnstile = lab.root / "turnstile"
    os.mkfifo(turnstile)
    yield lambda: Path(turnstile).write_text("go")
    turnstile.unlink()


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


def test_a_busy_kernel_stops_nobody_from_exploring(notebook: Notebook, release: Callable[[], None]):
    notebook.explorer("cell-2")
    notebook.run("cell-3", wait=False)
    notebook.expect_kernel("busy")
    expect_it_still_explores(notebook.explorer("cell-2"))
    release()
    notebook.expect_kernel("idle")


def test_a_crashed_kernel_is_noticed_at_once(notebook: Notebook):
    notebook.explorer("cell-2")
    notebook.run("cell-4", wait=False)
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    explorer = notebook.explorer("cell-2")
    expect_it_says_that_the_kernel_has_gone(explorer)
    expect_it_still_explores(explorer)


def test_a_restarted_kernel_is_noticed_at_once(notebook: Notebook):
    explorer = notebook.explorer("cell-2")
    kernel = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    notebook.page.evaluate(f"() => {kernel}.restart()")
    expect_it_says_that_the_kernel_has_gone(explorer)
    expect_it_still_explores(explorer)


def test_a_kernel_that_was_shut_down_is_noticed_when_it_is_asked(notebook: Notebook):
    explorer = notebook.explorer("cell-2")
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    explorer.root.get_by_role("button", name="Save HTML").click()
    expect_it_says_that_the_kernel_has_gone(explorer)
    expect_it_still_explores(explorer)


def expect_it_says_that_the_kernel_has_gone(explorer: Explorer) -> None:
    expect(explorer.root).to_contain_text("the kernel has gone; run the cell again")
    save = explorer.root.get_by_role("button", name="Save HTML")
    expect(save).to_have_attribute("aria-disabled", "true")
