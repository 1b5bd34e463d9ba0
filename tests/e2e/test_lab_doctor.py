"""JupyterLab: the page of a diagnosis and of its edits in a cell's output, in Lab's colours."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

NAME = "doctor.ipynb"
SCORER = '''\
class Scorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Linear(4, 3)

    def forward(self, x, times):
        """Scores."""
        y = None
        for i in range(times):
            y = self.proj(x) if y is None else y + i
        try:
            print(f"{len(x):>3} rows")
        except RuntimeError:
            pass
        return y

scorer = Scorer()
'''
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn",
    "model": SCORER,
    "doctor": "%tsdebug --doctor scorer(torch.ones(2, 4), 3)",
    "fix": "%tsdebug --doctor --fix scorer(torch.ones(2, 4), 3)",
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    return Notebook(shared.page, lab, NAME).open().run_all()


def output_of(opened: Notebook, cell: str, text: str) -> Locator:
    return opened.show(cell).locator(".jp-RenderedHTML").filter(has_text=text)


def test_the_page_is_in_the_cell(opened: Notebook, pictured: Watched):
    output = output_of(opened, "doctor", "neither scripts nor traces rightly as it is")
    expect(output).to_contain_text("4 obstacles")
    expect(output.locator("code").filter(has_text="Cell 2:6:26")).to_be_visible()
    expect(output.get_by_text("+     def forward(self, x, times: int):")).to_be_visible()
    opened.page.screenshot(path=RESULTS / "test_lab_doctor-light.png")


def test_what_to_put_into_the_cell(opened: Notebook, pictured: Watched):
    output = output_of(opened, "fix", "put this in place of Scorer, line 1")
    expect(output).to_contain_text("2 obstacles have no safe edit")
    keyword = output.locator("pre span").filter(has_text="class").first
    expect(keyword).to_have_css("color", "rgb(0, 128, 0)")
    opened.page.screenshot(path=RESULTS / "test_lab_doctor-fix-light.png")


def test_types_unfold(opened: Notebook, pictured: Watched):
    output = output_of(opened, "doctor", "neither scripts nor traces")
    kind = output.locator("td").filter(has_text="annotated by an edit").first
    expect(kind).to_be_hidden()
    summary = output.get_by_text("4 variables with their types")
    summary.click()
    expect(kind).to_be_visible()
    kind.scroll_into_view_if_needed()
    opened.page.screenshot(path=RESULTS / "test_lab_doctor-types-light.png")
    summary.click()
    expect(kind).to_be_hidden()


def test_dark_follows_jupyter(opened: Notebook, pictured: Watched):
    title = output_of(opened, "doctor", "neither scripts nor traces").locator("strong").first
    light = title.evaluate("it => getComputedStyle(it).color")
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(title).not_to_have_css("color", light)
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    opened.page.screenshot(path=RESULTS / "test_lab_doctor-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
    expect(title).to_have_css("color", light)
