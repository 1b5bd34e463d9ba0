"""What is shown of a comparison: text, HTML and a table."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console

from tests.comparison.gates import Gate
from tsviz.comparison import Comparison, Status, compare
from tsviz.comparison_page import comparison_page
from tsviz.location import short_path

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(Gate(), (torch.ones(2, 3),), tries=40)


def printed(found: Comparison, width: int, *, is_whole: bool = False) -> str:
    console = Console(file=StringIO(), width=width, color_system=None)
    with console.capture() as captured:
        console.print(comparison_page(found, is_whole=is_whole), highlight=False)
    return "\n".join(line.rstrip() for line in captured.get().split("\n"))


@pytest.mark.parametrize("width", [80, 120])
def test_page(found: Comparison, golden: Callable[[str, str], None], width: int):
    text = printed(found, width).replace(f"{short_path(str(HERE))}/", "")
    assert max(map(len, text.split("\n"))) <= width
    golden(f"comparison/page-{width}.txt", text)


def test_text_is_the_whole_page(found: Comparison):
    text = str(found)
    assert text == printed(found, 100, is_whole=True).rstrip()
    (harmless,) = (line for line in text.split("\n") if " harmless · " in line)
    assert harmless.startswith("3 harmless · trace · gates.py:13: `x.max() > 3` was False for")


def test_colours_do_not_change_the_words(found: Comparison):
    console = Console(file=StringIO(), width=80, force_terminal=True, color_system="standard")
    with console.capture() as captured:
        console.print(comparison_page(found), highlight=False)
    coloured = captured.get()
    assert "\x1b[1;31mproven\x1b[0m" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in plain.split("\n")] == printed(found, 80).split("\n")


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────


class Words(HTMLParser):
    """The text of a page; every tag that is opened must be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words_of(html: str) -> str:
    parser = Words()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return "".join(parser.words)


def test_html_says_the_same(found: Comparison):
    bundle = found._repr_mimebundle_()
    assert isinstance(bundle, dict)
    assert set(bundle) == {"text/plain", "text/html"}
    assert bundle["text/plain"] == str(found)
    words = words_of(bundle["text/html"])
    assert str(found.domain) in words
    for finding in found.findings:
        for text in (finding.sentence, finding.consequence, finding.remedy, finding.reason):
            assert text.replace("`", "") in words
    for finding in found.proven:
        script = finding.snippet.partition("import copy")[2].rstrip()
        assert script in words
    assert "if x.sum() > 0:" in words
    assert "the trace holds" in words


def test_what_the_user_wrote_is_escaped():
    name = "<script>alert(1)</script>"
    domain = {"x": {"dims": {0: (1, 4)}}}
    kind = type(name, (Gate,), {})
    found = compare(kind(), (torch.ones(2, 3),), variants=("script",), inputs=domain, tries=2)
    bundle = found._repr_mimebundle_()
    assert isinstance(bundle, dict)
    assert name in bundle["text/plain"]
    assert "<script>" not in bundle["text/html"]
    assert name in words_of(bundle["text/html"])


# ── table ───────────────────────────────────────────────────────────────────────────────────────


def test_table(found: Comparison):
    frame = found.to_dataframe()
    columns = ["variant", "status", "loss", "file", "line", "sentence", "consequence", "remedy"]
    assert list(frame.columns) == [*columns, "reason"]
    source = (HERE / "gates.py").read_text().split("\n")
    branch, size = (row for row in frame.to_dict("records") if row["status"] == "proven")
    assert (branch["variant"], branch["loss"]) == ("trace", "branch")
    assert source[int(branch["line"]) - 1].strip() == "if x.sum() > 0:"
    assert (size["variant"], size["loss"]) == ("trace", "value")
    assert source[int(size["line"]) - 1].strip() == "y = y * int(x.shape[0])"
    assert set(frame["file"]) == {str(HERE / "gates.py")}
    assert list(frame["status"]) == [str(one.status) for one in found.findings]
    assert frame["line"].dtype == "Int64"


def test_nothing_found():
    found = compare(Gate(), (torch.ones(2, 3),), variants=("script",), tries=3)
    assert len(found.to_dataframe()) == 0
    assert "script  3 inputs tried; no counter-example found in 3 inputs\n" in str(found)
    assert not any(finding.status is Status.PROVEN for finding in found.findings)
