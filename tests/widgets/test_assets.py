"""The files of the front end: all there, and what is not is said."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tsviz
from tsviz.errors import UsageError
from tsviz.widgets.assets import NAMES, read_asset, read_text_asset


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_built(name: str) -> None:
    assert len(read_asset(name)) > 0
    assert read_text_asset(name).encode() == read_asset(name)


@pytest.mark.parametrize("name", ["../assets.py", "widget.ts", ""])
def test_another_file(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_asset(name)
    assert str(caught.value) == (
        "error[TSV-U33]: expected one of the front end's files widget.js, widget.css, loader.js, "
        f"standalone.js, kept.js, graphviz.js, plotly.js, got {name!r}"
    )


def test_a_checkout_without_its_front_end(tmp_path: Path) -> None:
    package = Path(tsviz.__file__).parent
    without = shutil.ignore_patterns("static", "__pycache__")
    shutil.copytree(package, tmp_path / "tsviz", ignore=without)
    code = (
        "import tsviz.widgets.assets as assets\n"
        "try:\n    assets.read_asset('widget.js')\n"
        "except assets.UsageError as error:\n    print(assets.__file__, error, sep='\\n')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        f"{tmp_path / 'tsviz' / 'widgets' / 'assets.py'}\n"
        "error[TSV-U34]: expected the built front end file widget.js, "
        "it is missing from this installation\n"
        "  help: run `make` in the checkout, or install tsviz from a wheel\n"
    )
