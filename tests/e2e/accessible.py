"""axe-core: what of a page people who do not see it, or not well, cannot use."""

from pathlib import Path

from playwright.sync_api import Frame, Page

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
ASK = """async (within) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await axe.run(within, { runOnly: { type: "tag", values: tags } });
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""


def violations(page: Page | Frame, within: str = ".tsv") -> list[str]:
    """Rule, place and reason of all that axe finds wrong inside the first `within`."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; undefined")
    return page.evaluate(ASK, within)
