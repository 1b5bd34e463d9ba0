"""The magic in a real ipykernel: what a notebook holds after it ran."""

from typing import Any

import pytest

from tests.magic.conftest import SETUP
from tests.magic.executing import outputs_of

CELLS = [
    "%load_ext tsviz",
    SETUP,
    "%tsdebug model(x)",
    "%tsdebug --via=trace model(undefined)",
    "%%tsdebug --via=script\n\n@torch.jit.script\nclass Pair:\n"
    "    def __init__(self, first: int):\n        self.first = first\n\n"
    "def use(n: int):\n    return Pair(n).first * 3\n\nuse(2)",
    "program = _.program\n"
    "node = next(n for n in program.graph.iter_nodes() if n.op == 'aten::mul')\n"
    "line = program.model_line(node)\n"
    "from tsviz.cells import find_cell\n"
    "cell = find_cell(line.file)\n"
    "print(cell.title, line.line, cell.source.splitlines()[line.line - 1])",
    "%tsdebug --via=script lambda_ if False else model",
    "%unload_ext tsviz",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """The outputs of each of `CELLS`."""
    return outputs_of(CELLS, tmp_path_factory.mktemp("notebook"), may_fail=True)


def test_loading_is_silent(outputs: list[list[Any]]):
    assert outputs[0] == outputs[1] == []


def test_explorer_is_shown_with_its_fallbacks(outputs: list[list[Any]]):
    (output,) = outputs[2]
    assert output.output_type == "execute_result"
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert output.data["text/plain"].startswith("Net.forward · script · 5 nodes · 100% linked")


def test_users_error_fails_the_cell(outputs: list[list[Any]]):
    (output,) = outputs[3]
    assert (output.output_type, output.ename) == ("error", "NameError")
    assert not [line for line in output.traceback if "run_line_magic" in line]


def test_class_in_a_cell_magic_and_its_line(outputs: list[list[Any]]):
    (shown,) = outputs[4]
    assert "application/vnd.jupyter.widget-view+json" in shown.data
    (printed,) = outputs[5]
    assert printed.text == "Cell 5 9     return Pair(n).first * 3\n"


def test_diagnostic_is_coloured_text_on_stderr(outputs: list[list[Any]]):
    (output,) = outputs[6]
    assert (output.output_type, output.name) == ("stream", "stderr")
    assert output.text.startswith("\x1b[1;31merror[TSV-M14]:\x1b[0m expected a call, ")


def test_unloading_is_silent(outputs: list[list[Any]]):
    assert outputs[7] == []
