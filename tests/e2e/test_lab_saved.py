"""JupyterLab: what a saved notebook shows, and how much an explorer adds to it."""

import json
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import expect

import tsviz
from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

CELLS = {
    "load": "%load_ext tsviz",
    "model": "import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 4)).eval()",
    "explore": "%tsdebug model(torch.ones(2, 4))",
}
SUMMARY = "Sequential.forward · script ·"


@pytest.fixture(scope="module")
def saved(shared: Watched, lab: JupyterServer) -> str:
    """The text of a notebook that was run and saved, and is open with its kernel."""
    write_notebook(lab.root / "live.ipynb", CELLS)
    notebook = Notebook(shared.page, lab, "live.ipynb").open().run_all()
    notebook.explorer("explore")
    return notebook.save()


@pytest.fixture
def notebook(watched: Watched, lab: JupyterServer, saved: str) -> Notebook:
    """The same as a file that no kernel knows."""
    (lab.root / "saved.ipynb").write_text(saved, encoding="utf-8")
    return Notebook(watched.page, lab, "saved.ipynb")


def expect_picture(notebook: Notebook) -> None:
    output = notebook.output("explore")
    expect(output).to_contain_text(SUMMARY)
    expect(output).to_contain_text("Run this cell to explore")
    expect(output.get_by_role("img")).to_have_js_property("complete", True)
    assert output.get_by_role("img").evaluate("(image) => image.naturalWidth") > 0
    expect(notebook.page.get_by_text("Error displaying widget")).to_have_count(0)


def test_reloading_with_a_live_kernel_brings_the_explorer_back(
    watched: Watched, lab: JupyterServer, saved: str
):
    assert SUMMARY in saved
    explorer = Notebook(watched.page, lab, "live.ipynb").open().explorer("explore")
    explorer.click("aten::linear")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::linear")


def test_opened_with_a_new_kernel_there_is_a_picture_until_the_cell_runs(notebook: Notebook):
    notebook.page.add_init_script(REMEMBER_ERRORS)
    notebook.open()
    expect_picture(notebook)
    notebook.page.screenshot(path=RESULTS / "test_lab_saved-picture.png")
    assert notebook.page.evaluate("globalThis.shownErrors") == 0
    notebook.run_all()
    notebook.explorer("explore")


REMEMBER_ERRORS = """
globalThis.shownErrors = 0;
new MutationObserver(() => {
  if (document.body?.textContent.includes("Error displaying widget")) globalThis.shownErrors++;
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def test_opened_without_a_kernel_there_is_a_picture(
    notebook: Notebook, lab: JupyterServer, saved: str
):
    notebook.page.goto("about:blank")
    lab.end_kernels()  # else its kernel would be taken up again
    foreign = json.loads(saved)
    foreign["metadata"] = {"kernelspec": {"name": "gone", "language": "cobol", "display_name": ""}}
    (lab.root / notebook.name).write_text(json.dumps(foreign), encoding="utf-8")
    notebook.open_without_kernel()
    expect_picture(notebook)


@pytest.mark.parametrize(
    "mark",
    [{"explorer": True}, {"explorer": True, "version": "99.0.0", "more": {"than": "is known"}}],
    ids=["older", "newer"],
)
def test_from_another_version_there_is_the_picture(
    notebook: Notebook, lab: JupyterServer, saved: str, mark: dict[str, object]
):
    stored = json.loads(saved)
    (output,) = stored["cells"][2]["outputs"]
    assert output["metadata"]["tsviz"] == {"explorer": True, "version": tsviz.__version__}
    output["metadata"]["tsviz"] = mark
    (lab.root / notebook.name).write_text(json.dumps(stored), encoding="utf-8")
    notebook.open()
    expect_picture(notebook)
    notebook.run_all()
    notebook.explorer("explore")


def test_an_untrusted_notebook_shows_the_same_picture(
    notebook: Notebook, lab: JupyterServer, saved: str
):
    foreign = json.loads(saved)
    foreign["cells"][0]["source"] = "# came by mail"
    (lab.root / notebook.name).write_text(json.dumps(foreign), encoding="utf-8")
    notebook.open()
    expect_picture(notebook)


def test_cleared_outputs_leave_nothing(notebook: Notebook):
    notebook.open()
    expect_picture(notebook)
    notebook.do("notebook:clear-all-cell-outputs")
    expect(notebook.page.get_by_text(SUMMARY)).to_have_count(0)
    stored = json.loads(notebook.save())
    assert [cell["outputs"] for cell in stored["cells"]] == [[], [], []]
    assert "widgets" not in stored["metadata"]


@pytest.mark.parametrize("watched", [{"java_script_enabled": False}], indirect=True)
def test_converted_to_html_it_shows_the_picture(watched: Watched, tmp_path: Path, saved: str):
    html, _ = HTMLExporter().from_notebook_node(nbformat.reads(saved, as_version=4))
    (tmp_path / "converted.html").write_text(html, encoding="utf-8")
    watched.page.goto((tmp_path / "converted.html").as_uri())  # its own scripts lie elsewhere
    expect(watched.page.get_by_text(SUMMARY)).to_be_visible()
    expect(watched.page.get_by_role("img", name=SUMMARY)).to_be_visible()


LARGE = """\
import torch

def chain(x):
    for _ in range(12_500):
        x = x.relu() + 1
    return x

%load_ext tsviz
%tsdebug --via=trace chain(torch.ones(1))"""


def test_fifty_thousand_nodes_add_little_to_the_file(watched: Watched, lab: JupyterServer):
    before = write_notebook(lab.root / "large.ipynb", {"chain": LARGE}).stat().st_size
    notebook = Notebook(watched.page, lab, "large.ipynb").open().run_all()
    explorer = notebook.explorer("chain")
    expect(explorer.root.get_by_role("note").first).to_contain_text("50,000")
    assert len(notebook.save().encode()) - before <= 200_000
