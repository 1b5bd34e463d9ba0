"""Makes the README's pictures of the explorer: `python -m tests.e2e.make_pictures`."""

import tempfile
import warnings
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

import tsviz
from tests.e2e.browsing import Watched, start_chromium
from tests.e2e.explorer import Explorer
from tsviz.examples import get

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SIZE = {"width": 1440, "height": 860}


def main() -> None:
    """Writes one picture for each theme: ResNet-50, with the sum of its first block selected."""
    example = get("resnet50")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        start_chromium(playwright) as browser,
    ):
        page = Path(folder, "explorer.html")
        with warnings.catch_warnings(action="ignore"):
            tsviz.save(tsviz.capture(example.build(), example.inputs(), via="script"), page)
        for theme in ("light", "dark"):
            take(browser, page, theme)


def take(browser: Browser, path: Path, theme: str) -> None:
    """One picture; with reduced motion nothing is still on its way when it is taken."""
    watched = Watched(browser, viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
    watched.page.goto(path.as_uri())
    explorer = Explorer(watched.page).wait()
    explorer.boxes("aten::add").first.dispatch_event("click")
    expect(explorer.marked_lines).to_contain_text("return torch.relu(x + shortcut)")
    watched.page.screenshot(path=IMAGES / f"explorer-{theme}.png")
    watched.close()


if __name__ == "__main__":
    main()
