"""JupyterLab whose server has a content security policy, and a browser that blocks storage.

JupyterLab itself needs `'unsafe-eval'` and inline styles; what is forbidden here is the rest.
"""

from pathlib import Path

import pytest
import torch
from playwright.sync_api import expect

from tests.e2e.browsing import BLOCK_STORAGE, RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

CELLS = {
    "load": "%load_ext tsviz",
    "model": "import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 4)).eval()",
    "explore": "%tsdebug model(torch.ones(2, 4))",
}
BASE = (
    "default-src 'self'; connect-src 'self' ws: wss: data:; img-src 'self' data: blob:; "
    "font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
)
STRICT = f"{BASE}script-src 'self' 'unsafe-eval' blob:; worker-src blob:"
NO_WORKERS = f"{BASE}script-src 'self' 'unsafe-eval' blob:; worker-src 'none'"
NO_BLOBS = f"{BASE}script-src 'self' 'unsafe-eval'; worker-src blob:"


@pytest.fixture
def strict(request: pytest.FixtureRequest, tmp_path: Path):
    """A server with the policy of the test, a notebook and a model file."""
    policy = {"Content-Security-Policy": request.param}
    with JupyterServer("lab", tmp_path, headers=policy) as server:
        torch.jit.script(torch.nn.Linear(2, 2)).save(server.root / "linear.pt")
        write_notebook(server.root / "strict.ipynb", CELLS)
        yield server


def expect_refused(watched: Watched, *words: str) -> None:
    """Nothing was refused but what `words` name, and JupyterLab's own inline script."""
    known = ("Executing inline script", *words)
    assert [text for text in watched.errors if not text.startswith(known)] == []


def expect_document(notebook: Notebook) -> Explorer:
    """Opens the model file."""
    notebook.page.evaluate(
        "() => void jupyterapp.commands.execute('docmanager:open', { path: 'linear.pt' })"
    )
    explorer = Explorer(notebook.page, notebook.page.locator(".tsv-document")).wait()
    expect(explorer.boxes("aten::linear").first).to_be_attached()
    return explorer


def expect_simpler(explorer: Explorer) -> None:
    expect(explorer.picture.get_by_role("status")).to_have_text(
        "shown in a simpler arrangement: this page's content security policy forbids workers; "
        "it would have to say `worker-src blob:`"
    )


@pytest.mark.parametrize("strict", [STRICT], indirect=True)
def test_no_inline_script_is_needed(strict: JupyterServer, watched: Watched):
    notebook = Notebook(watched.page, strict, "strict.ipynb").open().run_all()
    explorer = notebook.explorer("explore")
    explorer.click("aten::linear")
    expect(explorer.root).to_have_css("display", "flex")  # its style has arrived
    expect(explorer.picture.get_by_role("status")).to_be_hidden()
    drawer = explorer.open_drawer("Profile")
    drawer.get_by_role("spinbutton", name="runs", exact=True).fill("4")
    drawer.get_by_role("button", name="Measure").click()
    expect(drawer.get_by_role("application")).to_have_attribute("data-drawn", "true")
    expect_document(notebook)
    expect_refused(watched)


@pytest.mark.parametrize("strict", [NO_WORKERS], indirect=True)
def test_without_workers_it_says_what_to_allow(strict: JupyterServer, watched: Watched):
    notebook = Notebook(watched.page, strict, "strict.ipynb").open().run_all()
    expect_simpler(notebook.explorer("explore"))
    expect_simpler(expect_document(notebook))
    watched.page.screenshot(path=RESULTS / "test_lab_policy-no-workers.png")
    expect_refused(watched, "Creating a worker from 'blob:")


@pytest.mark.parametrize("strict", [NO_BLOBS], indirect=True)
def test_without_scripts_from_blobs_it_says_what_to_allow(strict: JupyterServer, watched: Watched):
    notebook = Notebook(watched.page, strict, "strict.ipynb").open().run_all()
    said = watched.page.get_by_text("Explorers in cells need `blob:` in the `script-src`")
    expect(said).to_be_visible()
    watched.page.screenshot(path=RESULTS / "test_lab_policy-no-blobs.png")
    expect_document(notebook).click("aten::linear")


def test_with_storage_blocked_cells_and_documents_work(lab: JupyterServer, watched: Watched):
    """JupyterLab itself does not start without `localStorage`: it is taken away after that."""
    torch.jit.script(torch.nn.Linear(2, 2)).save(lab.root / "linear.pt")
    write_notebook(lab.root / "blocked.ipynb", CELLS)
    notebook = Notebook(watched.page, lab, "blocked.ipynb").open()
    watched.page.evaluate(BLOCK_STORAGE)
    notebook.run_all()
    explorer = notebook.explorer("explore")
    explorer.click("aten::linear")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::linear")
    expect_document(notebook).click("aten::linear")
    assert [text for text in watched.errors if "tsviz" in text] == []
    lab.end_kernels()
