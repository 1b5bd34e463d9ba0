"""What axe-core finds wrong in the explorer, in every drawer, light and dark: nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, expect
from torch import nn

import tsviz
from tests.e2e.accessible import violations
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer
from tsviz.comparison import align_variants


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, x):
        y = self.fc(x)
        if x.sum() > 0:
            y = torch.relu(y)
        for _ in range(len(x)):
            y = y * 2
        return y


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of pages that open with the drawers named."""
    folder = tmp_path_factory.mktemp("accessible")
    model, args = Gate().eval(), (torch.ones(2, 3),)
    script, trace = (tsviz.capture(model, args, via=via) for via in ("script", "trace"))
    shown = {
        "none": script,
        "Passes": tsviz.run_passes(script),
        "Profile": tsviz.profile(script, args),
        "Compare": align_variants(trace, script),
    }
    return {name: _save(one, folder / f"{name}.html") for name, one in shown.items()}


def _save(shown: object, path: Path) -> str:
    tsviz.save(shown, path)
    return path.as_uri()


@pytest.fixture(params=["light", "dark"])
def watched(
    request: pytest.FixtureRequest, browser: Browser, picture_name: str
) -> Iterator[Watched]:
    watched = Watched(browser, color_scheme=request.param, reduced_motion="reduce")
    yield watched
    watched.keep(picture_name)
    watched.close()


def opened(watched: Watched, address: str) -> Explorer:
    watched.page.goto(address)
    return Explorer(watched.page).wait()


def test_source_graph_text_and_details(watched: Watched, pages: dict[str, str]):
    explorer = opened(watched, pages["none"])
    explorer.click("aten::relu")
    assert violations(watched.page) == []
    for name in explorer.root.get_by_role("tab").all_text_contents():
        explorer.root.get_by_role("tab", name=name, exact=True).click()
    assert violations(watched.page) == []


def test_help(watched: Watched, pages: dict[str, str]):
    explorer = opened(watched, pages["none"])
    explorer.graph.focus()
    watched.page.keyboard.press("?")
    expect(explorer.root.get_by_role("dialog")).to_be_visible()
    assert violations(watched.page) == []


def test_search(watched: Watched, pages: dict[str, str]):
    explorer = opened(watched, pages["none"])
    explorer.graph.focus()
    watched.page.keyboard.press("/")
    watched.page.keyboard.type("relu")
    expect(explorer.root.get_by_role("option").filter(has_text="relu").first).to_be_visible()
    assert violations(watched.page) == []


@pytest.mark.parametrize("name", ["Passes", "Profile", "Compare"])
def test_a_drawer(watched: Watched, pages: dict[str, str], name: str):
    explorer = opened(watched, pages[name])
    drawer = explorer.open_drawer(name)
    for tab in drawer.get_by_role("tab").all():
        tab.click()
        assert violations(watched.page) == []


@pytest.mark.parametrize("width", [420, 760])
def test_a_narrow_page(watched: Watched, pages: dict[str, str], width: int):
    watched.page.set_viewport_size({"width": width, "height": 900})
    opened(watched, pages["Passes"]).open_drawer("Passes")
    assert violations(watched.page) == []
