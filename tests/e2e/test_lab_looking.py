"""JupyterLab: values of a stepped program looked at, changed, pinned and recorded in the drawer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook

NAME = "looking.ipynb"
CELLS = {
    "imports": "%load_ext tsviz\nimport torch\nfrom torch import nn\nfrom typing import Dict",
    "model": """\
class Vision(nn.Module):
    steps: int

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.drop = nn.Dropout(0.3)
        self.fc = nn.Linear(8, 5)
        self.steps = 0
        self.register_buffer("seen", torch.zeros(3))

    def pool(self, x):
        scale = 2.0 if bool(x.mean() > 0) else 0.5
        return x.mean((2, 3)) * scale

    def forward(self, image):
        self.steps += 1
        h = torch.relu(self.conv(image))
        found: Dict[str, torch.Tensor] = {}
        for i in range(3):
            h = self.drop(h) + 0.1 * i
            found[f"mean{i}"] = h.mean()
            self.seen[i] = h.max()
        return torch.softmax(self.fc(self.pool(h)), -1), found


torch.manual_seed(0)
model = Vision()
image = torch.sin(torch.linspace(0, 40, 3 * 48 * 64)).reshape(1, 3, 48, 64)""",
    "held": "%tsdebug --via=script --debug model(image)",
}


@pytest.fixture(scope="module")
def opened(shared: Watched, lab: JupyterServer) -> Notebook:
    write_notebook(lab.root / NAME, CELLS)
    opened = Notebook(shared.page, lab, NAME).open()
    opened.do("application:toggle-left-area")
    for cell in CELLS:
        opened.run(cell)
    return opened


@pytest.fixture
def explorer(opened: Notebook, pictured: Watched) -> Iterator[Explorer]:
    explorer = opened.explorer("held")
    explorer.fill_window()
    yield explorer
    assert pictured.errors == []


@pytest.fixture
def drawer(explorer: Explorer) -> Locator:
    return explorer.root.get_by_role("region", name="Debug", exact=True)


@pytest.fixture
def card(drawer: Locator) -> Locator:
    return drawer.get_by_role("complementary", name="value")


def where(drawer: Locator) -> Locator:
    return drawer.locator(".tsv-debug-where")


def press(within: Locator, name: str) -> None:
    within.get_by_role("button", name=name, exact=True).click()


def row(drawer: Locator, name: str) -> Locator:
    return drawer.get_by_role("row").filter(has=drawer.page.get_by_text(name, exact=True))


def test_function_keys_step_in_the_full_window(explorer: Explorer, drawer: Locator):
    explorer.graph.focus()
    for key, position in (("F11", 2), ("F10", 3), ("Shift+F10", 2)):
        drawer.page.keyboard.press(key)
        expect(where(drawer)).to_contain_text(f"position {position}")
    expect(drawer.get_by_role("button", name="Over", exact=True)).to_have_attribute(
        "title", "Goes on past what is called, or held in blocks (n, or F10)"
    )


def test_a_tensor_is_seen_at_one_look(explorer: Explorer, drawer: Locator, card: Locator):
    explorer.line("self.seen[i] = h.max()").get_by_title("Set a breakpoint").click()
    press(drawer, "Continue")
    expect(where(drawer)).to_contain_text("iteration 1")
    row(drawer, "%image.1").click()
    expect(card).to_contain_text("36 KiB · strides [9216, 3072, 64, 1] · contiguous")
    expect(card).to_contain_text("least -1")
    for name in ("Histogram of the finite numbers from -1 to 1", "Numbers in their order: -1 to 1"):
        expect(card.get_by_role("img", name=name)).to_be_visible()
    picture = card.get_by_role("img", name="Picture (colours; black -1, white 1)")
    expect(picture).to_be_visible()
    painted = picture.evaluate(
        "(one) => new Set(one.getContext('2d').getImageData(0, 0, 64, 48).data).size"
    )
    assert painted > 20
    drawer.page.screenshot(path=RESULTS / "test_lab_looking-light.png")


def test_a_slice_is_looked_at(drawer: Locator, card: Locator):
    look = card.get_by_role("textbox", name="look at")
    look.fill("%image.1[0, 1, :2]")
    look.press("Enter")
    expect(card).to_contain_text("f32[2, 64]")
    expect(card.locator("pre")).to_contain_text("[1, 48]")
    look.fill("imag")
    look.press("Enter")
    expect(card.get_by_role("note")).to_contain_text("help: did you mean `image`?")


def test_attributes_say_what_changed(drawer: Locator):
    drawer.get_by_role("tab", name="Attributes").click()
    expect(row(drawer, "self.steps")).to_contain_text("1")
    press(drawer, "Continue")
    expect(where(drawer)).to_contain_text("iteration 2")
    seen = row(drawer, "self.seen")
    expect(seen.get_by_role("img", name="changed since the last stop")).to_be_visible()
    drawer.page.screenshot(path=RESULTS / "test_lab_looking-attributes.png")


def test_back_edit_and_continue(explorer: Explorer, drawer: Locator, card: Locator):
    drawer.get_by_role("tab", name="Values").click()
    press(drawer, "Back")
    expect(where(drawer)).to_contain_text("back · position")
    row(drawer, "%image.1").click()
    press(card, "Pin")
    expect(drawer.get_by_role("list", name="Pins")).to_contain_text("%image.1 @")
    restarted = drawer.get_by_role("button", name="Restart")
    restarted.click()
    drawer.get_by_role("textbox", name="where").fill("aten::relu")
    drawer.get_by_role("textbox", name="where").press("Enter")
    press(drawer, "Continue")
    expect(where(drawer)).to_contain_text("before %h")
    taken = drawer.get_by_role("row").filter(
        has=drawer.page.get_by_role("img", name="the node takes it")
    )
    taken.click()
    name = taken.get_by_role("rowheader").inner_text()
    press(card, "Pin")
    expect(drawer.get_by_role("list", name="Pins").get_by_role("listitem")).to_have_count(2)
    replaced = card.get_by_role("textbox", name="replace by")
    replaced.fill(f"{name}.half().float()")
    replaced.press("Enter")
    expect(where(drawer)).to_contain_text("edit · position")
    expect(taken.get_by_role("img", name="edited")).to_be_visible()
    press(card, "Pin")
    expect(drawer.get_by_role("list", name="Pins")).to_contain_text(f"{name} @ 11 (2)")
    drawer.get_by_role("combobox", name="one").first.fill(f"{name} @ 11")
    drawer.get_by_role("combobox", name="with").first.fill(f"{name} @ 11 (2)")
    press(drawer, "Compare")
    expect(drawer.locator(".tsv-debug-apart")).to_contain_text("ULP")


def test_two_records_drift_apart(explorer: Explorer, drawer: Locator, opened: Notebook):
    drawer.get_by_role("tab", name="Records").click()
    press(drawer, "Record")
    expect(drawer).to_contain_text("One more is needed")
    expect(drawer.get_by_role("tab", name="Records 1")).to_be_visible()
    press(drawer, "Restart")
    expect(where(drawer)).to_contain_text("entry · position 1")
    press(drawer, "Record")
    press(drawer, "Show drift")
    expect(drawer.locator(".tsv-plot")).to_have_attribute("data-drawn", "true")
    expect(drawer.locator(".tsv-debug-told")).to_contain_text("first difference")
    drawer.locator(".tsv-debug-told").get_by_role("button").click()
    expect(explorer.marked_lines).to_contain_text("torch.relu(self.conv(image))")
    opened.do("apputils:change-theme", theme="JupyterLab Dark")
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    expect(opened.page.locator("#jupyterlab-splash")).to_have_count(0)
    expect(drawer.locator(".tsv-plot")).to_have_attribute("data-drawn", "true")
    drawer.page.screenshot(path=RESULTS / "test_lab_looking-dark.png")
    opened.do("apputils:change-theme", theme="JupyterLab Light")
    drawer.get_by_role("tab", name="Table", exact=True).click()
    expect(drawer.get_by_role("grid")).to_contain_text("differ")


def test_a_condition_that_raises_is_said_at_the_breakpoint(drawer: Locator):
    drawer.get_by_role("textbox", name="where").fill("aten::softmax")
    drawer.get_by_role("textbox", name="condition", exact=True).fill("image.foo")
    drawer.get_by_role("textbox", name="condition", exact=True).press("Enter")
    points = drawer.get_by_role("list", name="Breakpoints").get_by_role("listitem")
    expect(points).to_have_count(3)
    for number in (1, 2):
        press(drawer, f"Remove breakpoint {number}")
        expect(points).to_have_count(3 - number)
    press(drawer, "Continue")
    expect(points).to_contain_text("the condition failed: AttributeError")
