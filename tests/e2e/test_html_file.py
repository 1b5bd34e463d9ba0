"""The saved HTML file, opened from disk on a machine without a network."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from torch import nn

import tsviz
from tests.e2e.browsing import BLOCK_STORAGE, RESULTS, Watched
from tests.e2e.explorer import Explorer, open_saved
from tsviz.examples import get


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The detector: modules, functions, an If with an empty picture's branch, a Loop."""
    path = tmp_path_factory.mktemp("saved") / "detector.html"
    example = get("detector")
    tsviz.save(tsviz.capture(example.build(), example.inputs(), via="script"), path)
    return path


@pytest.fixture
def explorer(watched: Watched, saved: Path) -> Explorer:
    return open_saved(watched, saved)


def test_opens_from_disk_without_a_network(explorer: Explorer, watched: Watched):
    expect(explorer.boxes("backbone")).to_be_attached()
    expect(explorer.boxes("aten::sigmoid")).to_be_attached()
    expect(explorer.boxes("while order.numel() > 0")).to_have_attribute("aria-expanded", "true")
    expect(explorer.drawn(explorer.boxes("backbone"))).to_be_visible()
    expect(explorer.line("scores = torch.sigmoid(")).to_be_visible()
    expect(explorer.root.get_by_role("note").first).to_contain_text("100% linked")
    assert watched.errors == []


def test_a_scope_unfolds_and_folds(explorer: Explorer):
    scope = explorer.click("backbone")
    expect(scope).to_have_attribute("aria-expanded", "false")
    explorer.details.get_by_role("button", name="Unfold").click()
    expect(explorer.boxes("backbone")).to_have_attribute("aria-expanded", "true")
    expect(explorer.boxes("Conv2d").first).to_be_attached()
    box = explorer.drawn(explorer.boxes("backbone"))
    box.locator(".tsv-chevron").click()
    expect(explorer.boxes("backbone")).to_have_attribute("aria-expanded", "false")
    box = explorer.drawn(explorer.boxes("backbone"))
    box.locator("text").first.dblclick()
    expect(explorer.boxes("backbone")).to_have_attribute("aria-expanded", "true")


def test_a_node_marks_its_source_line_and_its_ir_row(explorer: Explorer):
    box = explorer.click("aten::sigmoid")
    expect(box).to_have_attribute("aria-selected", "true")
    expect(explorer.marked_lines).to_have_count(1)
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")
    expect(explorer.marked_lines).to_be_in_viewport()
    marked = "".join(explorer.marked_lines.locator("mark").all_inner_texts())
    assert marked == "torch.sigmoid"
    expect(explorer.marked_rows).to_have_count(1)
    expect(explorer.marked_rows).to_contain_text("aten::sigmoid")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::sigmoid")


def test_a_source_line_marks_its_nodes(explorer: Explorer):
    explorer.line("scores = torch.sigmoid(").click()
    expect(explorer.marked_boxes).to_contain_text(["score_head", "sigmoid", "flatten"])
    expect(explorer.marked_rows.first).to_be_in_viewport()
    expect(explorer.details).to_contain_text("Nodes of this line")


def test_an_ir_row_marks_its_node_and_its_line(explorer: Explorer):
    row = explorer.text.get_by_role("option").filter(has_text="aten::conv2d").first
    rows = explorer.text.get_by_role("listbox")
    rows.hover()
    explorer.page.mouse.wheel(0, 400)
    expect(rows).to_have_js_property("scrollTop", 400)  # a click meets a row that stands still
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    expect(explorer.boxes("aten::conv2d").first).to_have_attribute("aria-selected", "true")
    expect(explorer.marked_lines).to_have_count(1)


def test_hover_links_the_panes_without_selecting(explorer: Explorer):
    explorer.click("aten::flatten")  # brings the IR text near
    explorer.drawn(explorer.boxes("aten::sigmoid")).locator("text").first.hover()
    expect(explorer.source.locator(".is-hovered")).to_contain_text("torch.sigmoid")
    expect(explorer.text.locator(".is-hovered")).to_contain_text("aten::sigmoid")
    explorer.line("scores = torch.sigmoid(").hover()
    hovered = explorer.root.locator(".tsv-svg .is-hovered")
    expect(hovered).to_contain_text(["score_head", "sigmoid", "flatten"])
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::flatten")


SEARCHES = {
    "argsort": "aten::argsort",
    "score_head": "score_head",
    "detector.py:93": "detector.py:93",
    "/^aten::(max|min)$/": "aten::max",
    "%picture.1": "%picture.1",
}


def test_search_finds_ops_scopes_lines_patterns_and_values(explorer: Explorer):
    results = explorer.root.get_by_role("listbox", name="Search results")
    for query, first in SEARCHES.items():
        explorer.search.fill(query)
        expect(results.get_by_role("option").first).to_contain_text(first)
        explorer.search.press("Enter")
        expect(results).to_be_hidden()
        expect(explorer.marked_boxes.first).to_be_in_viewport()


def test_search_says_what_is_wrong_with_a_pattern(explorer: Explorer):
    explorer.search.fill("/(/")
    said = explorer.root.get_by_role("search").get_by_role("status")
    expect(said).to_contain_text("Invalid regular expression")


def test_its_keys_act_before_anything_was_clicked(explorer: Explorer):
    explorer.page.keyboard.press("/")
    expect(explorer.search).to_be_focused()


def test_the_keyboard_alone_is_enough(explorer: Explorer):
    keys = explorer.page.keyboard
    explorer.graph.focus()
    keys.press("?")
    expect(explorer.root.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(explorer.root.get_by_role("dialog", name="Keys")).to_be_hidden()
    explorer.graph.focus()
    keys.press("/")
    expect(explorer.search).to_be_focused()
    keys.type("aten::sigmoid")
    keys.press("Enter")
    expect(explorer.graph).to_be_focused()
    expect(explorer.marked_lines).to_contain_text("torch.sigmoid")
    keys.press("ArrowDown")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::flatten")
    keys.press("ArrowUp")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::sigmoid")
    keys.press("ArrowUp")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("aten::conv2d")
    expect(explorer.boxes("score_head")).to_have_attribute("aria-expanded", "true")
    keys.press("o")
    expect(explorer.boxes("score_head")).to_have_attribute("aria-expanded", "false")
    keys.press("o")
    expect(explorer.boxes("score_head")).to_have_attribute("aria-expanded", "true")
    keys.press("Escape")
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text("Detector")


def test_what_the_selection_depends_on_is_set_off(explorer: Explorer):
    explorer.click("aten::sigmoid")
    explorer.root.get_by_role("button", name="inputs").click()
    expect(explorer.root.locator(".tsv-svg .is-input").filter(has_text="backbone")).to_have_count(1)
    outside = explorer.drawn(explorer.boxes("aten::exp"))
    expect(outside).to_have_class(re.compile(r"\bis-dim\b"))


def test_what_needs_a_kernel_says_why_it_cannot_be_used(explorer: Explorer):
    for name in ("Save HTML", "Debug"):
        button = explorer.root.get_by_role("button", name=name, exact=True)
        expect(button).to_have_attribute("aria-disabled", "true")
        expect(button).to_have_attribute("title", "this is a saved file, no kernel is connected")


def test_shapes_came_along_from_one_run(explorer: Explorer):
    expect(explorer.details).to_contain_text("from one run with the example inputs")
    explorer.click("aten::sigmoid")
    expect(explorer.details).to_contain_text("f32[1, 1, 8, 8]")


def test_weights_came_along_as_statistics(explorer: Explorer):
    explorer.details.get_by_role("button", name="score_head.weight").click()
    expect(explorer.details).to_contain_text("f32")
    expect(explorer.details).to_contain_text("Mean", ignore_case=True)


def test_the_picture_is_exported(explorer: Explorer, tmp_path: Path):
    with explorer.page.expect_download() as download:
        explorer.root.get_by_role("combobox", name="Export picture").select_option("svg")
    download.value.save_as(tmp_path / "picture.svg")
    picture = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    assert download.value.suggested_filename == "Detector.svg"
    assert "sigmoid" in picture


@pytest.mark.parametrize("watched", [{"color_scheme": "dark"}], indirect=True)
def test_dark_follows_the_system_until_the_reader_chooses(explorer: Explorer):
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    expect(explorer.root).to_have_css("background-color", "rgb(20, 24, 31)")
    explorer.click("aten::sigmoid")
    explorer.page.screenshot(path=RESULTS / "html-file-dark.png")
    explorer.root.get_by_role("button", name="Light or dark").click()
    expect(explorer.root).to_have_attribute("data-theme", "light")
    expect(explorer.root).to_have_css("background-color", "rgb(255, 255, 255)")


@pytest.mark.parametrize("watched", [{"viewport": {"width": 600, "height": 800}}], indirect=True)
def test_a_narrow_window_shows_one_pane_at_a_time(explorer: Explorer):
    expect(explorer.graph).to_be_visible()
    expect(explorer.source).to_be_hidden()
    explorer.root.get_by_role("tab", name="Source").click()
    expect(explorer.graph).to_be_hidden()
    explorer.line("torch.sigmoid").click()
    explorer.root.get_by_role("tab", name="Graph").click()
    expect(explorer.marked_boxes.filter(has_text="sigmoid")).to_have_count(1)


def test_names_are_text_and_nothing_else(watched: Watched, tmp_path: Path):
    name, other = "<script>alert`1`</script>", "<img/src=x/onerror=alert`1`>"
    model = nn.Sequential(OrderedDict({name: nn.Linear(2, 2), other: nn.Linear(2, 2)}))
    path = tmp_path / "<img src=x onerror=alert(1)>.html"
    tsviz.save(tsviz.capture(model, via="script"), path)
    dialogs: list[str] = []
    watched.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    watched.page.goto(path.as_uri())
    explorer = Explorer(watched.page).wait()
    expect(explorer.boxes(other)).to_be_attached()
    explorer.click(name)
    expect(explorer.details.get_by_role("heading", level=3)).to_have_text(name)
    assert watched.page.locator("#tsviz :is(script, img)").count() == 0
    assert dialogs == []
    assert watched.errors == []


def test_the_page_refuses_what_it_does_not_need(explorer: Explorer, page: Page, watched: Watched):
    refused = page.evaluate(
        """async () => {
          const violated = [];
          document.addEventListener("securitypolicyviolation", (event) =>
            violated.push(event.effectiveDirective));
          await fetch("http://127.0.0.1:1/").catch(() => undefined);
          const script = document.createElement("script");
          script.textContent = "globalThis.ran = true";
          document.body.append(script);
          const image = new Image();
          image.src = "http://127.0.0.1:1/x.png";
          await new Promise((resolve) => (image.onerror = resolve));
          return { violated, ran: globalThis.ran ?? false };
        }"""
    )
    assert refused == {"violated": ["connect-src", "script-src-elem", "img-src"], "ran": False}


@pytest.fixture
def server(saved: Path) -> Iterator[str]:
    """The folder of the file, served by somebody who forbids scripts inside pages."""

    class Strict(SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", "script-src 'self'; style-src 'self'")
            super().end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    handler = partial(Strict, directory=saved.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_where_its_scripts_are_forbidden_it_says_so(page: Page, saved: Path, server: str):
    page.goto(f"{server}/{saved.name}")
    expect(page.get_by_role("heading", name="Detector")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d+ nodes, \d+ source files"))).to_be_visible()
    expect(page.get_by_text("Download the file and open it from disk")).to_be_visible()
    expect(page.locator(".tsv")).to_have_count(0)


@pytest.mark.parametrize("watched", [{"java_script_enabled": False}], indirect=True)
def test_without_scripts_it_says_so(page: Page, saved: Path):
    page.goto(saved.as_uri())
    expect(page.get_by_text("Download the file and open it from disk")).to_be_visible()


def test_without_workers_there_is_a_simpler_arrangement(watched: Watched, saved: Path):
    watched.page.add_init_script("delete globalThis.Worker")
    watched.page.goto(saved.as_uri())
    explorer = Explorer(watched.page).wait()
    expect(explorer.picture.get_by_role("status")).to_have_text(
        "shown in a simpler arrangement: this browser runs no workers"
    )
    explorer.click("aten::sigmoid")
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")
    assert watched.errors == []


def test_without_webassembly_there_is_a_simpler_arrangement(
    watched: Watched, saved: Path, tmp_path: Path
):
    """As in a browser without it: the worker finds none."""
    text = saved.read_text(encoding="utf-8")
    worker = '<script type="text/plain" id="tsviz-worker">'
    assert worker in text
    lacking = tmp_path / "lacking.html"
    lacking.write_text(
        text.replace(worker, worker + "delete globalThis.WebAssembly;"), encoding="utf-8"
    )
    watched.page.goto(lacking.as_uri())
    explorer = Explorer(watched.page).wait()
    expect(explorer.picture.get_by_role("status")).to_have_text(
        "shown in a simpler arrangement: this browser runs no WebAssembly"
    )


def test_with_storage_blocked_it_works_and_remembers_nothing(watched: Watched, saved: Path):
    watched.page.add_init_script(BLOCK_STORAGE)
    watched.page.goto(saved.as_uri())
    explorer = Explorer(watched.page).wait()
    explorer.click("aten::sigmoid")
    expect(explorer.marked_lines).to_contain_text("scores = torch.sigmoid(")
    explorer.root.get_by_role("button", name="Light or dark").click()
    expect(explorer.root).to_have_attribute("data-theme", "dark")
    assert watched.errors == []


def test_a_damaged_file_says_so(page: Page, saved: Path, tmp_path: Path):
    text = saved.read_text(encoding="utf-8")
    data = text.index('id="tsviz-data">')
    cut = tmp_path / "cut.html"
    cut.write_text(text[: data + 5000], encoding="utf-8")
    page.goto(cut.as_uri())
    expect(page.get_by_role("alert")).to_contain_text("the data in this file is damaged")
    expect(page.get_by_role("alert")).to_contain_text("save the file again")
