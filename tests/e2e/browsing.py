"""What a page did besides what the test looked at: requests that left the machine, and errors."""

import re
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Request

RESULTS = Path(__file__).parents[2] / "test-results"
LOCAL = re.compile(r"(file:///|data:|blob:|about:|(http|ws)://127\.0\.0\.1[:/])")


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
