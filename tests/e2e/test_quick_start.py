"""The quick start runs from top to bottom, and is stored without outputs."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "00_quick_start.ipynb"
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("quick_start")


@pytest.fixture(scope="module")
def outputs(folder: Path) -> dict[str, list[Any]]:
    """What each cell shows, by the cell's id; any exception fails the run."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=None, resources={"metadata": {"path": folder}}).execute()
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def test_it_is_stored_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [(cell.outputs, cell.execution_count) for cell in cells] == [([], None)] * len(cells)


@pytest.mark.parametrize("cell", ["model", "trace", "cell-explore", "archive"])
def test_it_opens_explorers(outputs: dict[str, list[Any]], cell: str):
    (output,) = outputs[cell]
    assert VIEW in output.data
    assert "% linked" in output.data["text/plain"]


def test_it_shows_a_wrong_call(outputs: dict[str, list[Any]]):
    (output,) = outputs["wrong"]
    assert output.name == "stderr"
    assert "error[" in output.text
    assert "picture" in output.text


def test_it_counts_and_saves(outputs: dict[str, list[Any]], folder: Path):
    assert "100% linked" in outputs["python"][0].data["text/plain"]
    assert "prim::If" in outputs["line"][0].data["text/plain"]
    assert "aten::" in outputs["table"][0].data["text/html"]
    assert (folder / "detector.html").stat().st_size > 1_000_000
