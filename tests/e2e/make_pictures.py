"""Makes the README's pictures of the explorer: `python -m tests.e2e.make_pictures`."""

import shutil
import tempfile
import warnings
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

import tsviz
from tsviz.examples import get

IMAGES = Path(__file__).parents[2] / "docs" / "images"
FLAGS = ["--no-sandbox", "--disable-gpu"]


def main() -> None:
    """Writes one picture for each theme."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    example = get("resnet50")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = Path(folder, "explorer.html")
        tsviz.save(tsviz.capture(example.build(), example.inputs()), page)
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=FLAGS
            )
            for theme in ("light", "dark"):
                take(chromium, page, theme)
            chromium.close()


def take(browser: Browser, path: Path, theme: str) -> None:
    """One picture, with the first residual block's addition selected."""
    size = {"width": 1440, "height": 860}
    page = browser.new_page(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page.goto(path.as_uri())
    page.wait_for_selector("[data-tsviz-ready=true]")
    page.keyboard.press("Tab")
    page.get_by_role("treeitem", name="conv2").first.dispatch_event("click")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # the move to the engine's places
    page.screenshot(path=IMAGES / f"explorer-{theme}.png")
    page.close()


if __name__ == "__main__":
    main()
