"""JupyterLab: what a saved notebook shows, and how much an explorer adds to it."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Browser, expect

from tests.e2e.browsing import Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

MODEL = "%load_ext tsviz\nimport torch\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 4)).eval()"
EXPLORE = "%tsdebug model(torch.ones(2, 4))"
SUMMARY = "Sequential.forward · script ·"


@pytest.fixture
def notebook(watched: Watched, lab: JupyterServer) -> Iterator[Notebook]:
    """A notebook that was run and saved."""
    write_notebook(lab.root / "saved.ipynb", [MODEL, EXPLORE])
    notebook = Notebook(watched.page, lab, "saved.ipynb").open().run_all()
    notebook.explorer("cell-2")
    notebook.save()
    yield notebook
    lab.end_kernels()


def expect_picture(notebook: Notebook) -> None:
    output = notebook.output("cell-2")
    expect(output).to_contain_text(SUMMARY)
    expect(output).to_contain_text("Run this cell to explore")
    expect(output.get_by_role("img")).to_have_js_property("complete", True)
    assert output.get_by_role("img").evaluate("(image) => image.naturalWidth") > 0
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)


def test_reloading_with_a_live_kernel_brings_the_explorer_back(notebook: Notebook):
    explorer = notebook.open().explorer("cell-2")
    expect(explorer.boxes("aten::linear")).to_be_attached()
    explorer.click("aten::linear")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::linear")


def test_opened_with_a_new_kernel_there_is_a_picture_until_the_cell_runs(
    notebook: Notebook, lab: JupyterServer
):
    notebook.page.goto("about:blank")
    lab.end_kernels()
    notebook.page.add_init_script(REMEMBER_ERRORS)
    notebook.open()
    expect_picture(notebook)
    notebook.page.screenshot(path="test-results/test_lab_saved-picture.png")
    assert notebook.page.evaluate("globalThis.shownErrors") == 0
    notebook.run_all()
    notebook.explorer("cell-2")


REMEMBER_ERRORS = """
globalThis.shownErrors = 0;
new MutationObserver(() => {
  if (document.body?.textContent.includes("Error displaying widget")) globalThis.shownErrors++;
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def test_opened_without_a_kernel_there_is_a_picture(notebook: Notebook, lab: JupyterServer):
    notebook.page.goto("about:blank")
    lab.end_kernels()
    path = lab.root / notebook.name
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["metadata"] = {"kernelspec": {"name": "gone", "language": "cobol", "display_name": ""}}
    path.write_text(json.dumps(stored), encoding="utf-8")
    notebook.open_without_kernel()
    expect_picture(notebook)


def test_an_untrusted_notebook_shows_the_same_picture(notebook: Notebook, lab: JupyterServer):
    notebook.page.goto("about:blank")
    path = lab.root / notebook.name
    foreign = json.loads(path.read_text(encoding="utf-8"))
    foreign["cells"][0]["source"] = "# came by mail"
    path.write_text(json.dumps(foreign), encoding="utf-8")
    notebook.open()
    expect_picture(notebook)


def test_cleared_outputs_leave_nothing(notebook: Notebook):
    notebook.do("notebook:clear-all-cell-outputs")
    expect(notebook.page.get_by_role("region", name="tsviz explorer")).to_have_count(0)
    stored = json.loads(notebook.save())
    assert [cell["outputs"] for cell in stored["cells"]] == [[], []]
    assert "widgets" not in stored["metadata"]


def test_converted_to_html_it_shows_the_picture(
    notebook: Notebook, browser: Browser, tmp_path: Path
):
    html, _ = HTMLExporter().from_notebook_node(nbformat.reads(notebook.save(), as_version=4))
    (tmp_path / "converted.html").write_text(html, encoding="utf-8")
    plain = Watched(browser, java_script_enabled=False)  # the page's own scripts lie elsewhere
    plain.page.goto((tmp_path / "converted.html").as_uri())
    expect(plain.page.get_by_text(SUMMARY)).to_be_visible()
    expect(plain.page.get_by_role("img", name=SUMMARY)).to_be_visible()
    plain.keep("test_lab_saved-converted")
    plain.close()


LARGE = """\
%load_ext tsviz
import torch

def chain(x):
    for _ in range(12_500):
        x = x.relu() + 1
    return x

%tsdebug --via=trace chain(torch.ones(1))"""


def test_fifty_thousand_nodes_add_little_to_the_file(watched: Watched, lab: JupyterServer):
    before = write_notebook(lab.root / "large.ipynb", [LARGE]).stat().st_size
    notebook = Notebook(watched.page, lab, "large.ipynb").open().run_all()
    explorer = notebook.explorer("cell-1")
    expect(explorer.root.get_by_role("note").first).to_contain_text("50,000")
    assert len(notebook.save().encode()) - before <= 200_000
    lab.end_kernels()
