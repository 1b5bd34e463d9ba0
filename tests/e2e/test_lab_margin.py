"""JupyterLab: what stands beside the lines of cells and files: time, findings, breakpoints."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

MODEL = """\
import torch

class Router(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.short = torch.nn.Linear(64, 64)

    def forward(self, x):
        y = self.short(x)
        if x.sum() > 0:
            y = torch.mm(y, y.t())
        return y.relu()

router = Router().eval()
x = torch.ones(64, 64)"""
CELLS = {
    "load": "%load_ext tsviz",
    "model": MODEL,
    "explore": "%tsdebug --via=script router(x)",
    "file": "from routers import router as filed\n%tsdebug --via=script filed(x)",
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    (lab.root / "routers.py").write_text(MODEL, encoding="utf-8")
    write_notebook(lab.root / "margin.ipynb", CELLS)
    notebook = Notebook(shared.page, lab, "margin.ipynb").open()
    for cell in ("load", "model", "explore"):
        notebook.run(cell)
    notebook.explorer("explore")
    return notebook


@pytest.fixture
def notebook(opened: Notebook, shared: Watched, picture_name: str) -> Iterator[Notebook]:
    yield opened
    shared.keep(picture_name)


class Margin:
    """What stands beside the lines of the editor that is in sight."""

    def __init__(self, notebook: Notebook) -> None:
        self.page = notebook.page
        self.times = self.page.locator(".tsv-cell-time")
        self.findings = self.page.locator(".tsv-cell-finding")
        self.breakpoints = self.page.locator(".tsv-cell-break.is-set")

    def line(self, text: str) -> Locator:
        return self.page.locator(".cm-line").filter(has_text=text, visible=True).first

    def beside(self, text: str, marks: str) -> Locator:
        """The mark of a column that is as high as the line."""
        shown = self.page.locator(f"{marks}:visible").first
        expect(shown).to_be_visible(timeout=60_000)  # a search proves in a process of its own
        box = self.line(text).bounding_box()
        assert box is not None
        for mark in self.page.locator(f"{marks}:visible").all():
            place = mark.bounding_box()
            if place and abs(place["y"] + place["height"] / 2 - box["y"] - box["height"] / 2) < 6:
                return mark
        raise AssertionError(f"no {marks} beside {text!r}")


@pytest.fixture
def margin(notebook: Notebook) -> Margin:
    notebook.show("model")
    return Margin(notebook)


def test_a_click_beside_a_line_sets_a_breakpoint_in_both(notebook: Notebook, margin: Margin):
    expect(margin.page.locator(".tsv-cell-break").first).to_be_attached()
    margin.beside("return y.relu()", ".tsv-cell-break").click()
    expect(margin.breakpoints).to_have_count(1)
    expect(margin.breakpoints).to_have_attribute("title", re.compile("breakpoint 1, met 0 times"))
    notebook.page.screenshot(path=RESULTS / "test_lab_margin-break.png")
    explorer = notebook.explorer("explore")
    row = explorer.line("return y.relu()")
    expect(row.locator(".tsv-break-point")).to_have_text("●")
    row.get_by_role("img", name="breakpoint 1").click()
    expect(margin.breakpoints).to_have_count(0)


def test_a_profile_says_beside_each_line_what_it_took(notebook: Notebook, margin: Margin):
    expect(margin.times).to_have_count(0)
    drawer = notebook.explorer("explore").open_drawer("Profile")
    drawer.get_by_role("spinbutton", name="runs", exact=True).fill("3")
    drawer.get_by_role("button", name="Measure").click()
    notebook.show("model")
    line = margin.beside("y = self.short(x)", ".tsv-cell-time")
    expect(line).to_have_text(re.compile(r"[\d.]+ (ns|µs|ms)\s*[<\d.]+%"))
    expect(line).to_have_attribute("title", re.compile("CPU time in one run: .*%"))
    notebook.page.screenshot(path=RESULTS / "test_lab_margin-time.png")


def test_a_search_marks_lost_branches_and_a_click_shows_the_finding(
    notebook: Notebook, margin: Margin
):
    explorer = notebook.explorer("explore")
    drawer = explorer.open_drawer("Compare")
    expect(margin.findings).to_have_count(0)
    drawer.get_by_role("spinbutton", name="tries").fill("12")
    drawer.get_by_role("button", name="Search", exact=True).click()
    notebook.show("model")
    found = margin.beside("if x.sum() > 0", ".tsv-cell-finding")
    expect(found).to_have_text("▲")
    expect(found).to_have_attribute("title", re.compile("proven, trace: "))
    notebook.page.screenshot(path=RESULTS / "test_lab_margin-found.png")
    notebook.explorer("explore").root.get_by_role("button", name="Compare", exact=True).click()
    notebook.show("model")
    margin.beside("if x.sum() > 0", ".tsv-cell-finding").click()
    drawer = notebook.explorer("explore").root.get_by_role("region", name="Compare", exact=True)
    expect(drawer.get_by_role("option", selected=True)).to_contain_text("proven")


def test_an_edit_takes_all_marks_away(notebook: Notebook, margin: Margin):
    expect(margin.times.first).to_be_visible()
    text = margin.line("x = torch.ones")
    before = text.bounding_box()
    assert before is not None
    text.click()
    notebook.page.keyboard.press("End")
    notebook.page.keyboard.type("#")
    for marks in (margin.times, margin.findings, margin.page.locator(".tsv-cell-break")):
        expect(marks).to_have_count(0)
    after = text.bounding_box()
    assert after is not None
    assert after["x"] == before["x"]
    notebook.page.keyboard.press("Backspace")
    expect(margin.times.first).to_be_visible()


def test_a_file_that_is_open_bears_marks_until_it_is_edited(notebook: Notebook, margin: Margin):
    notebook.run("file")
    notebook.explorer("file")
    notebook.do("docmanager:open", path="routers.py")
    editor = margin.page.locator(".jp-FileEditor")
    counts = editor.locator(".tsv-cell-count")
    expect(counts).to_have_text(["4", "6", "2", "1"])
    editor.locator(".cm-line").filter(has_text="y = torch.mm").click()
    margin.page.keyboard.press("Control+Alt+b")
    expect(editor.locator(".tsv-cell-break.is-set")).to_have_count(1)
    notebook.page.screenshot(path=RESULTS / "test_lab_margin-file.png")
    margin.page.keyboard.press("Control+Alt+b")
    expect(editor.locator(".tsv-cell-break.is-set")).to_have_count(0)
    margin.page.keyboard.type("#")
    expect(counts).to_have_count(0)
    margin.page.keyboard.press("Backspace")
    expect(counts).to_have_count(4)
    editor.locator(".cm-line").filter(has_text="return y.relu()").click()
    explorers = notebook.page.locator(".tsv-svg .is-marked").filter(has_text="relu")
    expect(explorers.last).to_be_attached()
    notebook.page.evaluate("() => jupyterapp.shell.currentWidget.dispose()")
    notebook.do("docmanager:open", path="margin.ipynb")


def test_no_breakpoint_stands_where_no_node_is(notebook: Notebook, margin: Margin):
    notebook.explorer("explore").root.press("Escape")  # the one that is used is the current one
    notebook.show("model")
    expect(margin.page.locator(".tsv-cell-break").first).to_be_attached()
    margin.line("class Router").click()
    margin.page.keyboard.press("Control+Alt+b")
    assert not notebook.page.evaluate(
        "() => jupyterapp.commands.isEnabled('tsviz:toggle-breakpoint')"
    )
    margin.line("return y.relu()").click()
    assert notebook.page.evaluate("() => jupyterapp.commands.isEnabled('tsviz:toggle-breakpoint')")
    expect(margin.breakpoints).to_have_count(0)


def test_settings_say_which_marks_are_shown(notebook: Notebook, margin: Margin, lab: JupyterServer):
    expect(margin.page.locator(".tsv-cell-break").first).to_be_attached()
    notebook.save()
    lab.set("tsviz/settings", {"gutterCounts": False})
    notebook.open().explorer("explore").root.press("Escape")
    notebook.show("model")
    expect(margin.page.locator(".tsv-cell-break").first).to_be_attached()
    expect(margin.page.locator(".tsv-cell-count")).to_have_count(0)
    lab.set("tsviz/settings", {})
