"""The drawer of passes in a saved page: stepping, what is selected, what was lost."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer
from tsviz.examples import get
from tsviz.jit.recording import Runtime
from tsviz.passes import PassTrace


@pytest.fixture(scope="module")
def trace() -> PassTrace:
    example = get("detector")
    program = tsviz.capture(example.build(), example.inputs(), via="script")
    return tsviz.run_passes(program, pipeline=Runtime(grad=False))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, trace: PassTrace) -> Path:
    path = tmp_path_factory.mktemp("passes") / "detector.html"
    tsviz.save(trace, path)
    return path


@pytest.fixture
def explorer(watched: Watched, saved: Path) -> Explorer:
    watched.context.set_offline(True)
    watched.page.goto(saved.as_uri())
    return Explorer(watched.page).wait()


@pytest.fixture
def drawer(explorer: Explorer) -> Locator:
    explorer.root.get_by_role("button", name="Passes", exact=True).click()
    return explorer.root.get_by_role("region", name="Passes", exact=True)


def chosen(drawer: Locator) -> Locator:
    return steps(drawer).and_(drawer.locator("[aria-selected='true']"))


def steps(drawer: Locator) -> Locator:
    return drawer.get_by_role("listbox", name="Steps").get_by_role("option")


def test_steps_are_listed_under_their_stages(explorer: Explorer, drawer: Locator, watched: Watched):
    expect(drawer).to_contain_text("46 steps")
    expect(drawer).to_contain_text("run 2 · no gradients")
    expect(drawer).to_contain_text("passes changed nothing")
    expect(chosen(drawer)).to_have_text("as captured")
    expect(drawer.get_by_role("button", name="Record")).to_have_attribute("aria-disabled", "true")
    assert watched.errors == []


def test_a_node_is_followed_to_the_plan_and_back_to_its_line(explorer: Explorer, drawer: Locator):
    explorer.click("aten::sigmoid")
    line = explorer.marked_lines.inner_text()
    assert "scores = torch.sigmoid(" in line
    steps(drawer).last.click()
    expect(chosen(drawer)).to_contain_text("RemoveTensorTypeSpecializations")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::sigmoid")
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")
    explorer.details.get_by_role("listitem").filter(has_text="as captured").get_by_role(
        "button"
    ).click()
    expect(chosen(drawer)).to_have_text("as captured")
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")


def test_brackets_step_through_the_changes(explorer: Explorer, drawer: Locator):
    explorer.graph.focus()
    explorer.page.keyboard.press("]")
    expect(chosen(drawer)).to_contain_text("Inline + Peephole")
    explorer.page.keyboard.press("]")
    expect(chosen(drawer)).to_contain_text("CanonicalizeOps")
    expect(explorer.details).to_contain_text("after CanonicalizeOps")
    nodes, *shares = (
        int(explorer.details.locator(f"dt:text-is('{name}') + dd").inner_text())
        for name in ("Nodes", "exact", "call", "inferred", "none")
    )
    assert sum(shares) == nodes  # of this snapshot, not of the program as captured
    expect(explorer.root.locator(".tsv-svg .is-edited").first).to_be_attached()
    explorer.page.keyboard.press("[")
    explorer.page.keyboard.press("[")
    expect(chosen(drawer)).to_have_text("as captured")
    expect(explorer.root.locator(".tsv-svg .is-edited")).to_have_count(0)


def test_a_lost_node_has_its_obituary(explorer: Explorer, drawer: Locator, trace: PassTrace):
    record, fate = next(
        (record, fate)
        for record in trace.changed
        for fate in record.fates.values()
        if fate.node in trace.first.nodes and not fate.successors
    )
    node = trace.first.nodes[fate.node]
    name = trace.first.values[node.outputs[0]].name
    explorer.search.fill(f"%{name}")
    explorer.search.press("Enter")
    expect(explorer.details.get_by_role("heading", level=3)).to_contain_text(name)
    steps(drawer).filter(has_text=record.name).first.click()
    expect(explorer.root).to_contain_text(f"{node.op} is gone: {record.name}")


def test_the_drawer_closes(explorer: Explorer, drawer: Locator):
    drawer.get_by_role("button", name="Close passes").click()
    expect(drawer).to_be_hidden()
    expect(explorer.root.get_by_role("button", name="Passes", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
