"""JupyterLab: the course from its tile, copied beside the user's files and opened."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.servers import JupyterServer

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))


def go(page: Page, lab: JupyterServer, folder: str) -> None:
    """Opens JupyterLab with its file browser at a folder."""
    page.goto(lab.address(f"lab/tree/{folder}"))
    page.wait_for_function("() => globalThis.jupyterapp?.restored.then(() => true)")
    expect(page.locator(".jp-BreadCrumbs")).to_contain_text(folder)


def start_course(page: Page) -> None:
    """By the tile of the launcher, as a user does."""
    page.evaluate("() => jupyterapp.commands.execute('launcher:create')")
    cards = page.locator(".jp-LauncherCard").filter(has_text="TorchScript course")
    cards.filter(visible=True).click()


def expect_open(page: Page, name: str) -> None:
    expect(page.locator(".jp-NotebookPanel").filter(visible=True)).to_be_visible()
    expect(page.locator(".lm-TabBar-tab.lm-mod-current")).to_contain_text([name])


def test_its_tile_copies_the_notebooks_and_opens_the_first(lab: JupyterServer, watched: Watched):
    page = watched.page
    (lab.root / "learning").mkdir()
    go(page, lab, "learning")
    start_course(page)
    expect(page.get_by_text("12 notebooks copied into learning/torchscript-course")).to_be_visible()
    expect_open(page, NAMES[0])
    page.screenshot(path=RESULTS / "test_lab_course-opened.png")
    made = lab.root / "learning" / "torchscript-course"
    assert {path.name: path.read_bytes() for path in made.glob("*.ipynb")} == {
        name: (NOTEBOOKS / name).read_bytes() for name in NAMES
    }
    lab.end_kernels()


def test_a_course_that_is_there_is_opened_as_it_is(lab: JupyterServer, watched: Watched):
    page = watched.page
    made = lab.root / "again" / "torchscript-course"
    made.mkdir(parents=True)
    notebook = json.loads((NOTEBOOKS / NAMES[0]).read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = ["# My own answers"]
    (made / NAMES[0]).write_text(json.dumps(notebook), encoding="utf-8")
    go(page, lab, "again")
    page.evaluate("() => jupyterapp.commands.execute('tsviz:course')")
    expect(page.get_by_text("11 notebooks copied into again/torchscript-course")).to_be_visible()
    expect_open(page, NAMES[0])
    expect(page.get_by_role("heading", name="My own answers")).to_be_visible()
    assert json.loads((made / NAMES[0]).read_text(encoding="utf-8")) == notebook
    lab.end_kernels()
