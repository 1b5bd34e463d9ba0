"""What axe-core finds wrong with a part of a page: names, roles, contrast (WCAG 2.2 AA)."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = """([selector, tags]) =>
  axe.run(selector, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] })"""


def violations(page: Page, selector: str) -> list[str]:
    """One line a fault: the rule, the element and what is wrong with it."""
    if not page.evaluate("() => 'axe' in globalThis"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(_RUN, [selector, _TAGS])
    assert found["passes"], f"there is nothing to check at {selector}"
    return [
        f"{rule['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
