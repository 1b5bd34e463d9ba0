"""What a notebook keeps of an explorer: a picture, and beside it, if asked for, the whole page."""

import base64
import importlib
import random
import re
import zlib
from html import unescape
from pathlib import Path

import pytest
import torch

import tsviz
from tsviz.errors import UsageError
from tsviz.widgets.explorer import Explorer, explore

PARTS = re.compile(
    r'<figure style="margin:0">.*</figure>'
    r'<script data-title="([^"<>]*)" data-page="([^"<>]*)">([^<]*(?:<(?!/?script)[^<]*)*)</script>',
    re.DOTALL,
)


class Gate(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.relu() + 1


class Half(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * 0.5


GATE = tsviz.capture(torch.jit.script(Gate().eval()), (torch.ones(2),))


def stored(explorer: Explorer) -> str:
    return explorer.bundle()[0]["text/html"]


def parts(html: str) -> tuple[str, str]:
    """Title and page of what is kept; there is nothing else beside the picture."""
    found = PARTS.fullmatch(html)
    assert found is not None
    packed = base64.b64decode(found[2], validate=True)
    return unescape(found[1]), zlib.decompress(packed, wbits=-15).decode()


def test_only_what_is_asked_for_is_kept():
    assert "<script" not in stored(tsviz.explore(GATE))
    assert stored(tsviz.explore(GATE)).endswith(
        "Run this cell to explore.</figcaption>" + picture()
    )


def picture() -> str:
    return stored(tsviz.explore(GATE)).partition("</figcaption>")[2]


def test_the_page_is_the_one_that_is_saved(tmp_path: Path):
    explorer = tsviz.explore(GATE, keep=True)
    tsviz.save(GATE, tmp_path / "gate.html")
    title, page = parts(stored(explorer))
    assert title == explorer.summary
    assert page == (tmp_path / "gate.html").read_text()


def test_it_takes_a_megabyte():
    size = len(stored(tsviz.explore(GATE, keep=True)).encode())
    assert 1_000_000 < size < 1_300_000


def test_what_was_found_by_then_is_kept():
    plain, traced = tsviz.explore(GATE, keep=True), tsviz.explore(tsviz.run_passes(GATE))
    traced.keep()
    assert len(stored(traced)) > len(stored(plain))


def test_no_plots_are_kept_where_nothing_was_measured():
    mark = '<script type="text/plain" id="tsviz-plots">'
    assert mark not in parts(stored(tsviz.explore(GATE, keep=True)))[1]
    profiled = tsviz.explore(tsviz.profile(GATE, runs=2), keep=True)
    assert mark in parts(stored(profiled))[1]


def test_names_are_text():
    program = tsviz.capture(torch.jit.script(Half().eval()), (torch.ones(2),))
    hostile = '"><script>alert(1)</script>'
    explorer = explore(program)
    explorer.summary = hostile
    explorer.keep()
    assert parts(stored(explorer))[0] == hostile


def test_too_large_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    noise = random.Random(0).randbytes(1_200_000).hex()
    comments = [f"# {noise[start : start + 120]}\n" for start in range(0, len(noise), 120)]
    code = "def half(x):\n    return x * 0.5\n"
    (tmp_path / "noisy.py").write_text(code + "".join(comments))
    monkeypatch.syspath_prepend(tmp_path)
    half = importlib.import_module("noisy").half
    with pytest.raises(UsageError) as caught:
        tsviz.explore(tsviz.capture(half, (torch.ones(1),), via="trace"), keep=True)
    assert re.fullmatch(
        r"error\[TSV-U42\]: expected an explorer of at most 2 MB to keep in the notebook, "
        r"got one of [2-9]\.\d MB\n"
        r'  help: show it without `keep`, and write a file beside: tsviz\.save\(…, "model\.html"\)',
        str(caught.value),
    )
