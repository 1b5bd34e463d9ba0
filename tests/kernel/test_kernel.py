"""The kernel "Python 3 (tsdebug)" as a front end meets it."""

import re
from pathlib import Path

import pytest
import torch

from tests.kernel.asking import Asked

MODEL = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 4)

    def forward(self, x):
        return self.linear(x).relu()

net = torch.jit.script(Net().eval())
x = torch.ones(2, 5)"""


IMPORTED = "print(*sorted(sys.modules.keys() - {'sys'}))"

AT_START = {
    "tsviz",
    "tsviz.cells",
    "tsviz.magic",
    "tsviz.magic.cells",
    "tsviz.magic.completion",
    "tsviz.magic.failures",
    "tsviz.magic.magics",
    "tsviz.reading_ahead",
    "tsviz_kernel",
    "tsviz_kernel.compiling",
    "tsviz_kernel.kernel",
}
"""What the kernel imports beside what IPython's own does."""


def test_it_starts_as_lightly_as_ipythons_own(tmp_path: Path):
    imported: list[set[str]] = []
    for name in ("python3", "tsdebug"):
        with Asked.started(tmp_path, name) as asked:
            imported.append(set(asked.run(f"import sys\n{IMPORTED}")["stdout"].split()))
    plain, ours = imported
    assert ours - plain == AT_START
    assert "torch" not in ours


@pytest.mark.parametrize("name", ["tsdebug", "python3"])
def test_beside_a_model_file_its_reader_is_started_once_and_taken(tmp_path: Path, name: str):
    torch.jit.script(torch.nn.ReLU()).save(tmp_path / "model.pt")
    with Asked.started(tmp_path, name, beside="model.pt") as asked:
        serve = "import tsviz.widgets.documents as documents; documents.serve()"
        assert asked.run(f"{serve}; {WAITING}")["stdout"].splitlines()[-1] == "1"
        looks = "1\n" if name == "tsdebug" else "0\n"
        assert asked.run(LOOKS)["stdout"] == looks
        read = "program = documents.open_file('model.pt').program"
        assert asked.run(f"{read}; {WAITING}")["stdout"] == "0\n"
        assert asked.run(LOOKS)["stdout"] == "0\n"
        assert asked.run("print(program.title)")["stdout"] == "ReLU\n"
        assert asked.run("import sys; print('torch' in sys.modules)")["stdout"] == "False\n"


@pytest.mark.parametrize("beside", ["", "notebook.ipynb", "model.tsviz"])
def test_beside_other_files_no_reader_is_started(tmp_path: Path, beside: str):
    with Asked.started(tmp_path, beside=beside) as asked:
        assert asked.run(WAITING)["stdout"] == "0\n"


LOOKS = """\
import threading
from tsviz.frontends import archive_looks
for thread in threading.enumerate():
    if thread.name == "prepare":
        thread.join()
print(len(archive_looks._ahead))"""
WAITING = "from tsviz.jit import isolate; print(len(isolate._waiting))"


def test_no_file_of_its_folder_passes_for_a_module(tmp_path: Path):
    for name in ("zmq", "ipykernel", "torch"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    torch.jit.script(torch.nn.ReLU()).save(tmp_path / "model.pt")
    with Asked.started(tmp_path, beside="model.pt") as asked:
        read = "import tsviz; print(tsviz.open('model.pt').title)"
        assert asked.run(read)["stdout"] == "ReLU\n"


@pytest.fixture(scope="module")
def ready(kernel: Asked) -> Asked:
    """The kernel with a model."""
    assert kernel.ask("programs") == {"programs": []}
    assert kernel.ask("lastError") == {"error": None}
    kernel.run(MODEL, "model")
    return kernel


def test_the_extension_is_loaded(ready: Asked):
    assert ready.run("%load_ext tsviz")["stderr"] == ""
    assert "type what to look at" in ready.run("%tsdebug")["stdout"]


def test_the_users_line_is_shown_below_the_traceback(ready: Asked):
    ran = ready.run("net(x)", "call")
    assert (ran["error"], ran["order"]) == ("RuntimeError", "error stderr ")
    shown = re.sub(r"\x1b\[[\d;]*m", "", ran["stderr"])
    assert re.sub(r"Cell \d+", "Cell N", shown) == (
        "error[TSV-F01]: a matrix of 5 columns cannot be multiplied by one of 3 rows\n"
        "  --> Cell N:10:16 (called from Cell N:1:1)\n"
        "  10 |         return self.linear(x).relu()\n"
        "     |                ^^^^^^^^^^^\n"
        "  note: %tsdebug shows the node and what went into it\n"
        "  help: give the left one 3 columns (transpose or reshape one of them), or a linear layer "
        "`in_features=5`\n"
    )
    error = ready.ask("lastError")["error"]
    assert (error["phase"], error["name"], error["code"]) == ("run", "matrix-product", "TSV-F01")
    assert [frame["cellIds"] for frame in error["place"]] == [["model"], ["call"]]
    assert "mat1 and mat2 shapes cannot be multiplied (2x5 and 3x4)" in error["text"]


def test_plain_errors_are_nobody_elses_business(ready: Asked):
    ready.run("net(x)")
    ran = ready.run("1 / 0")
    assert (ran["error"], ran["stderr"]) == ("ZeroDivisionError", "")
    assert ready.ask("lastError") == {"error": None}


@pytest.mark.parametrize("call", ["net(x)", "1 / 0"])
def test_ipythons_own_ways_into_an_error_work(ready: Asked, call: str):
    ready.run("import builtins\nasks, builtins.input = builtins.input, lambda prompt='': 'quit'")
    error = ready.run(call)["error"]
    assert ready.run("%tb Plain")["error"] == error
    entered = re.sub(r"\x1b\[[\d;]*m", "", ready.run("%debug")["stdout"])
    ready.run("builtins.input = asks")
    assert re.match(r"> .*\(\d+\)\S+\(\)\n", entered)
    assert re.search(r"^-+> ?\d+ ", entered, re.MULTILINE)


def test_equal_cells_share_a_file_and_a_cell_that_changed_leaves_it(ready: Asked):
    ready.run("one = 1", "first")
    ready.run("one = 1", "second")
    (cell,) = [cell for cell in ready.ask("cells")["cells"] if "first" in cell["cellIds"]]
    assert cell["cellIds"] == ["first", "second"]
    ready.run("one = 2", "first")
    cells = ready.ask("cells")["cells"]
    assert cells[-1]["cellIds"] == ["first"]
    (old,) = [found for found in cells if found["path"] == cell["path"]]
    assert old["cellIds"] == ["second"]


def test_a_cell_leads_to_its_nodes(ready: Asked):
    ready.run("import tsviz\nprogram = tsviz.capture(net)")
    (program,) = ready.ask("programs")["programs"]
    assert (program["name"], program["title"], program["variant"]) == ("program", "Net", "script")
    links = ready.ask("links", cellId="model", line=10)["links"]
    assert {"aten::linear", "aten::relu"} <= {link["op"] for link in links}
    assert {link["program"] for link in links} == {"program"}
    assert ready.ask("links", cellId="model", line=1)["links"] == []


def test_what_is_timed_has_its_source_and_its_lines(ready: Asked):
    cell = "%%time\n\ndef double(x):\n    return x * 2 + nothing\n\ntorch.jit.script(double)"
    ran = ready.run(cell, "timed")
    shown = re.sub(r"\x1b\[[\d;]*m", "", ran["stderr"])
    assert "`nothing` is not defined" in shown
    assert re.search(r"--> Cell \d+:4:20\n   4 \|     return x \* 2 \+ nothing\n", shown)
    assert ready.ask("lastError")["error"]["place"][0]["cellIds"] == ["timed"]
    again = cell.replace(" + nothing", "").replace("torch.jit.script(double)", "double.__code__")
    ready.run(again, "again")
    assert ready.run("torch.jit.script(double).code")["error"] == ""


def test_run_shows_lines_of_the_file(ready: Asked):
    script = ready.folder / "script.py"
    script.write_text("import torch\n\n@torch.jit.script\ndef f(x):\n    return x.nothing()\n")
    shown = re.sub(r"\x1b\[[\d;]*m", "", ready.run("%run script.py")["stderr"])
    assert "script.py:5:12" in shown
    script.write_text("import torch\n\n\n@torch.jit.script\ndef f(x):\n    return x.nothing()\n")
    shown = re.sub(r"\x1b\[[\d;]*m", "", ready.run("%run script.py")["stderr"])
    assert "script.py:6:12" in shown


def test_names_of_the_graph_are_completed_and_inspected(ready: Asked):
    ready.run("import tsviz\nprogram = tsviz.capture(net)")
    line = "%tsdebug aten::li"
    found = ready.reply(ready.client.complete(line, len(line)))
    assert found["matches"] == ["aten::linear"]
    inspected = ready.reply(ready.client.inspect("%tsdebug aten::linear", 12))
    assert inspected["data"]["text/plain"] == "program: 1 of aten::linear"
    inspected = ready.reply(ready.client.inspect("%tsdebug linear", 12))
    assert inspected["data"]["text/plain"].startswith("program: ")
    assert "zip" in ready.reply(ready.client.inspect("zip", 2))["data"]["text/plain"]


def test_plain_lines_are_completed_without_the_rest_of_the_extension(tmp_path: Path):
    with Asked.started(tmp_path) as asked:
        asked.reply(asked.client.complete("zi", 2))
        asked.reply(asked.client.inspect("zip", 2))
        imported = asked.run(f"import sys\n{IMPORTED}")["stdout"].split()
    assert "tsviz.magic.completing" not in imported
    assert "tsviz.magic.naming" not in imported


def test_the_magic_is_documented_where_ipython_looks(ready: Asked):
    shown = ready.reply(ready.client.inspect("%tsdebug", 8))["data"]["text/plain"]
    assert "--compare" in shown
    assert "--doctor" in shown


def test_unknown_requests_say_what_is_known(ready: Asked):
    reply = ready.debug("tsdebug/stepp")
    assert (reply["success"], reply["request_seq"]) == (False, 7)
    assert reply["message"] == (
        "expected one of tsdebug/info, tsdebug/cells, tsdebug/programs, tsdebug/links, "
        "tsdebug/lastError, got tsdebug/stepp"
    )


def test_the_debug_protocol_is_answered_beside(ready: Asked):
    reply = ready.debug("debugInfo")
    assert reply["success"]
    assert "breakpoints" in reply["body"]
