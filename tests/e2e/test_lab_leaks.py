"""JupyterLab: an explorer that was closed leaves nothing behind, in browser and kernel."""

import pytest
import torch
from playwright.sync_api import CDPSession, Page, expect

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.servers import JupyterServer
from tests.e2e.test_lab_files import Document, Files

TIMES = 50
WARM = 5
"""What is made once and kept (caches, the engine's script) is there after so many."""


@pytest.fixture
def document(lab: JupyterServer, watched: Watched) -> Document:
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU())
    program = tsviz.capture(torch.jit.trace(model, torch.ones(1, 4)))
    tsviz.save(program, lab.root / "kept.tsviz")
    return Files(watched.page, lab).go().open("kept.tsviz")


def reload(page: Page, document: Document, times: int) -> None:
    """Closes the explorer and opens it anew, each time until there is a picture."""
    root = document.explorer.wait().root
    for _ in range(times):
        root.evaluate("(element) => element.dataset.old = 'yes'")
        page.evaluate("() => jupyterapp.shell.currentWidget.content.reload()")
        expect(root).not_to_have_attribute("data-old", "yes")
        document.explorer.wait()


def in_browser(session: CDPSession, page: Page) -> dict[str, float]:
    session.send("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    names = ("Nodes", "JSEventListeners", "JSHeapUsedSize", "Documents")
    return {**{name: found[name] for name in names}, "workers": len(page.workers)}


def expect_in_kernel(page: Page, expected: dict[str, int]) -> None:
    """How many of what an explorer has there are, once the last close has arrived."""
    found = [in_kernel(page)]
    while found[-1] != expected and len(found) < 100:
        found.append(in_kernel(page))
    assert found[-1] == expected


def in_kernel(page: Page) -> dict[str, int]:
    numbers = [int(number) for number in page.evaluate(COUNT, COUNTS).strip("()").split(", ")]
    return dict(zip(("sessions", "programs", "comms"), numbers, strict=True))


ONE = {"sessions": 1, "programs": 1, "comms": 1}


COUNT = """async (code) => {
  const { session } = jupyterapp.shell.currentWidget.context.sessionContext;
  const future = session.kernel.requestExecute({ code: "", user_expressions: { found: code } });
  const { content } = await future.done;
  return content.user_expressions.found.data["text/plain"];
}"""
COUNTS = """(lambda gc, kinds: (gc.collect() * 0 + sum(
  type(one).__name__ == "Session" and type(one).__module__ == "tsviz.session"
  for one in gc.get_objects()), sum(type(one).__name__ == "Program" for one in gc.get_objects()),
  len(kinds.get_comm_manager().comms)))(__import__("gc"), __import__("comm"))"""


def test_fifty_explorers_leave_what_the_first_ones_left(document: Document, watched: Watched):
    page = watched.page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    reload(page, document, WARM)
    expect_in_kernel(page, ONE)
    browser = in_browser(session, page)
    reload(page, document, TIMES)
    expect_in_kernel(page, ONE)
    after = in_browser(session, page)
    assert after["workers"] == browser["workers"]
    grown = {name: after[name] / browser[name] for name in browser}
    assert {name: ratio for name, ratio in grown.items() if ratio > 1.1} == {}
