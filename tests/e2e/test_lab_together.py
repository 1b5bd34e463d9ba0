"""JupyterLab with jupyter-collaboration: two people have the same notebook or file open."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook
from tests.e2e.test_lab_files import Document, Files

CELLS = {
    "load": "%load_ext tsviz",
    "model": """\
import torch


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            x = x.relu()
        return x + 1


gate, x = Gate().eval(), torch.ones(2, 4)
asked = []""",
    "explore": """\
e = %tsdebug gate(x)
e.on_msg(lambda _, said, __: asked.append(said.get("kind") or said["type"]))
e""",
}
KEPT = {**CELLS, "explore": "%tsdebug --keep gate(x)"}
READING = {"hello", "asset", "document", "bye"}
"""What a view may ask by itself: what it is made of. None of it runs the user's code."""

ASK = """async (code) => {
  const { session } = jupyterapp.shell.currentWidget.context.sessionContext;
  const future = session.kernel.requestExecute({ code: "", user_expressions: { found: code } });
  const { content } = await future.done;
  return content.user_expressions.found.data["text/plain"];
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    with JupyterServer("lab", tmp_path_factory.mktemp("together"), together=True) as server:
        yield server


@pytest.fixture
def ada(browser: Browser, server: JupyterServer) -> Iterator[Watched]:
    watched = Watched(browser)
    yield watched
    watched.close()
    server.end_kernels()
    assert watched.offsite == []


@pytest.fixture
def bob(browser: Browser) -> Iterator[Watched]:
    watched = Watched(browser)
    yield watched
    watched.close()
    assert watched.offsite == []


COMMS = "len(__import__('comm').get_comm_manager().comms)"


def ask(page: Page, expression: str) -> object:
    """What the kernel of what is open says of an expression."""
    return json.loads(page.evaluate(ASK, f"__import__('json').dumps({expression})")[1:-1])


def expect_comms(page: Page, count: int) -> None:
    """A close goes over a connection of its own: the kernel may be asked before it has arrived."""
    found = [ask(page, COMMS)]
    while found[-1] != count and len(found) < 100:
        found.append(ask(page, COMMS))
    assert found[-1] == count


def expect_shared(page: Page) -> None:
    assert page.evaluate("() => jupyterapp.shell.currentWidget.context.model.collaborative")


def test_a_second_page_explores_and_what_runs_a_model_is_asked_once(
    ada: Watched, bob: Watched, server: JupyterServer
):
    write_notebook(server.root / "shared.ipynb", CELLS)
    hers = Notebook(ada.page, server, "shared.ipynb").open().run_all()
    first = hers.explorer("explore")
    expect_shared(ada.page)
    his = Notebook(bob.page, server, "shared.ipynb").open()
    second = his.explorer("explore")
    assert len(server.kernels()) == 1

    first.click("aten::relu")
    expect(first.marked_lines).to_contain_text("x.relu()")
    second.click("aten::add")  # what one selects is the business of nobody else
    expect(second.marked_lines).to_contain_text("x + 1")
    expect(first.marked_lines).to_contain_text("x.relu()")
    bob.page.screenshot(path=RESULTS / "test_lab_together-second.png")
    asked = ask(ada.page, "asked")
    assert isinstance(asked, list)
    assert set(asked) <= READING
    assert asked.count("document") == 2  # one a view

    first.graph.press("Escape")
    first.open_details()
    first.details.get_by_role("button", name="Run once").click()
    first.click("aten::relu")
    expect(first.details).to_contain_text("f32[2, 4]")
    asked = ask(ada.page, "asked")
    assert isinstance(asked, list)
    assert asked.count("observe") == 1
    assert asked.count("document") == 2

    expect_that_running_it_again_shows_both(hers, his)
    expect_that_one_leaves_and_the_other_stays(hers, his, server)


def expect_that_running_it_again_shows_both(hers: Notebook, his: Notebook) -> None:
    before = ask(hers.page, "(e.model_id, len(asked))")
    hers.run("explore")
    for notebook in (hers, his):
        explorer = notebook.explorer("explore")
        explorer.click("aten::relu")
        expect(explorer.marked_lines).to_contain_text("x.relu()")
    assert isinstance(before, list)
    assert ask(hers.page, "e.model_id") != before[0]
    asked = ask(hers.page, f"asked[{before[1]}:]")
    assert isinstance(asked, list)
    assert asked.count("document") == 2
    assert set(asked) <= READING


def expect_that_one_leaves_and_the_other_stays(
    hers: Notebook, his: Notebook, server: JupyterServer
) -> None:
    kernels = server.kernels()
    hers.do("application:close")
    assert server.kernels() == kernels
    explorer = his.explorer("explore")
    explorer.graph.press("Escape")
    explorer.open_details()
    explorer.details.get_by_role("button", name="Run once").click()
    explorer.click("aten::relu")
    expect(explorer.details).to_contain_text("f32[2, 4]")


def test_both_see_what_is_kept_once_the_kernel_has_gone(
    ada: Watched, bob: Watched, server: JupyterServer
):
    write_notebook(server.root / "later.ipynb", KEPT)
    Notebook(ada.page, server, "later.ipynb").open().run_all().explorer("explore")
    ada.page.goto("about:blank")
    server.end_kernels()
    for watched in (ada, bob):
        watched.page.goto(server.address("lab/tree/later.ipynb"), wait_until="commit")
    for watched in (ada, bob):
        output = Notebook(watched.page, server, "later.ipynb").wait().output("explore")
        expect(output.locator("iframe")).to_have_count(1)
        explorer = Explorer(watched.page, output.locator("iframe").content_frame.locator("body"))
        explorer.wait().click("aten::relu")
    watched.keep("test_lab_together-kept")


def test_a_file_has_one_kernel_until_the_last_page_closes_it(
    ada: Watched, bob: Watched, server: JupyterServer, tmp_path: Path
):
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU())
    torch.jit.trace(model, torch.ones(1, 4)).save(server.root / "gate.pt")
    hers = Files(ada.page, server).go().open("gate.pt")
    hers.explorer.wait().click("aten::relu")
    his = Files(bob.page, server).go().open("gate.pt")
    his.explorer.wait().click("aten::linear")
    expect(hers.explorer.details.get_by_role("heading", level=3)).to_have_text("aten::relu")
    assert len(server.kernels()) == 1
    assert ask(ada.page, COMMS) == 2

    close = "() => jupyterapp.commands.execute('application:close')"
    ada.page.evaluate(close)
    expect_still_there(his)
    expect_comms(bob.page, 1)
    with bob.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        bob.page.evaluate(close)
    assert server.kernels() == []


def expect_still_there(document: Document) -> None:
    """It asks its kernel for something."""
    explorer = document.explorer
    with explorer.page.expect_download():
        explorer.root.get_by_role("button", name="Save HTML").click()
