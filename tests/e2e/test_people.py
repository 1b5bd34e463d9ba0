"""People who zoom, who want no motion, who need contrast, and who have no mouse."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

import tsviz
from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer

LONG = "a_module_whose_name_tells_all_that_there_is_to_tell_about_it"


class Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        inner = nn.Sequential(OrderedDict({LONG: nn.Linear(4, 4), "act": nn.ReLU()}))
        self.the_only_one_of_many_blocks_with_a_long_name = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.the_only_one_of_many_blocks_with_a_long_name(x) + x


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "deep.html"
    program = tsviz.capture(Deep().eval(), (torch.ones(2, 4),), via="script")
    tsviz.save(tsviz.run_passes(program, pipeline="freeze"), path)
    return path


@pytest.fixture
def explorer(watched: Watched, saved: Path) -> Iterator[Explorer]:
    watched.page.goto(saved.as_uri())
    yield Explorer(watched.page).wait()
    assert watched.errors == []


def zoomed(width: int, height: int) -> dict[str, object]:
    """A window at a zoom of 200%."""
    return {"viewport": {"width": width, "height": height}, "device_scale_factor": 2}


OVERLAPS = """() => {
  const seen = [...document.querySelectorAll(
    ".tsv :is(button, select, input, a, [role=tab]), .tsv :is(.tsv-crumbs, .tsv-map, .tsv-badge)",
  )].filter((element) => element.checkVisibility({ visibilityProperty: true }));
  const place = (element) => element.getBoundingClientRect();
  const named = (element) =>
    element.getAttribute("aria-label") || element.textContent.trim() || element.className;
  const found = [];
  for (const [i, a] of seen.entries()) {
    const p = place(a);
    if (p.width === 0) continue;
    const scrolls = a.closest(".tsv-list, .tsv-inspector, .tsv-drawer, .tsv-rows");
    if (!scrolls && (p.left < -1 || p.right > innerWidth + 1)) found.push(`${named(a)} is cut`);
    for (const b of seen.slice(i + 1)) {
      if (a.contains(b) || b.contains(a)) continue;
      const q = place(b);
      const width = Math.min(p.right, q.right) - Math.max(p.left, q.left);
      const height = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
      if (width > 1 && height > 1) found.push(`${named(a)} lies over ${named(b)}`);
    }
  }
  return found;
}"""
"""What lies over what, and what is cut by the window."""

CUT = """() => [...document.querySelectorAll(".tsv *")]
  .filter((element) => {
    const { textOverflow, overflowX } = getComputedStyle(element);
    return element.checkVisibility() && overflowX !== "visible" && textOverflow === "ellipsis" &&
      element.scrollWidth > element.clientWidth + 1 && element.closest("[title]") === null;
  })
  .map((element) => element.className + ": " + element.textContent)"""
"""Texts that are elided and say nowhere what they are in full."""


@pytest.mark.parametrize("watched", [zoomed(640, 400), zoomed(800, 500)], indirect=True)
def test_zoomed_in_nothing_lies_over_another(explorer: Explorer, picture_name: str):
    page = explorer.page
    tabs = explorer.root.get_by_role("tablist", name="Panes")
    narrow = tabs.get_by_role("tab", name="Graph").is_visible()
    for name in ("Source", "IR", *(("Details", "Graph") if narrow else ())):
        tabs.get_by_role("tab", name=name, exact=True).click()
        page.screenshot(path=RESULTS / f"{picture_name}-{name}.png")
        assert page.evaluate(OVERLAPS) == []
    explorer.root.get_by_role("button", name="Passes", exact=True).click()
    page.screenshot(path=RESULTS / f"{picture_name}-Passes.png")
    assert page.evaluate(OVERLAPS) == []


def test_elided_names_tell_themselves_in_full(explorer: Explorer):
    page = explorer.page
    explorer.search.fill(LONG)
    explorer.search.press("Enter")
    crumbs = explorer.picture.get_by_role("navigation", name="Scope of the selection")
    expect(crumbs.get_by_role("button").last).to_have_attribute("title", re.compile(LONG))
    explorer.open_drawer("Passes")
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("watched", [{"reduced_motion": "reduce"}], indirect=True)
def test_who_wants_no_motion_gets_none(explorer: Explorer):
    page = explorer.page
    page.evaluate(COUNT_MOTION)
    box = explorer.click("the_only_one_of_many_blocks_with_a_long_name")
    before = box.get_attribute("aria-expanded")
    explorer.graph.press("o")
    expect(box).not_to_have_attribute("aria-expanded", str(before))
    explorer.open_drawer("Passes")
    page.keyboard.press("]")
    moving = """() => getComputedStyle(document.querySelector('.tsv')).animationName +
      [...document.querySelectorAll('.tsv *')].filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
      }).length"""
    assert page.evaluate(moving) == "none0"
    assert page.evaluate("() => document.getAnimations().length") == 0
    assert page.evaluate("() => globalThis.moved") == 0


COUNT_MOTION = """() => {
  globalThis.moved = 0;
  const { animate } = Element.prototype;
  Element.prototype.animate = function (...given) {
    globalThis.moved++;
    return animate.apply(this, given);
  };
  for (const name of ["animationstart", "transitionrun"])
    document.addEventListener(name, () => globalThis.moved++, true);
}"""

FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  element.dataset.walked ??= String(document.querySelectorAll("[data-walked]").length);
  const focused = getComputedStyle(element);
  const outline = focused.outlineStyle !== "none" && parseFloat(focused.outlineWidth) >= 1;
  return {
    number: element.dataset.walked,
    name: element.getAttribute("aria-label") || element.textContent.trim().slice(0, 40) ||
      element.className,
    shown: outline || focused.boxShadow !== "none",
    visible: element.checkVisibility({ visibilityProperty: true, opacityProperty: true }),
  };
}"""


FORGET = """() => {
  for (const element of document.querySelectorAll("[data-walked]")) delete element.dataset.walked;
}"""


def walk(page: Page) -> list[dict[str, object]]:
    """All that Tab comes to, once around."""
    seen: list[dict[str, object]] = []
    while len(seen) < 200:
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None or any(found["number"] == one["number"] for one in seen):
            return seen
        seen.append(found)
    raise AssertionError("Tab does not come round")


def test_tab_comes_to_every_control_and_shows_where_it_is(explorer: Explorer):
    explorer.open_drawer("Passes")
    walk(explorer.page)  # to the end of the page
    explorer.page.evaluate(FORGET)
    seen = walk(explorer.page)
    names = " ".join(str(one["name"]) for one in seen)
    for name in ("Method", "Search", "Passes", "Fit", "Export picture", "Pipeline"):
        assert name in names
    assert explorer.graph.get_attribute("data-walked") is not None
    assert [one["name"] for one in seen if not one["shown"]] == []
    assert [one["name"] for one in seen if not one["visible"]] == []


@pytest.mark.parametrize("watched", [{"forced_colors": "active"}], indirect=True)
def test_with_forced_colours_what_is_selected_is_told_apart(explorer: Explorer):
    explorer.click("aten::relu")
    expect(explorer.marked_lines).to_have_count(1)
    page = explorer.page
    page.screenshot(path=RESULTS / "test_people-forced.png")
    plain, chosen = (
        page.locator(f".tsv-svg g{which} > rect").first.evaluate(
            "(box) => ['stroke', 'strokeWidth'].map((name) => getComputedStyle(box)[name])"
        )
        for which in ("[data-id]:not(.is-selected)", ".is-selected")
    )
    assert plain != chosen
    line = explorer.marked_lines.first
    assert line.evaluate("(line) => getComputedStyle(line).outlineStyle") == "solid"
    tabs = explorer.text.get_by_role("tab")
    colours = {
        tab.get_attribute("aria-selected"): tab.evaluate(
            "(tab) => getComputedStyle(tab).borderBottomColor"
        )
        for tab in tabs.all()
    }
    assert colours["true"] != colours["false"]
