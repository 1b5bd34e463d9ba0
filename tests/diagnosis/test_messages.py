"""Every entry of the table of messages: its program provokes it, and gets its words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from tests.diagnosis.failing import HEAD, NEEDS_NO_CUDA, explanation_of, rendered
from tsviz.frontends.failures import MESSAGES

PAGE = Path(__file__).parents[2] / "docs" / "dev" / "messages.md"
ENTRY = re.compile(
    r"^### (?P<name>[\w-]+)\n\n```python\n(?P<program>.*?)\n```\n\n"
    r"- cause: (?P<cause>[^\n]+)\n- help: (?P<help>[^\n]+)\n",
    re.MULTILINE | re.DOTALL,
)
PHASES = {message.name: phase for phase, table in MESSAGES.items() for message in table}


@dataclass(frozen=True)
class Entry:
    """An entry of the page."""

    name: str
    program: str
    cause: str
    help: str


ENTRIES = [Entry(**match.groupdict()) for match in ENTRY.finditer(PAGE.read_text("utf-8"))]


def test_the_page_lists_the_table():
    names = [message.name for table in MESSAGES.values() for message in table]
    assert [entry.name for entry in ENTRIES] == names
    assert len(names) == len(set(names)) >= 40


def test_the_page_shows_what_its_programs_begin_with():
    assert f"```python\n{HEAD.rstrip()}\n```" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_program(
    entry: Entry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    golden: Callable[[str, str], None],
    request: pytest.FixtureRequest,
):
    if entry.name in NEEDS_NO_CUDA and torch.cuda.is_available():
        pytest.skip("provokes what PyTorch says without CUDA")
    monkeypatch.chdir(tmp_path)
    found = explanation_of(HEAD + entry.program + "\n", tmp_path)
    assert (found.name, found.phase) == (entry.name, PHASES[entry.name])
    assert found.diagnostic.code == CODES[found.phase]
    cause = found.diagnostic.message.partition(": ")[2] if found.phase in SAID else ""
    words = cause or found.diagnostic.message, found.diagnostic.help
    if request.config.getoption("--update-golden"):
        _write(entry, *words)
    else:
        assert words == (entry.cause, entry.help)
    golden(f"errors/{entry.name}.txt", rendered(found, tmp_path))


SAID = {"compile", "trace", "load", "save", "freeze"}
"""Phases that a message begins with."""

CODES = {
    "run": "TSV-F01",
    "call": "TSV-F02",
    "compile": "TSV-F03",
    "trace": "TSV-F04",
    "load": "TSV-F05",
    "save": "TSV-F06",
    "freeze": "TSV-F07",
}


def _write(entry: Entry, cause: str, help: str) -> None:
    text = PAGE.read_text("utf-8")
    head = f"### {entry.name}\n\n```python\n{entry.program}\n```\n\n"
    old = f"{head}- cause: {entry.cause}\n- help: {entry.help}\n"
    PAGE.write_text(text.replace(old, f"{head}- cause: {cause}\n- help: {help}\n"), "utf-8")
