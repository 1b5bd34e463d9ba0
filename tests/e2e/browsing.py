"""A browser, and what a page did besides what a test looks at: errors, and requests elsewhere."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

_NO_OTHERS = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
RESULTS = Path(__file__).parents[2] / "test-results"
BLOCK_STORAGE = """
for (const name of ["localStorage", "sessionStorage", "indexedDB"])
  Object.defineProperty(globalThis, name, {
    get() { throw new DOMException("access to it is denied", "SecurityError"); },
  });
"""
"""A script for a page, which then has no storage: as in a sandbox, or where cookies are blocked."""

LOCAL = re.compile(r"(file:///|data:|blob:|about:|(http|ws)://127\.0\.0\.1[:/])")


@contextmanager
def start_chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's chromium, which finds no machine but this one."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "`chromium` must be on the PATH"
    args = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={_NO_OTHERS}"]
    browser = playwright.chromium.launch(executable_path=chromium, args=args)
    yield browser
    browser.close()


class Watched:
    """A page whose requests and errors are written down from its first moment.

    Attributes:
        offsite: addresses of other machines that the page asked for.
        errors: uncaught exceptions, and what the page printed as an error: a refusal by its content
            security policy is one.
    """

    def __init__(self, browser: Browser, **context: object) -> None:
        options = {"viewport": {"width": 1440, "height": 900}, **context}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(60_000)
        self.page: Page = self.context.new_page()
        self.offsite: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def keep(self, name: str) -> None:
        """Keeps a picture as `test-results/<name>.png`."""
        RESULTS.mkdir(exist_ok=True)
        self.page.screenshot(path=RESULTS / f"{name}.png")

    def close(self) -> None:
        self.context.close()

    def _request(self, request: Request) -> None:
        if not LOCAL.match(request.url):
            self.offsite.append(request.url)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)
