"""What the pages of the site show happens: their code runs, and prints what stands below it."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from sybil import Document, Example, Region
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for page in (ROOT / "docs").glob("how-to/*.md"))
FENCE = RawFencedCodeBlockLexer(
    re.compile(r'(?P<language>\w+)(?: title="(?P<title>[^"]+)")?$\n', re.MULTILINE)
)
CUT = "…"  # a line of it stands for any number of lines


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_shows_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bare_shell: InteractiveShell
):
    monkeypatch.syspath_prepend(str(tmp_path))
    document = Document.parse(str(page), iter_examples)
    document.namespace["shell"] = bare_shell
    examples = list(document.examples())
    assert examples
    for example in examples:
        example.evaluate()


def iter_examples(document: Document) -> Iterator[Region]:
    """The fenced blocks of a page: files, cells and commands."""
    for region in FENCE(document):
        language, title = region.lexemes["language"], region.lexemes["title"]
        region.parsed = region.lexemes["source"]
        if title:
            region.lexemes["title"] = title
            region.evaluator = write_file
        else:
            region.evaluator = {"python": run_cell, "console": run_commands}[language]
        yield region


def write_file(example: Example) -> None:
    Path(example.region.lexemes["title"]).write_text(example.parsed, encoding="utf-8")


def run_cell(example: Example) -> None:
    shell: InteractiveShell = example.namespace["shell"]
    shell.run_cell(str(example.parsed)).raise_error()


def run_commands(example: Example) -> None:
    """`$ tsviz …`, and below it what it prints."""
    for part in re.split(r"^\$ ", str(example.parsed), flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        words = [sys.executable, "-m", *shlex.split(command)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        printed = "\n".join(line.rstrip() for line in done.stdout.strip().split("\n"))
        shown = re.split(rf"^{CUT}$", expected.strip(), flags=re.MULTILINE)
        pattern = r"[\s\S]*".join(re.escape(part.strip("\n")) for part in shown)
        assert re.fullmatch(pattern, printed), f"{command}\n{printed}\n{done.stderr}"
