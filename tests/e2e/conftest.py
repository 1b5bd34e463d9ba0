"""A browser for the session, and a watched page for each test."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browsing import Watched


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"watched", "page"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium, which finds no machine but this one."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "the browser tests need `chromium` on the PATH"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """A page; whatever the test does, it must ask for nothing from another machine."""
    context = getattr(request, "param", {})
    watched = Watched(browser, **context)
    yield watched
    watched.close(re.sub(r"\W+", "-", f"{request.path.stem}-{request.node.name}").strip("-"))
    assert watched.offsite == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page
