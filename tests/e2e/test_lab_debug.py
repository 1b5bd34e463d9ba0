"""JupyterLab: a program is stepped in the drawer, while cells run."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.accessible import violations
from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import WAIT, Notebook
from tests.e2e.servers import JupyterServer, write_notebook

NAME = "debug.ipynb"
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn",
    "model": """\
class Walk(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        nn.init.eye_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x):
        y = self.fc(x)
        count = torch.zeros(2)
        for i in range(3):
            y = y + i
            count.add_(1)
        if bool(y.sum() > 1e6):
            raise ValueError("too much")
        return torch.log(y) * count.sum()


walk = Walk().eval()""",
    "explore": "%tsdebug --via=script walk(torch.ones(2, 4))",
    "held": "%tsdebug --via=script --debug walk(torch.ones(2, 4))",
    "threads": """\
import threading
programs = [one for one in threading.enumerate() if one.name == "tsviz program"]
for one in programs[:-1]:
    one.join(60)
print(sum(one.is_alive() for one in programs))""",
    "meanwhile": "print('a cell', 6 * 7)",
    "wait": WAIT,
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    opened = Notebook(shared.page, lab, NAME).open()
    for cell in ("imports", "model", "explore"):
        opened.run(cell)
    return opened


@pytest.fixture
def explorer(opened: Notebook, pictured: Watched) -> Explorer:
    return opened.explorer("explore")


@pytest.fixture
def drawer(explorer: Explorer) -> Locator:
    """The drawer, open, of an explorer that fills the window."""
    explorer.fill_window()
    return explorer.open_drawer("Debug")


def where(drawer: Locator) -> Locator:
    return drawer.get_by_role("status")


def press(drawer: Locator, name: str) -> None:
    drawer.get_by_role("button", name=name, exact=True).click()


def value(drawer: Locator, name: str) -> Locator:
    return drawer.get_by_role("row").filter(has=drawer.page.get_by_text(name, exact=True))


def test_it_starts_before_the_first_node(explorer: Explorer, drawer: Locator, pictured: Watched):
    expect(drawer).to_contain_text("Start runs a copy of the program with its example inputs")
    press(drawer, "Start")
    expect(where(drawer)).to_contain_text("held before %fc")
    expect(where(drawer)).to_contain_text("entry · position 1")
    here = explorer.source.get_by_role("img", name="the program is held here")
    expect(here).to_have_count(1)
    expect(explorer.line("y = self.fc(x)").get_by_role("img")).to_be_visible()
    expect(value(drawer, "%x.1")).to_contain_text("f32[2, 4]")
    assert pictured.errors == []


def test_a_breakpoint_in_the_gutter_holds_it(explorer: Explorer, drawer: Locator):
    explorer.line("count.add_(1)").get_by_title("Set a breakpoint").click()
    points = drawer.get_by_role("list", name="Breakpoints")
    expect(points.get_by_role("listitem")).to_contain_text("met 0 times")
    condition = points.get_by_role("textbox")
    condition.fill("i == 1")
    condition.press("Enter")
    expect(explorer.line("count.add_(1)").get_by_role("img")).to_have_attribute(
        "aria-label", "breakpoint 1, when i == 1, met 0 times"
    )
    press(drawer, "Continue")
    expect(where(drawer)).to_contain_text("breakpoint 1")
    expect(where(drawer)).to_contain_text("iteration 2")
    expect(explorer.line("count.add_(1)").get_by_role("img")).to_have_attribute(
        "aria-label", "the program is held here; breakpoint 1, when i == 1, met 1 time"
    )


def test_values_are_looked_at(explorer: Explorer, drawer: Locator):
    row = value(drawer, "%count.1")
    expect(row).to_contain_text("f32[2]")
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    card = drawer.get_by_role("complementary", name="value")
    expect(card).to_contain_text("1 to 2 of 2")
    watch = drawer.get_by_role("textbox", name="Watch")
    watch.fill("y.sum()")
    watch.press("Enter")
    expect(drawer.get_by_role("list", name="Watch")).to_contain_text("y.sum() = f32[]  [16]")
    press(drawer, "Step in")
    expect(row.get_by_role("img", name="changed since the last stop")).to_be_visible()
    drawer.page.screenshot(path=RESULTS / "test_lab_debug-light.png")


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_axe_finds_nothing_wrong(opened: Notebook, drawer: Locator, theme: str):
    opened.do("apputils:change-theme", theme=theme)
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    for tab in reversed(drawer.get_by_role("tab").all()):
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        assert violations(opened.page, ".tsv-debug") == []


def test_dark_follows_jupyter(opened: Notebook, explorer: Explorer, drawer: Locator):
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    drawer.page.screenshot(path=RESULTS / "test_lab_debug-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
    expect(explorer.root).to_have_attribute("data-theme", "light")


def test_keys_go_back_and_forth(explorer: Explorer, drawer: Locator):
    explorer.graph.focus()
    press_key = drawer.page.keyboard.press
    press_key("r")
    expect(where(drawer)).to_contain_text("back · position")
    expect(where(drawer)).to_contain_text("aten::add_")
    press_key("r")
    expect(where(drawer)).not_to_contain_text("aten::add_")
    press_key("n")
    expect(where(drawer)).to_contain_text("aten::add_")
    press_key("u")
    expect(where(drawer)).to_contain_text("aten::sum(%y")


def test_another_value_goes_on_and_an_error_is_explained(
    explorer: Explorer, drawer: Locator, pictured: Watched
):
    value(drawer, "%y").click()
    card = drawer.get_by_role("complementary", name="value")
    replaced = card.get_by_role("textbox", name="replace by")
    replaced.fill("y * 1e9")
    replaced.press("Enter")
    expect(value(drawer, "%y").get_by_role("img", name="edited")).to_be_visible()
    press(drawer, "Continue")
    expect(where(drawer)).to_contain_text("failed at")
    alert = drawer.get_by_role("alert")
    expect(alert).to_contain_text("error[TSV-F01]: the code raises ValueError: too much")
    expect(explorer.line("raise ValueError").get_by_role("img").first).to_be_visible()
    drawer.page.screenshot(path=RESULTS / "test_lab_debug-failed.png")
    reason = "it has failed: go back, or restart"
    expect(drawer.get_by_role("button", name="Step in")).to_have_attribute("title", reason)
    press(drawer, "Restart")
    expect(where(drawer)).to_contain_text("entry · position 1")
    expect(alert).to_have_count(0)
    assert pictured.errors == []


def test_it_is_held_against_another_variant(drawer: Locator):
    drawer.get_by_role("combobox", name="First difference from").select_option("script")
    expect(drawer.get_by_role("alert")).to_contain_text("nothing differs from script")
    press(drawer, "Restart")
    expect(drawer.get_by_role("alert")).to_have_count(0)


def test_wrong_expressions_are_told(drawer: Locator):
    watch = drawer.get_by_role("textbox", name="where")
    watch.fill("aten::rely")
    watch.press("Enter")
    expect(drawer.get_by_role("alert")).to_contain_text("got `aten::rely`")
    expect(drawer.get_by_role("alert")).to_contain_text("help: did you mean")


def test_a_click_while_a_cell_runs_waits_for_it(
    opened: Notebook, explorer: Explorer, drawer: Locator
):
    explorer.root.get_by_role("button", name="Full window").click()
    with opened.busy("wait"):
        here = opened.explorer("explore")
        drawer = here.root.get_by_role("region", name="Debug", exact=True)
        press(drawer, "Step in")
        expect(here.root.get_by_text("stepping: waiting for the running cell")).to_be_visible()
        expect(where(drawer)).to_contain_text("position 1")
        opened.page.screenshot(path=RESULTS / "test_lab_debug-waiting.png")
    expect(where(drawer)).to_contain_text("step · position 2")
    opened.run("meanwhile")
    expect(opened.output("meanwhile")).to_have_text("a cell 42\n")


def test_it_is_still_there_after_a_reload(opened: Notebook, pictured: Watched):
    opened.save()
    opened.open()
    explorer = opened.explorer("explore")
    drawer = explorer.root.get_by_role("region", name="Debug", exact=True)
    expect(where(drawer)).to_contain_text("position 2")
    expect(drawer.get_by_role("list", name="Breakpoints")).to_contain_text("met 0 times")
    press(drawer, "Stop")
    expect(drawer).to_contain_text("Start runs a copy of the program")
    drawer.get_by_role("button", name="Close debug").click()
    expect(drawer).to_be_hidden()


def test_the_magic_opens_it_held(opened: Notebook, pictured: Watched):
    opened.run("held")
    explorer = opened.explorer("held")
    drawer = explorer.root.get_by_role("region", name="Debug", exact=True)
    expect(where(drawer)).to_contain_text("entry · position 1")
    explorer.root.get_by_role("button", name="Full window").click()
    opened.do("application:toggle-left-area")
    opened.page.set_viewport_size({"width": 1600, "height": 950})
    drawer.get_by_role("button", name="line", exact=True).click()
    press(drawer, "Over")
    expect(where(drawer)).to_contain_text("prim::ListConstruct")
    press(drawer, "First NaN/Inf")
    expect(where(drawer)).to_contain_text("finished, it returned f32[2, 4]")
    press(drawer, "Back")
    expect(where(drawer)).to_contain_text("aten::log")
    value(drawer, "%y").click()
    opened.page.screenshot(path=RESULTS / "test_lab_debug-wide.png")
    for width in (900, 620):
        opened.page.set_viewport_size({"width": width, "height": 800})
        expect(explorer.root).to_have_attribute("data-layout", {900: "two", 620: "one"}[width])
        opened.page.screenshot(path=RESULTS / f"test_lab_debug-{width}.png")
    opened.page.set_viewport_size({"width": 1600, "height": 950})
    explorer.line("y = y + i").click()
    expect(drawer.get_by_role("button", name="Run to selection")).to_have_attribute(
        "title", "Goes on to the node or the line that is selected"
    )
    explorer.root.get_by_role("button", name="Full window").click()
    assert pictured.errors == []


def test_running_the_cell_anew_lets_the_program_go(opened: Notebook, pictured: Watched):
    opened.run("held")
    opened.run("threads")
    expect(opened.output("threads")).to_have_text("1\n")
