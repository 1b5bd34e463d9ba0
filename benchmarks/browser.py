"""A headless chromium in which every tool is looked at by the same code, from outside.

Each cold page gets a browser process and a profile of its own. No page finds any machine but this
one, so that none waits for the network.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

_HERE = Path(__file__).parent
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_WITHOUT_LIMIT = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
WINDOW = {"width": 1600, "height": 1000}
_TRACED = ("-*", "devtools.timeline", "disabled-by-default-devtools.timeline", "toplevel", "cc")
_QUIET_MS = {"tsviz": 2500, "netron": 1000, "model-explorer": 1500}
"""How long a picture must stay as it is to count as settled. tsviz may replace its first layout for
as long as its layout engine is allowed to run, 2 s."""


class NotSeenError(Exception):
    """A page never showed a graph."""


@dataclass(frozen=True, slots=True)
class Sight:
    """When a page showed its graph.

    Attributes:
        first: ms from the start of the navigation to the first frame with a graph.
        settled: the same to the last frame that changed the picture.
        began: start of the navigation, seconds since the epoch.
        boxes: labelled boxes in the page when it settled; `None` where they are not elements.
        edges: edges, likewise.
    """

    first: float
    settled: float
    began: float
    boxes: int | None
    edges: int | None


def chromium() -> str:
    """The browser's path.

    Raises:
        SystemExit: there is none.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("this benchmark needs `chromium` on the PATH")
    return path


def chromium_version() -> str:
    """Its name and version."""
    command = [chromium(), "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"\S+ [\d.]+", output)
    return found[0] if found else output.strip()


@contextmanager
def new_browser(playwright: Playwright, *scripts: str, limit: bool = True) -> Iterator["Tab"]:
    """A browser with an empty profile and one empty tab.

    Args:
        playwright: what drives it.
        scripts: files of this folder that run in every page, besides those that always do.
        limit: whether it makes as many frames a second as a screen shows, else as many as it can.
    """
    arguments = _ARGUMENTS if limit else (*_ARGUMENTS, *_WITHOUT_LIMIT)
    browser = playwright.chromium.launch(executable_path=chromium(), args=list(arguments))
    try:
        yield Tab(browser, scripts)
    finally:
        browser.close()


class Tab:
    """The one tab of a browser; pages opened in it one after the other share a profile."""

    def __init__(self, browser: Browser, scripts: tuple[str, ...] = ()) -> None:
        self._browser = browser
        self._scripts = ("gestures.js", *scripts)
        self._context = browser.new_context(viewport=WINDOW)
        self._page: Page | None = None

    def accept_cookies(self, url: str, name: str) -> None:
        """Comes as a user who has been asked before."""
        self._context.add_cookies([{"name": name, "value": "1", "url": url}])

    def open(self, url: str, tool: str, depth: str = "") -> None:
        """Starts to open a page; `see` waits for its picture.

        Args:
            url: what to open.
            tool: whose page it is: `tsviz`, `netron` or `model-explorer`.
            depth: tsviz only: what to choose in its list of depths as soon as that is there.
        """
        if self._page is not None:
            self._page.close()
        self._page = self._context.new_page()
        self._devtools = self._context.new_cdp_session(self._page)
        head = f"const TOOL={json.dumps(tool)},DEPTH={json.dumps(depth)},QUIET={_QUIET_MS[tool]};"
        # One scope each: a page's own names are not taken.
        for script in (head + _script("probe.js"), *map(_script, self._scripts)):
            self._page.add_init_script(f"{{{script}}}")
        self._page.goto(url, wait_until="commit")

    def see(self) -> Sight:
        """Waits until the picture has settled.

        Raises:
            NotSeenError: it never came; with what the page says instead.
        """
        seen = self.ask("tsvizBenchmark.settled")
        if "error" in seen:
            gone = "a graph that was seen went away again; " if seen["seen"]["first"] else ""
            raise NotSeenError(f"{gone}the page says: {seen['error'] or 'nothing'}")
        times = {name: float(seen[name]) for name in ("first", "settled")}
        began = seen["origin"] / 1000
        return Sight(**times, began=began, boxes=seen["boxes"], edges=seen["edges"])

    def ask(self, expression: str) -> Any:
        """The value of an expression in the page, awaited.

        Not playwright's `evaluate`: that needs `eval` in the page, which Netron takes away.
        """
        options = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        answer = self._devtools.send("Runtime.evaluate", options)
        if "exceptionDetails" in answer:
            raise NotSeenError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def trace(self, expression: str) -> list[dict[str, Any]]:
        """What the browser did, on all its threads, while it found the value of an expression."""
        assert self._page is not None
        self._browser.start_tracing(page=self._page, categories=list(_TRACED))
        try:
            self.ask(expression)
        finally:
            written = self._browser.stop_tracing()
        return json.loads(written)["traceEvents"]

    def click(self, place: str, until: str) -> Any:
        """Clicks like a user, and returns what the page's stop watch says.

        Args:
            place: expression for the point to click.
            until: expression that arms the stop watch and gives a promise of its answer.
        """
        assert self._page is not None
        point = self.ask(place)
        if point is None:
            raise NotSeenError(f"nothing to click at: {place}")
        self.ask(f"void (tsvizBenchmark.answer = {until})")
        self._page.mouse.move(point["x"], point["y"])
        self._page.mouse.down()
        self._page.mouse.up()
        return self.ask("tsvizBenchmark.answer")

    def double_click(self, selector: str, text: str) -> None:
        """Clicks twice on the element that has the text."""
        assert self._page is not None
        self._page.locator(selector).filter(has_text=text).dblclick()

    def screenshot(self, path: Path) -> None:
        """Keeps what the tab shows."""
        assert self._page is not None
        self._page.screenshot(path=path)


def _script(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
