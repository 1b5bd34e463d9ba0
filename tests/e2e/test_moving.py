"""Moving the window onto a graph makes nothing anew: no element, no layout, no listener."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer
from tsviz.examples import get

STEPS = 6
COUNTING = """
  window.made = { jobs: 0, listeners: 0, changes: [] };
  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (...job) {
    made.jobs += 1;
    return post.apply(this, job);
  };
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  EventTarget.prototype.addEventListener = function (...rest) {
    made.listeners += 1;
    return add.apply(this, rest);
  };
  EventTarget.prototype.removeEventListener = function (...rest) {
    made.listeners -= 1;
    return remove.apply(this, rest);
  };
"""
WATCHING = """(stage) => {
  made.jobs = made.listeners = 0;
  made.changes = [];
  const what = ({ attributeName, type }) => attributeName ?? type;
  const observer = new MutationObserver((found) => made.changes.push(...found.map(what)));
  observer.observe(stage.firstElementChild, { subtree: true, childList: true, attributes: true });
}"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "detector.html"
    example = get("detector")
    tsviz.save(tsviz.capture(example.build(), example.inputs(), via="script"), path)
    return path


@pytest.fixture
def explorer(watched: Watched, saved: Path) -> Explorer:
    watched.page.add_init_script(f"{{{COUNTING}}}")
    watched.page.goto(saved.as_uri())
    explorer = Explorer(watched.page).wait()
    explorer.click("aten::sigmoid")  # the engine has started, and something is set off
    explorer.close_details()
    return explorer


def made(explorer: Explorer) -> dict[str, object]:
    return explorer.page.evaluate("made")


def test_a_step_of_the_wheel_moves_the_picture_and_nothing_else(explorer: Explorer):
    camera = explorer.root.locator(".tsv-svg > g")
    explorer.graph.hover(position={"x": 5, "y": 200})
    explorer.page.mouse.wheel(0, 1)  # what is around the window has elements from here on
    before = camera.get_attribute("transform")
    explorer.graph.evaluate(WATCHING)
    for _ in range(STEPS):
        explorer.page.mouse.wheel(2, 3)
        expect(camera).not_to_have_attribute("transform", str(before))
        before = camera.get_attribute("transform")
    assert made(explorer) == {"jobs": 0, "listeners": 0, "changes": ["transform"] * STEPS}


def test_zooming_and_dragging_start_no_layout_and_keep_no_listener(explorer: Explorer):
    camera = explorer.root.locator(".tsv-svg > g")
    mouse, keys = explorer.page.mouse, explorer.page.keyboard
    explorer.graph.hover(position={"x": 5, "y": 200})
    explorer.graph.evaluate(WATCHING)
    for step in range(STEPS):
        before = str(camera.get_attribute("transform"))
        keys.down("Control")
        mouse.wheel(0, 10 if step % 2 else -10)
        keys.up("Control")
        expect(camera).not_to_have_attribute("transform", before)
        before = str(camera.get_attribute("transform"))
        place = explorer.graph.bounding_box()
        assert place is not None
        mouse.move(place["x"] + 5, place["y"] + 200)
        mouse.down()
        mouse.move(place["x"] + 25, place["y"] + 210)
        mouse.up()
        expect(camera).not_to_have_attribute("transform", before)
    found = made(explorer)
    assert (found["jobs"], found["listeners"]) == (0, 0)
