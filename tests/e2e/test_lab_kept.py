"""Explorers that a notebook keeps: they open without a kernel, in JupyterLab and in pages of it."""

import json
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.e2e.accessible import violations
from tests.e2e.browsing import LOCAL, RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

LIMIT = 2_000_000
MODEL = """\
import torch
import tsviz


class Gate(torch.nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            x = x.relu()
        return x + 1


gate, x = Gate(), torch.ones(2, 4)"""
CELLS = {
    "load": "%load_ext tsviz",
    "model": MODEL,
    "first": "%tsdebug --keep gate(x)",
    "second": "tsviz.explore(tsviz.run_passes(tsviz.capture(gate, (x,))), keep=True)",
    "plain": "%tsdebug gate(x)",
}
SUMMARY = "Gate.forward · script ·"
OPENS = "The explorer is kept here, too"


@pytest.fixture(scope="module")
def kept(shared: Watched, lab: JupyterServer) -> str:
    """The text of a notebook that was run and saved, and is open with its kernel."""
    write_notebook(lab.root / "keeping.ipynb", CELLS)
    notebook = Notebook(shared.page, lab, "keeping.ipynb").open().run_all()
    for cell in ("first", "second", "plain"):
        notebook.explorer(cell)
    return notebook.save()


@pytest.fixture
def notebook(watched: Watched, lab: JupyterServer, kept: str) -> Notebook:
    """The same as a file that no kernel knows."""
    lab.forget_theme()
    (lab.root / "kept.ipynb").write_text(kept, encoding="utf-8")
    return Notebook(watched.page, lab, "kept.ipynb")


def frame_in(output: Locator) -> FrameLocator:
    """The frame with the explorer, found by its name."""
    frame = output.locator("iframe")
    expect(frame).to_have_attribute("title", f"tsviz explorer: {title_in(output)}")
    return frame.content_frame


def title_in(output: Locator) -> str:
    return output.locator("script[data-title]").get_attribute("data-title") or ""


def kept_in(page: Page, output: Locator) -> Explorer:
    explorer = Explorer(page, frame_in(output).locator("body")).wait()
    assert title_in(output).startswith(SUMMARY)
    return explorer


def expect_it_explores(explorer: Explorer) -> None:
    explorer.click("aten::relu")
    expect(explorer.marked_lines).to_contain_text("x = x.relu()")
    explorer.search.fill("aten::sum")
    explorer.search.press("Enter")
    expect(explorer.marked_lines).to_contain_text("if x.sum() > 0")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::sum")
    save = explorer.root.get_by_role("button", name="Save HTML")
    expect(save).to_have_attribute("aria-disabled", "true")
    expect(save).to_have_attribute(
        "title", "this explorer was kept with its notebook; run the cell again to ask the kernel"
    )


def expect_picture(output: Locator) -> None:
    expect(output).to_contain_text(OPENS)
    expect(output.get_by_role("img", name=SUMMARY)).to_be_visible()
    assert output.get_by_role("img").evaluate("(image) => image.naturalWidth") > 0
    expect(output.locator("iframe")).to_have_count(0)


def test_the_live_explorer_wins(watched: Watched, lab: JupyterServer, kept: str):
    notebook = Notebook(watched.page, lab, "keeping.ipynb").open()
    notebook.explorer("first")
    expect(watched.page.locator("iframe[title^=tsviz]")).to_have_count(0)


def test_each_takes_as_much_of_the_file_as_is_allowed(kept: str):
    sizes = {}
    for cell in json.loads(kept)["cells"]:
        for output in cell["outputs"]:
            sizes[cell["id"]] = len(json.dumps(output, ensure_ascii=False).encode())
    assert 1_000_000 < sizes["first"] <= LIMIT
    assert 1_000_000 < sizes["second"] <= LIMIT
    assert sizes["plain"] <= 200_000


def test_without_its_kernel_it_opens_and_explores(notebook: Notebook, watched: Watched):
    page = notebook.open().page
    first = kept_in(page, notebook.output("first"))
    expect_it_explores(first)
    page.screenshot(path=RESULTS / "test_lab_kept-light.png")
    second = kept_in(page, notebook.output("second"))
    expect(second.marked_lines).to_have_count(0)
    second.open_drawer("Passes")
    second.click("aten::add")
    page.screenshot(path=RESULTS / "test_lab_kept-passes.png")
    gone = "widget model not found"  # ipywidgets says so of each, before the page is shown
    assert [error for error in watched.errors if gone not in error] == []


def test_a_restarted_kernel_and_running_the_cell_bring_the_live_one(notebook: Notebook):
    notebook.open()
    kept_in(notebook.page, notebook.output("first"))
    notebook.run_all()
    notebook.explorer("first")
    expect(notebook.output("first").locator("iframe")).to_have_count(0)


def test_it_follows_the_theme(notebook: Notebook):
    notebook.open()
    explorer = kept_in(notebook.page, notebook.output("first"))
    expect(explorer.root).to_have_attribute("data-theme", "light")
    expect(explorer.root.get_by_role("button", name="Theme")).to_have_count(0)
    notebook.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    explorer.click("aten::relu")
    notebook.page.screenshot(path=RESULTS / "test_lab_kept-dark.png")
    notebook.open()
    explorer = kept_in(notebook.page, notebook.output("first"))
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    notebook.do("apputils:change-theme", theme="JupyterLab Light")


def test_keys_stay_in_it_and_escape_leads_to_the_cell(notebook: Notebook):
    notebook.open()
    explorer = kept_in(notebook.page, notebook.output("first"))
    explorer.graph.focus()
    notebook.page.keyboard.type("ddx00")
    assert notebook.sources() == list(CELLS.values())
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("Escape")
    expect(notebook.page.locator(".jp-Cell.jp-mod-active:focus")).to_have_count(1)
    expect(notebook.page.locator("iframe:focus")).to_have_count(0)


def test_axe_finds_nothing(notebook: Notebook):
    notebook.open()
    kept_in(notebook.page, notebook.output("first"))
    handle = notebook.output("first").locator("iframe").element_handle()
    assert handle is not None
    frame = handle.content_frame()
    assert frame is not None
    assert violations(frame) == []
    assert violations(notebook.page, ".jp-mod-active .jp-OutputArea-output") == []


def test_an_untrusted_notebook_shows_the_picture_until_it_is_trusted(
    notebook: Notebook, lab: JupyterServer, kept: str
):
    foreign = json.loads(kept)
    foreign["cells"][0]["source"] = "# came by mail"
    (lab.root / notebook.name).write_text(json.dumps(foreign), encoding="utf-8")
    notebook.open()
    expect_picture(notebook.output("first"))
    notebook.page.screenshot(path=RESULTS / "test_lab_kept-untrusted.png")
    notebook.page.evaluate("() => void jupyterapp.commands.execute('notebook:trust')")
    notebook.page.get_by_role("dialog").get_by_role("button", name="Trust").click()
    kept_in(notebook.page, notebook.output("first"))


def test_cleared_outputs_leave_nothing(notebook: Notebook):
    notebook.open()
    kept_in(notebook.page, notebook.output("first"))
    notebook.do("notebook:clear-all-cell-outputs")
    expect(notebook.page.locator("iframe")).to_have_count(0)
    assert len(notebook.save()) < 10_000


def converted(kept: str, folder: Path) -> str:
    """The address of the page that `jupyter nbconvert --to html` makes of the notebook."""
    html, _ = HTMLExporter().from_notebook_node(nbformat.reads(kept, as_version=4))
    page = folder / "converted.html"
    page.write_text(html, encoding="utf-8")
    return page.as_uri()


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}], ids=["light", "dark"])
def test_converted_to_html_it_opens_from_disk(
    browser, kept: str, tmp_path: Path, options: dict[str, str]
):
    watched = Watched(browser, **options)
    page = watched.page
    frames = list[str]()
    page.on(
        "request",
        lambda asked: (
            None
            if asked.frame == page.main_frame or LOCAL.match(asked.url)
            else frames.append(asked.url)
        ),
    )
    page.goto(converted(kept, tmp_path))
    outputs = page.locator(".jp-OutputArea-output")
    for output in (outputs.nth(0), outputs.nth(1)):
        output.scroll_into_view_if_needed()
        expect_it_explores(kept_in(page, output))
    watched.keep(f"test_lab_kept-converted-{options.get('color_scheme', 'light')}")
    watched.close()
    assert frames == []  # what nbconvert's own page asks for is not ours


@pytest.mark.parametrize("watched", [{"java_script_enabled": False}], indirect=True)
def test_converted_to_html_there_is_a_picture_where_scripts_do_not_run(
    watched: Watched, kept: str, tmp_path: Path
):
    watched.page.goto(converted(kept, tmp_path))
    expect(watched.page.get_by_text(OPENS)).to_have_count(2)
    expect(watched.page.get_by_role("img", name=SUMMARY)).to_have_count(3)
    expect(watched.page.get_by_role("img", name=SUMMARY).first).to_be_visible()
    expect(watched.page.locator("iframe")).to_have_count(0)
