"""The explorer as a user meets it: boxes, lines, IR rows and details, by what is written on them.

Boxes are found by their names in the tree that stands beside the picture for screen readers, and
clicked in the picture: so each click also checks that the two show the same.
"""

from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.e2e.browsing import Watched


def open_saved(watched: Watched, page: Path) -> "Explorer":
    """The explorer of a saved page, opened from disk without a network."""
    watched.context.set_offline(True)
    watched.page.goto(page.as_uri())
    return Explorer(watched.page).wait()


class Explorer:
    """One explorer inside a page.

    Args:
        page: the page.
        within: where to look for it; the page itself if `None`.
    """

    def __init__(self, page: Page, within: Locator | None = None) -> None:
        self.page = page
        self.root = (within or page.locator("body")).get_by_role("region", name="tsviz explorer")
        self.picture = self.root.get_by_role("region", name="Graph", exact=True)
        self.graph = self.picture.get_by_role("application")
        self.tree = self.picture.get_by_role("tree", name="Boxes of the graph", exact=True)
        self.source = self.root.get_by_role("region", name="Source", exact=True)
        self.text = self.root.get_by_role("region", name="IR text", exact=True)
        self.details = self.root.get_by_role("complementary", name="Details")
        self.search = self.root.get_by_role("combobox", name="Search")

    def wait(self) -> "Explorer":
        """Until the first picture of the graph has been painted."""
        expect(self.root).to_have_attribute("data-tsviz-ready", "true")
        return self

    def boxes(self, name: str) -> Locator:
        """The boxes of that name, in the tree; `aten::add` for an op, `layer1` for a scope."""
        return self.tree.get_by_role("treeitem", name=name)

    def drawn(self, box: Locator) -> Locator:
        """The same box in the picture."""
        return self.picture.locator(f".tsv-svg [data-id='{box.get_attribute('data-box')}']")

    def click(self, name: str) -> Locator:
        """Clicks the first box of that name in the picture.

        Details that lie over the graph are taken away for that, and the whole graph is shown if the
        box is outside.
        """
        self.close_details()
        box = self.boxes(name).first
        label = self.drawn(box).locator("text").first
        if not self._shows(label):
            self.root.get_by_role("button", name="Fit").click()
        label.click()
        self.open_details()
        return box

    def _shows(self, label: Locator) -> bool:
        """Whether the label lies in the window; what lies far outside it has no element at all."""
        place = label.bounding_box() if label.count() else None
        window = self.graph.bounding_box()
        return bool(place and window and _is_inside(place, window))

    def close_details(self) -> None:
        """Takes the details away where they lie over the graph."""
        close = self.details.get_by_role("button", name="Close details")
        if close.is_visible():
            close.click()

    def open_details(self) -> None:
        if not self.details.is_visible():
            self.root.get_by_role("button", name="Details", exact=True).click()

    def fill_window(self) -> None:
        """Shows it in the full window, where it is not yet."""
        full = self.root.get_by_role("button", name="Full window")
        if full.get_attribute("aria-pressed") != "true":
            full.click()

    def open_drawer(self, name: str) -> Locator:
        """The drawer that a button of the header opens; open afterwards."""
        found = self.root.get_by_role("region", name=name, exact=True)
        if not found.is_visible():
            self.root.get_by_role("button", name=name, exact=True).click()
        return found

    def line(self, text: str) -> Locator:
        """The source line that holds `text`."""
        return self.source.get_by_role("option").filter(has_text=text).first

    @property
    def marked_lines(self) -> Locator:
        """The source lines of what is selected."""
        return self.source.get_by_role("option", selected=True)

    @property
    def marked_rows(self) -> Locator:
        """The rows of IR text of what is selected."""
        return self.text.get_by_role("option", selected=True)

    @property
    def marked_boxes(self) -> Locator:
        """The boxes of the picture that are selected, or that a selected line stands for."""
        return self.picture.locator(".tsv-svg :is(.is-selected, .is-marked)")


def _is_inside(inner: FloatRect, outer: FloatRect) -> bool:
    return (
        outer["x"] <= inner["x"]
        and outer["y"] <= inner["y"]
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    )
