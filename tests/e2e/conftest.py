"""A browser for the session, and a watched page for each test."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.browsing import Watched, start_chromium
from tests.e2e.servers import JupyterServer

expect.set_options(timeout=20_000)  # for a notebook's first import of torch on a busy machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with start_chromium(playwright) as browser:
        yield browser


@pytest.fixture
def picture_name(request: pytest.FixtureRequest) -> str:
    """What the picture that is kept of a test is called."""
    return re.sub(r"\W+", "-", f"{request.path.stem}-{request.node.name}").strip("-")


@pytest.fixture
def watched(
    browser: Browser, request: pytest.FixtureRequest, picture_name: str
) -> Iterator[Watched]:
    """A page; whatever the test does, it must ask for nothing from another machine."""
    watched = Watched(browser, **getattr(request, "param", {}))
    yield watched
    watched.keep(picture_name)
    watched.close()
    assert watched.offsite == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab, one for all tests of a worker."""
    with JupyterServer("lab", tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def shared(browser: Browser, lab: JupyterServer) -> Iterator[Watched]:
    """A page of JupyterLab for all tests of a file; starting a kernel with torch takes long."""
    lab.forget_theme()
    watched = Watched(browser)
    yield watched
    watched.close()
    lab.end_kernels()
    assert watched.offsite == []


@pytest.fixture
def pictured(shared: Watched, picture_name: str) -> Iterator[Watched]:
    """The page that the tests of a file share; a picture of it is kept after each."""
    yield shared
    shared.keep(picture_name)
