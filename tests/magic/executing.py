"""Cells in a kernel of their own."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient


def outputs_of(cells: Iterable[str], folder: Path, *, may_fail: bool = False) -> list[list[Any]]:
    """The outputs of each cell, run one after the other in `folder`.

    Args:
        may_fail: whether a cell that raises is followed by the next.
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=may_fail,
        timeout=300,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return [cell.outputs for cell in notebook.cells]
