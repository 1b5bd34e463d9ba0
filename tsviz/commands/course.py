"""`tsviz course [FOLDER]`: the notebooks of the course, where they can be opened and changed."""

import argparse
from pathlib import Path

from rich.table import Table

from tsviz.errors import Diagnostic, UsageError
from tsviz.terminal import new_console
from tsviz.widgets.assets import iter_course

FOLDER = "torchscript-course"
"""As of the tile in JupyterLab's launcher."""


def run(options: argparse.Namespace) -> bool:
    """Copies what is missing, prints what it did and how to go on; finds nothing wrong.

    Raises:
        UsageError: `TSV-L13` nothing can be written there.
    """
    folder = Path(options.folder or FOLDER)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    names: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, notebook in iter_course():
            names.append(name)
            table.add_row(name, _put(folder / name, notebook))
    except OSError as error:
        message = f"expected a folder for the notebooks, got {str(folder)!r}: {error.strerror}"
        raise UsageError(Diagnostic("TSV-L13", message)) from error
    console = new_console()
    console.print(table)
    console.print(
        f"\njupyter lab {folder / names[0]}", markup=False, highlight=False, soft_wrap=True
    )
    return False


def _put(path: Path, notebook: bytes) -> str:
    """Writes a notebook that is not there, and says what became of it."""
    if not path.exists():
        path.write_bytes(notebook)
        return "copied"
    return "is there" if path.read_bytes() == notebook else "kept: it was changed here"
