"""The site builds without a complaint, and fetches nothing from elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FETCHED = re.compile(
    r"<(?:script|img|iframe|link rel=.stylesheet.)[^>]*(?:src|href)=.?(https?:[^\s>]*)"
)


def test_the_site_is_whole(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = {page.relative_to(tmp_path).as_posix(): page for page in tmp_path.rglob("*.html")}
    assert len(pages) > 20
    fetched = {name: FETCHED.findall(page.read_text("utf-8")) for name, page in pages.items()}
    assert {name: found for name, found in fetched.items() if found} == {}

    text = {name: page.read_text("utf-8") for name, page in pages.items()}
    assert "search an op, value, scope" in text["how-to/explore.html"]
    assert "tsviz doctor" in text["reference/command.html"]
    assert "--via=WAY" in text["reference/magic.html"]
    assert "<td><code>jit</code></td>" in text["architecture.html"]
    assert 'id="tsviz.capture"' in text["reference/python.html"]
