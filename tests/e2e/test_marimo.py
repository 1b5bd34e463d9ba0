"""marimo: the same widget in a notebook of another kind, inside a shadow tree and without comms."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import RESULTS, Watched
from tests.e2e.explorer import Explorer
from tests.e2e.servers import Server, find_address

NOTEBOOK = """\
import marimo

app = marimo.App(width="full")


@app.cell
def _():
    import gc
    import marimo as mo
    import torch
    import tsviz
    from tsviz.widgets.explorer import Explorer
    return Explorer, gc, mo, torch, tsviz


@app.cell
def _(torch):
    class Gate(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = torch.nn.Linear(4, 4)

        def forward(self, x):
            y = self.linear(x)
            if bool(y.sum() > 0):
                y = y.relu()
            return y + x

    gate = Gate().eval()
    return (gate,)


@app.cell
def _(mo):
    again = mo.ui.run_button(label="Explore again")
    count = mo.ui.run_button(label="Count explorers")
    mo.hstack([again, count])
    return again, count


@app.cell
def _(again, gate, torch, tsviz):
    again.value
    tsviz.explore(tsviz.capture(gate, (torch.ones(2, 4),)))
    return


@app.cell
def _(Explorer, count, gc, mo):
    count.value
    gc.collect()
    mo.md(f"explorers: {sum(issubclass(type(one), Explorer) for one in gc.get_objects())}")
    return


@app.cell
def _(gate, mo, torch, tsviz):
    mo.vstack([mo.md("# A program"), tsviz.capture(gate, (torch.ones(2, 4),), via="trace")])
    return
"""


STARTS_MS = 90_000
"""marimo starts a kernel, which imports PyTorch, when a page asks for the notebook."""


class MarimoServer(Server):
    """marimo with a notebook, `edit`ed or `run` as an app, and with settings of its own.

    Args:
        verb: `edit` or `run`.
        folder: for the notebook, the settings and the log.
        theme: `light` or `dark`.
    """

    def __init__(self, verb: str, folder: Path, theme: str) -> None:
        (folder / "notebook.py").write_text(NOTEBOOK, encoding="utf-8")
        settings = f"""\
[tool.marimo.display]
theme = "{theme}"

[tool.marimo.runtime]
auto_instantiate = true
"""
        (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
        url = find_address()
        command = [
            *(sys.executable, "-m", "marimo", verb, "notebook.py", "--headless", "--no-token"),
            *("--host", "127.0.0.1", "--port", url.rpartition(":")[2]),
        ]
        private = {f"XDG_{kind}_HOME": str(folder / kind) for kind in ("CONFIG", "CACHE", "STATE")}
        super().__init__(command, url, os.environ | private, folder / "marimo.log", "/health")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[MarimoServer]:
    """The notebook as an app."""
    with MarimoServer("run", tmp_path, "light") as server:
        yield server


def explorers(page: Page) -> list[Explorer]:
    """That of the cell with `tsviz.explore`, and that of a program that a cell showed."""
    roots = page.locator("marimo-anywidget")
    expect(roots).to_have_count(2, timeout=STARTS_MS)
    return [Explorer(page, roots.nth(i)).wait() for i in range(2)]


def test_the_explorer_links_and_asks_for_more(app: MarimoServer, watched: Watched):
    watched.page.goto(app.url)
    explorer, bare = explorers(watched.page)
    explorer.click("aten::relu")
    expect(explorer.marked_lines).to_contain_text("y = y.relu()")
    expect(explorer.marked_lines).to_have_count(1)
    explorer.line("y = self.linear(x)").click()
    expect(explorer.marked_boxes.first).to_contain_text("linear")
    expect(bare.marked_boxes).to_have_count(0)
    explorer.root.press("Escape")
    explorer.open_details()
    explorer.details.get_by_role("button", name="Run once").click()
    explorer.click("aten::linear")
    expect(explorer.details).to_contain_text("f32[2, 4]")
    expect(explorer.root).to_have_attribute("data-theme", "light")
    watched.page.screenshot(path=RESULTS / "test_marimo-light.png")
    assert watched.errors == []


def test_help_takes_the_focus_and_gives_it_back(app: MarimoServer, page: Page):
    page.goto(app.url)
    explorer, _ = explorers(page)
    explorer.graph.focus()
    page.keyboard.press("?")
    keys = explorer.root.get_by_role("dialog", name="Keys")
    expect(keys.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    expect(explorer.graph).to_be_focused()


def test_a_profile_is_drawn(app: MarimoServer, watched: Watched):
    watched.page.goto(app.url)
    explorer, _ = explorers(watched.page)
    drawer = explorer.open_drawer("Profile")
    drawer.get_by_role("spinbutton", name="runs", exact=True).fill("4")
    drawer.get_by_role("button", name="Measure").click()
    drawer.get_by_role("tab", name="Timeline").click()
    expect(drawer.locator(".main-svg").first).to_be_visible()
    watched.page.screenshot(path=RESULTS / "test_marimo-profile.png")
    assert watched.errors == []


def test_a_cell_that_runs_anew_frees_the_explorer_that_it_had(app: MarimoServer, page: Page):
    page.goto(app.url)
    explorer, _ = explorers(page)
    for _ in range(3):
        explorer.root.evaluate("(root) => void (root.dataset.old = 'yes')")
        page.get_by_role("button", name="Explore again").click()
        expect(explorer.root).not_to_have_attribute("data-old", "yes")
        explorer.wait()
    page.get_by_role("button", name="Count explorers").click()
    expect(page.get_by_text("explorers:")).to_have_text("explorers: 2")


def test_in_the_editor_it_is_dark_with_marimo(tmp_path: Path, watched: Watched):
    with MarimoServer("edit", tmp_path, "dark") as server:
        watched.page.goto(server.url)
        explorer, _ = explorers(watched.page)
        expect(explorer.root).to_have_attribute("data-theme", "dark")
        expect(explorer.root).to_have_css("background-color", "rgb(20, 24, 31)")
        expect(explorer.root.get_by_role("button", name="Light or dark")).to_have_count(0)
        explorer.click("aten::relu")
        expect(explorer.marked_lines).to_contain_text("y = y.relu()")
        watched.page.screenshot(path=RESULTS / "test_marimo-dark.png")
    assert watched.errors == []
