"""The drawer of passes in a saved page: stepping, what is selected, what was lost."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.explorer import Explorer, open_saved
from tsviz.examples import get
from tsviz.jit.recording import Runtime
from tsviz.passes import PassRecord, PassTrace, catalog, describe_rewrites


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
    return open_saved(watched, saved)


@pytest.fixture
def drawer(explorer: Explorer) -> Locator:
    explorer.root.get_by_role("button", name="Passes", exact=True).click()
    return explorer.root.get_by_role("region", name="Passes", exact=True)


def chosen(drawer: Locator) -> Locator:
    return steps(drawer).and_(drawer.locator("[aria-selected='true']"))


def steps(drawer: Locator) -> Locator:
    return drawer.get_by_role("tree", name="Steps").get_by_role("treeitem")


def open_split(explorer: Explorer, drawer: Locator) -> Locator:
    """The graph before, beside the one that is shown."""
    drawer.get_by_role("button", name="Split").click()
    return explorer.root.get_by_role("region", name="Graph before")


def boxes(
    graph: Locator, name: str, description: str = "", *, selected: bool | None = None
) -> Locator:
    """Boxes of a graph by what they are called, and by what is said of them."""
    found = graph.get_by_role("treeitem", name=name, selected=selected)
    said = graph.locator(f"[aria-description='{description}']")
    return found.and_(said) if description else found


def head(explorer: Explorer, side: str) -> Locator:
    return explorer.root.get_by_role("group", name=side).get_by_role("heading", level=3)


def camera(graph: Locator) -> Locator:
    return graph.locator(".tsv-svg > g")


def camera_of(graph: Locator) -> str:
    return camera(graph).get_attribute("transform") or ""


MINUS = "\N{MINUS SIGN}"
LEFT_RIGHT = ("before", "after")


def test_steps_are_listed_under_their_stages(explorer: Explorer, drawer: Locator, watched: Watched):
    expect(drawer).to_contain_text("46 steps")
    expect(drawer).to_contain_text("run 2 · no gradients")
    expect(drawer).to_contain_text("passes changed nothing")
    expect(drawer.get_by_role("button", name="Record")).to_have_attribute("aria-disabled", "true")
    assert watched.errors == []


def test_the_largest_change_is_shown_first(drawer: Locator, trace: PassTrace):
    def touched(record: PassRecord) -> int:
        diff = record.diff
        return sum(map(len, (diff.added, diff.removed, diff.changed, diff.moved)))

    largest = max(trace.changed, key=touched)
    expect(chosen(drawer)).to_contain_text(largest.name)


def test_a_node_is_followed_to_the_plan_and_back_to_its_line(explorer: Explorer, drawer: Locator):
    steps(drawer).first.click()
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
    steps(drawer).first.click()
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
    expect(explorer.picture.locator(".tsv-svg .is-edited").first).to_be_attached()
    explorer.page.keyboard.press("[")
    explorer.page.keyboard.press("[")
    expect(chosen(drawer)).to_have_text("as captured")
    expect(explorer.picture.locator(".tsv-svg .is-edited")).to_have_count(0)


def test_before_and_after_stand_side_by_side(
    explorer: Explorer, drawer: Locator, trace: PassTrace, watched: Watched
):
    step = steps(drawer).filter(has_text="RemoveProfileNodesAndSpecializeTypes")
    step.click()
    before = open_split(explorer, drawer)
    removed = boxes(before, "prim::profile", "taken away")
    expect(removed.first).to_have_attribute("aria-label", "prim::profile")
    expect(boxes(explorer.picture, "", "taken away")).to_have_count(0)
    expect(before.locator(".tsv-svg .is-removed .tsv-sign").first).to_have_text(MINUS)
    expect(explorer.source.get_by_text("lines lost nodes")).to_be_visible()

    boxes(before, "aten::sigmoid").first.dispatch_event("click")  # a twin on the other side
    expect(boxes(explorer.picture, "aten::sigmoid", selected=True)).to_have_count(1)
    expect(boxes(before, "aten::sigmoid", selected=True)).to_have_count(1)
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")

    removed.first.dispatch_event("click")  # and one without
    expect(boxes(before, "prim::profile", selected=True)).to_have_count(1)
    expect(explorer.details).to_contain_text("its users take what it was given")
    explorer.details.get_by_role("button", name="aten::").first.click()
    expect(explorer.marked_boxes.first).to_be_attached()
    assert watched.errors == []


def test_windows_of_both_sides_move_together(explorer: Explorer, drawer: Locator):
    steps(drawer).filter(has_text="ConstantPooling").last.click()  # what is drawn stays as it is
    before = open_split(explorer, drawer)
    for pressed, other, key in (
        (explorer.picture, before, "f"),
        (explorer.picture, before, "+"),
        (before, explorer.picture, "-"),
    ):
        earlier = camera_of(pressed)
        pressed.get_by_role("application").press(key)
        expect(camera(pressed)).not_to_have_attribute("transform", earlier)
        expect(camera(other)).to_have_attribute("transform", camera_of(pressed))


def test_texts_of_both_sides_are_aligned_by_node(
    explorer: Explorer, drawer: Locator, trace: PassTrace
):
    steps(drawer).filter(has_text="EliminateCommonSubexpression").first.click()
    record = next(one for one in trace if one.name == "EliminateCommonSubexpression")
    assert record.diff.removed
    assert not record.diff.added
    explorer.graph.focus()
    explorer.page.keyboard.press("s")
    explorer.page.keyboard.press("s")
    sides = [explorer.root.get_by_role("listbox", name=f"IR text {it}") for it in LEFT_RIGHT]
    gap = sides[1].locator(".is-filler").first
    row = gap.get_attribute("data-row")
    lost = sides[0].locator(f"[data-row='{row}']")
    expect(lost.locator(".tsv-row-sign")).to_have_text(MINUS)
    lost.click()
    expect(lost).to_have_attribute("aria-selected", "true")
    kept = sides[1].get_by_role("option", selected=True)
    expect(kept).to_contain_text("prim::Constant")  # which does for both
    explorer.page.keyboard.press("s")
    expect(sides[1]).to_be_hidden()


def test_the_texts_begin_at_the_first_change(explorer: Explorer, drawer: Locator, trace: PassTrace):
    fusion = next(one for one in trace if one.name == "Fusion")
    nodes = list(fusion.before.nodes)
    assert min(map(nodes.index, fusion.diff.removed)) > 100  # far below the first lines
    steps(drawer).filter(has_text="Fusion").first.click()
    explorer.graph.focus()
    explorer.page.keyboard.press("s")
    explorer.page.keyboard.press("s")
    before, after = (
        explorer.root.get_by_role("listbox", name=f"IR text {it}") for it in LEFT_RIGHT
    )
    expect(before.locator(".tsv-row.is-removed").first).to_be_in_viewport()
    expect(after.locator("[data-row='0']")).to_have_count(0)


def test_the_split_view_stays_while_stepping(explorer: Explorer, drawer: Locator):
    steps(drawer).first.click()
    open_split(explorer, drawer)
    expect(explorer.root.get_by_role("group", name="Before")).to_contain_text("no snapshot before")
    explorer.graph.press("]")
    expect(head(explorer, "Before")).to_contain_text("as captured")
    expect(head(explorer, "After")).to_contain_text("after Inline + Peephole")
    explorer.graph.press("]")
    expect(head(explorer, "Before")).to_contain_text("after Inline + Peephole")
    expect(head(explorer, "After")).to_contain_text("after CanonicalizeOps")
    explorer.root.get_by_role("button", name="Close split view").click()
    expect(explorer.root.get_by_role("group", name="Before")).to_be_hidden()


def test_a_lost_node_has_its_obituary(explorer: Explorer, drawer: Locator, trace: PassTrace):
    record, fate = next(
        (record, fate)
        for record in trace.changed
        for fate in record.fates.values()
        if fate.node in trace.first.nodes and not fate.successors
    )
    node = trace.first.nodes[fate.node]
    name = trace.first.values[node.outputs[0]].name
    steps(drawer).first.click()
    explorer.search.fill(f"%{name}")
    explorer.search.press("Enter")
    expect(explorer.details.get_by_role("heading", level=3)).to_contain_text(name)
    steps(drawer).filter(has_text=record.name).first.click()
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text(node.op)
    expect(explorer.details).to_contain_text("gone")
    expect(explorer.details.get_by_role("button", name=record.name)).to_be_visible()
    steps(drawer).first.click()
    expect(explorer.details.get_by_role("heading", level=3)).to_contain_text(name)


def test_the_drawer_answers_from_the_selection(
    explorer: Explorer, drawer: Locator, trace: PassTrace
):
    steps(drawer).first.click()
    explorer.click("aten::sigmoid")
    node = next(node for node in trace.first.nodes.values() if node.op == "aten::sigmoid")
    lineage = trace.lineage(node)
    touching = [trace[index].name for index in dict.fromkeys(e.record for e in lineage.events)]
    assert len(touching) > 2
    expect(drawer.get_by_text(f"{len(touching)} of 46 passes touched this node")).to_be_visible()
    marked = drawer.locator("[role=treeitem][aria-description='touched the selection']")
    expect(marked.locator(".tsv-step-name")).to_have_text(touching)
    for key, names in (("}", touching), ("{", touching[-2::-1])):
        for name in names:
            explorer.graph.press(key)
            expect(chosen(drawer).locator(".tsv-step-name")).to_have_text(name)
            expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")
    drawer.get_by_label("Effect").select_option("touched the selection")
    expect(steps(drawer).locator(".tsv-step-name")).to_have_text(["as captured", *touching])


def test_changes_of_a_line_are_stepped_through(explorer: Explorer, drawer: Locator):
    steps(drawer).first.click()
    explorer.line("scores = torch.sigmoid(").click()
    expect(drawer.get_by_role("status")).to_contain_text("passes touched this line")
    seen = list[str]()
    forward = drawer.get_by_role("button", name="Next change of the selection")
    while forward.get_attribute("aria-disabled") != "true":
        forward.click()
        seen.append(chosen(drawer).inner_text())
    assert len(seen) == len(set(seen)) == drawer.locator("[aria-description]").count()
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")


def test_two_snapshots_are_pinned_and_compared(
    explorer: Explorer, drawer: Locator, trace: PassTrace
):
    steps(drawer).first.click()
    drawer.get_by_role("button", name="Pin as A").click()
    steps(drawer).last.click()
    explorer.graph.press("b")
    expect(head(explorer, "Before")).to_contain_text("A · as captured")
    expect(head(explorer, "After")).to_contain_text("B · after RemoveTensorTypeSpecializations")
    only_before = trace.first.nodes.keys() - trace.last.nodes.keys()
    only_after = trace.last.nodes.keys() - trace.first.nodes.keys()
    removed = head(explorer, "Before").locator(".tsv-sign-removed")
    expect(removed).to_have_text(f"{MINUS}{len(only_before)}")
    made = head(explorer, "After").locator(".tsv-sign-made")
    expect(made).to_have_text(f"+{len(only_after)}")
    steps(drawer).nth(2).click()  # compared with A, too, until that is taken off
    expect(head(explorer, "Before")).to_contain_text("A · as captured")
    steps(drawer).first.click()
    drawer.get_by_role("button", name="Unpin A").click()
    expect(explorer.root.get_by_role("group", name="Before")).to_contain_text("no snapshot before")


def test_a_step_has_a_card(drawer: Locator, trace: PassTrace):
    steps(drawer).filter(has_text="CanonicalizeOps").click()
    record = next(one for one in trace if one.name == "CanonicalizeOps")
    card = drawer.get_by_role("complementary", name="Step")
    expect(card.get_by_role("heading")).to_have_text("CanonicalizeOps")
    expect(card).to_contain_text(catalog["canonicalize_graph_fuser_ops"].summary)
    expect(card.get_by_role("listitem")).to_have_text(list(describe_rewrites(record)))
    expect(card).to_contain_text(f"+{len(record.diff.added)} made")


def test_steps_are_filtered(drawer: Locator):
    names = steps(drawer).locator(".tsv-step-name")
    drawer.get_by_label("Words").fill("constantpool")
    pooled = ["ConstantPooling"] * 2
    both = names.filter(has_text=re.compile("^ConstantPooling$"))
    expect(both).to_have_text(pooled)
    run = drawer.get_by_role("group", name="run 1").get_by_role("button")
    run.click()
    expect(both).to_have_count(1)
    drawer.get_by_label("Words").fill("")
    run.click()
    drawer.get_by_label("Effect").select_option("changed nothing")
    expect(names).to_have_count(1 + 35)
    steps(drawer).filter(has_text="CheckInplace").first.click()
    card = drawer.get_by_role("complementary", name="Step")
    expect(card).to_contain_text("changed nothing")
    drawer.get_by_role("tree", name="Steps").press("Home")
    expect(chosen(drawer)).to_have_text("as captured")
    drawer.get_by_role("tree", name="Steps").press("ArrowDown")
    expect(chosen(drawer)).to_contain_text("inlining")


def test_runs_are_told_and_lead_to_their_plan(drawer: Locator, trace: PassTrace):
    runs = drawer.get_by_role("group", name="Runs").get_by_role("group")
    expect(runs).to_have_count(len(trace.runs))
    for shown, run in zip(runs.all(), trace.runs, strict=True):
        expect(shown).to_contain_text(f"{run.seconds:.2f} s")
    last = runs.last
    expect(last).to_contain_text("nothing compiled")
    last.get_by_role("button", name="ran the plan of step").press("Enter")
    ran = trace[trace.runs[-1].plan].after
    left = next(record for record in trace if record.after is ran)  # others changed nothing
    expect(chosen(drawer)).to_contain_text(left.name)
    expect(drawer.get_by_role("group", name="Runs")).to_contain_text("printing the log")


def test_the_help_lists_the_keys_of_passes(explorer: Explorer, drawer: Locator):
    explorer.graph.press("?")
    keys = explorer.root.get_by_role("dialog", name="Keys")
    for words in ("of what is selected", "side by side", "pin the snapshot shown"):
        expect(keys).to_contain_text(words)


def test_the_drawer_closes(explorer: Explorer, drawer: Locator):
    drawer.get_by_role("button", name="Close passes").click()
    expect(drawer).to_be_hidden()
    expect(explorer.root.get_by_role("button", name="Passes", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


@pytest.fixture(scope="module")
def grad_trace() -> PassTrace:
    example = get("detector")
    program = tsviz.capture(example.build(), example.inputs(), via="script")
    return tsviz.run_passes(program, pipeline=Runtime(grad=True))


@pytest.fixture(scope="module")
def grad_saved(tmp_path_factory: pytest.TempPathFactory, grad_trace: PassTrace) -> Path:
    path = tmp_path_factory.mktemp("passes") / "gradients.html"
    tsviz.save(grad_trace, path)
    return path


@pytest.fixture
def grad_explorer(watched: Watched, grad_saved: Path) -> Explorer:
    return open_saved(watched, grad_saved)


def test_parts_unfold_under_their_step_and_are_followed_into(
    grad_explorer: Explorer, grad_trace: PassTrace, watched: Watched
):
    explorer = grad_explorer
    explorer.root.get_by_role("button", name="Passes", exact=True).click()
    drawer = explorer.root.get_by_role("region", name="Passes", exact=True)
    parts = steps(drawer).and_(drawer.locator("[aria-expanded]"))
    expect(parts).to_have_count(8)
    expect(parts.last).to_contain_text("fallback · 18 steps, 2 changed something · taken from")

    # a node of a group, followed from the program into the part that was compiled of it
    inside = grad_trace[next(r.index for r in grad_trace if r.part == 4)].before.nodes
    node = next(n for n in inside.values() if n.op == "aten::exp")
    steps(drawer).and_(drawer.locator(f"[data-step='{_left(grad_trace, 98)}']")).click()
    assert node.id in grad_trace[98].after.nodes
    assert sum(other.op == node.op for other in grad_trace[98].after.nodes.values()) == 1
    explorer.search.fill(node.op)
    explorer.search.press("Enter")
    expect(explorer.details.get_by_role("heading", level=3)).to_contain_text("exp")
    part = parts.filter(has_text="part 4")
    part.click()
    expect(part).to_have_attribute("aria-expanded", "true")
    expect(explorer.details.get_by_role("heading", level=3)).to_contain_text("exp")
    expect(explorer.marked_lines).to_contain_text("exp(")

    open_split(explorer, drawer)
    explorer.graph.press("]")
    expect(head(explorer, "Before")).to_contain_text("part 4 · as taken out")
    first = next(r for r in grad_trace.changed if r.part == 4)
    expect(head(explorer, "After")).to_contain_text(f"part 4 · after {first.name}")
    expect(explorer.text).to_contain_text("graph(")
    explorer.root.get_by_role("button", name="Close split view").click()

    # and on into the backward graph, whose nodes lead back to the line
    parts.nth(6).locator(".tsv-fold").click()
    steps(drawer).filter(has_text="differentiate").click()
    expect(chosen(drawer)).to_contain_text("differentiate")
    expect(explorer.marked_lines.first).to_contain_text("exp(")
    drawer.get_by_label("Part").select_option(label="part 7 · backward graph")
    expect(steps(drawer).first).to_have_text("as captured")
    expect(parts).to_have_count(1)
    assert watched.errors == []


def _left(trace: PassTrace, step: int) -> int:
    """The step that left the snapshot after another: those between them changed nothing."""
    return next(r.index for r in trace if r.after is trace[step].after)
