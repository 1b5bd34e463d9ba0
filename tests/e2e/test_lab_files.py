"""JupyterLab: model files opened from the file browser, read by a kernel beside them."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer
from tests.e2e.servers import JupyterServer


class Files:
    """The file browser of a JupyterLab, and the documents opened from it.

    Args:
        page: a page of JupyterLab.
        lab: its server.
    """

    def __init__(self, page: Page, lab: JupyterServer) -> None:
        self.page = page
        self.lab = lab
        self.asked: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))

    def go(self) -> "Files":
        self.page.goto(self.lab.address("lab"))
        return self.wait()

    def wait(self) -> "Files":
        self.page.wait_for_function("() => globalThis.jupyterapp?.restored.then(() => true)")
        return self

    def item(self, name: str) -> Locator:
        return self.page.locator(".jp-DirListing-item").filter(has_text=name)

    def open(self, name: str) -> "Document":
        """Opens a file as a double click does."""
        self.item(name).dblclick()
        return self.document(name)

    def document(self, name: str) -> "Document":
        expect(self.page.locator(".lm-TabBar-tab.lm-mod-current")).to_contain_text([name])
        return Document(self.page)


class Document:
    """The file that is looked at."""

    def __init__(self, page: Page) -> None:
        self.root = page.locator(".tsv-document").filter(visible=True)
        self.explorer = Explorer(page, self.root)
        self.alert = self.root.get_by_role("alert")
        self.toolbar = page.locator(".jp-Document").filter(has=self.root).get_by_role("toolbar")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "gate.pt"
    torch.jit.script(Gate().eval()).save(path)
    return path


class Gate(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.linear(x)
        if bool(y.sum() > 0):
            y = y.relu()
        return y + x


@pytest.fixture
def files(lab: JupyterServer, watched: Watched, model: Path) -> Iterator[Files]:
    shutil.copy(model, lab.root / "gate.pt")
    yield Files(watched.page, lab).go()
    lab.end_kernels()


def test_a_double_click_opens_the_explorer_and_downloads_nothing(files: Files, watched: Watched):
    before = list(watched.errors)
    document = files.open("gate.pt")
    explorer = document.explorer.wait()
    explorer.click("aten::relu")
    expect(explorer.marked_lines).to_contain_text("y = y.relu()")
    asked = [address for address in files.asked if "gate.pt" in address]
    assert asked
    assert not [url for url in asked if "content=1" in url or "/files/" in url]
    assert watched.errors == before
    assert not list(files.lab.root.rglob("*checkpoint.pt"))


def test_other_viewers_stay_possible(files: Files):
    files.item("gate.pt").click(button="right")
    offered = files.page.locator(".lm-Menu-item")
    offered.filter(has_text="Open With").hover()
    expect(offered.filter(has_text="TorchScript explorer")).to_be_visible()
    expect(offered.filter(has_text=re.compile("^Editor$"))).to_be_visible()


def test_after_a_reload_of_the_page_the_explorer_is_where_it_was(files: Files):
    files.open("gate.pt").explorer.wait()
    files.page.wait_for_function(SAVED, arg="tsviz:gate.pt")
    kernels = files.lab.kernels()
    files.page.goto(files.lab.url + "/lab")
    explorer = files.document("gate.pt").explorer.wait()
    expect(explorer.boxes("linear").first).to_be_attached()
    assert files.lab.kernels() == kernels


SAVED = """async (name) => {
  const answer = await fetch("/lab/api/workspaces/default");
  return answer.ok && (await answer.text()).includes(name);
}"""


def test_closing_the_document_ends_its_kernel(files: Files):
    files.open("gate.pt").explorer.wait()
    assert len(files.lab.kernels()) == 1
    with files.page.expect_response(lambda answer: answer.request.method == "DELETE"):
        files.page.evaluate("() => jupyterapp.commands.execute('application:close')")
    assert files.lab.kernels() == []


def test_a_file_that_changed_is_reloaded_and_compared_with_what_it_was(files: Files):
    document = files.open("gate.pt")
    document.explorer.wait()
    torch.jit.script(Smooth()).save(files.lab.root / "gate.pt")
    files.page.evaluate("() => jupyterapp.shell.activateById(jupyterapp.shell.currentWidget.id)")
    expect(document.alert).to_contain_text("gate.pt has changed on disk")
    document.alert.get_by_role("button", name="Reload and compare").click()
    expect(document.explorer.boxes("aten::sigmoid")).to_be_attached()
    note = document.explorer.root.get_by_role("note")
    expect(note.filter(has_text="against the version before: ")).to_be_visible()
    expect(document.explorer.root).to_contain_text("only the version before")
    expect(document.explorer.root).to_contain_text("only this version")
    expect(document.alert).to_have_count(0)


class Smooth(Gate):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x).sigmoid() + x


@pytest.mark.parametrize(
    ("size", "content", "words"),
    [
        (5 * 2**30, b"", "TSV-A04: expected a TorchScript archive"),
        (0, b"", "TSV-A03: expected an archive"),
        (0, b"hello", "TSV-A04: expected a TorchScript archive"),
    ],
    ids=["five gigabytes", "empty", "text"],
)
def test_what_is_no_model_is_said(files: Files, size: int, content: bytes, words: str):
    with (files.lab.root / "wrong.pt").open("wb") as file:
        file.write(content)
        file.truncate(max(size, len(content)))
    document = files.open("wrong.pt")
    expect(document.alert).to_contain_text(words)
    expect(document.alert.get_by_role("button", name="Try again")).to_be_visible()
    (files.lab.root / "wrong.pt").unlink()


def test_a_kernel_without_tsviz_is_said_and_another_one_helps(files: Files):
    files.lab.add_kernel("bare", sys.executable, ("-c", WITHOUT_TSVIZ))
    document = files.open("gate.pt")
    document.explorer.wait()
    files.page.evaluate(CHANGE_KERNEL, "bare")
    expect(document.alert).to_contain_text("tsviz is not installed where the kernel `bare` runs")
    expect(document.alert).to_contain_text("%pip install tsviz==")
    files.page.evaluate(CHANGE_KERNEL, "python3")
    expect(document.explorer.wait().boxes("linear").first).to_be_attached()


CHANGE_KERNEL = """(name) => {
  const { sessionContext } = jupyterapp.shell.currentWidget.context;
  return sessionContext.changeKernel({ name }).then(() => undefined);
}"""
WITHOUT_TSVIZ = """
import sys

class Hides:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "tsviz":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hides)
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""


def test_a_kernel_that_dies_is_asked_anew_and_one_that_is_gone_can_be_started(files: Files):
    document = files.open("gate.pt")
    root = document.explorer.wait().root
    root.evaluate("(element) => element.dataset.old = 'yes'")
    files.page.evaluate(EXECUTE, "import os; os._exit(1)")
    expect(root).not_to_have_attribute("data-old", "yes")  # mounted anew
    document.explorer.wait()
    files.page.evaluate("() => jupyterapp.shell.currentWidget.context.sessionContext.shutdown()")
    expect(document.alert).to_contain_text("none is running")
    expect(document.explorer.boxes("linear").first).to_be_attached()  # it can still be read
    document.alert.get_by_role("button", name="Try again").click()
    expect(document.alert).to_have_count(0)
    document.explorer.wait().click("aten::relu")


EXECUTE = """(code) => {
  const { session } = jupyterapp.shell.currentWidget.context.sessionContext;
  session.kernel.requestExecute({ code });
}"""


def test_two_files_are_compared(files: Files):
    torch.jit.script(Smooth()).save(files.lab.root / "smooth.pt")
    files.item("gate.pt").click()
    files.item("smooth.pt").click(modifiers=["Control"])
    files.item("smooth.pt").click(button="right")
    files.page.locator(".lm-Menu-item").filter(has_text="Compare").first.click()
    document = files.document("gate.pt")
    expect(document.explorer.wait().root).to_contain_text("only smooth.pt")
    note = document.explorer.root.get_by_role("note")
    expect(note.filter(has_text="against smooth.pt: ")).to_be_visible()
    (files.lab.root / "smooth.pt").unlink()


def test_a_file_that_would_run_code_is_loaded_on_the_users_word_alone(files: Files):
    document = files.open("gate.pt")
    document.explorer.wait()
    debug = document.explorer.root.get_by_role("button", name="Debug", exact=True)
    expect(debug).to_have_attribute("aria-disabled", "true")
    document.toolbar.get_by_role("button", name="Load and run").click()
    dialog = files.page.get_by_role("dialog")
    expect(dialog).to_contain_text("runs whatever code it holds")
    dialog.get_by_role("button", name="Load and run").click()
    drawer = document.explorer.open_drawer("Passes")
    drawer.get_by_role("combobox", name="Pipeline").select_option("freeze")
    drawer.get_by_role("button", name="Record").click()
    steps = drawer.get_by_role("tree", name="Steps").get_by_role("treeitem")
    expect(steps.filter(has_text="PropagateAttributes")).to_have_count(1)


def test_a_kernel_with_another_version_is_said(files: Files):
    files.lab.add_kernel("other", sys.executable, ("-c", OTHER_VERSION))
    document = files.open("gate.pt")
    document.explorer.wait()
    files.page.evaluate(CHANGE_KERNEL, "other")
    said = document.root.get_by_text("the kernel has tsviz 0.0.9, JupyterLab's extension")
    expect(said).to_be_visible()
    expect(document.explorer.boxes("linear").first).to_be_attached()


OTHER_VERSION = """
import tsviz
tsviz.__version__ = "0.0.9"
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""


def test_settings_choose_the_kernel_and_how_much_is_unfolded(files: Files):
    files.lab.set("tsviz/settings", {"kernel": "python3", "depth": 1})
    document = files.go().open("gate.pt")
    expect(document.toolbar.get_by_role("button", name="Python 3 (ipykernel)")).to_be_visible()
    linear = document.explorer.wait().boxes("linear").first
    expect(linear).to_have_attribute("aria-expanded", "false")
    files.lab.set("tsviz/settings", {})
