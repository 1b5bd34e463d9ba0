"""Cells: links that survive edits, `%%tsdebug`, and classes defined in cells."""

import inspect
from collections.abc import Callable

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.magic.conftest import SETUP, Ran
from tsviz.cells import find_cell
from tsviz.frontends import Program
from tsviz.widgets.explorer import Explorer

Run = Callable[[str], Ran]

BRANCHES = """\
%%tsdebug --via=script
def g(x):
    if bool(x.sum() > 0):
        return x + 1
    return x - 1

g(x)
"""


def program_of(ran: Ran) -> Program:
    assert ran.err == ""
    assert isinstance(ran.value, Explorer)
    return ran.value.program


def line_of(program: Program, op: str) -> tuple[str, int]:
    (node,) = [node for node in program.graph.iter_nodes() if node.op == op]
    place = program.model_line(node)
    assert place is not None
    return place.file, place.line


def test_link_leads_to_the_cell(run: Run):
    file, line = line_of(program_of(run("%tsdebug model(x)")), "aten::relu")
    cell = find_cell(file)
    assert cell is not None
    assert (cell.title, cell.source) == ("Cell 1", SETUP)
    assert cell.source.splitlines()[line - 1] == "        return self.encode(x).relu()"


def test_link_survives_an_edit(run: Run):
    run("def h(x):\n    return x.relu()\n")
    program = program_of(run("%tsdebug h(x)"))
    run("# edited\n\n\ndef h(x):\n    return x.tanh()\n")
    file, line = line_of(program, "aten::relu")
    cell = find_cell(file)
    assert cell is not None
    assert cell.source.splitlines()[line - 1] == "    return x.relu()"
    assert line_of(program_of(run("%tsdebug h(x)")), "aten::tanh")[1] == 5


def test_front_ends_name_of_the_cell_is_known(run: Run, shell: InteractiveShell):
    shell.run_cell("def h(x):\n    return x.relu()\n", store_history=True, cell_id="ab-12")
    file, _ = line_of(program_of(run("%tsdebug h(x)")), "aten::relu")
    cell = find_cell(file)
    assert cell is not None
    assert cell.cell_id == "ab-12"


@pytest.mark.parametrize("blank", ["", "\n", "\n   \n\n"], ids=["none", "one", "three"])
def test_cell_magic_keeps_line_numbers(run: Run, blank: str):
    source = BRANCHES.replace("\n", f"\n{blank}", 1)
    program = program_of(run(source))
    file, line = line_of(program, "aten::add")
    cell = find_cell(file)
    assert cell is not None
    assert (cell.title, cell.source) == ("Cell 2", source)
    assert source.splitlines()[line - 1] == "        return x + 1"


def test_cell_magic_runs_the_rest_of_the_cell_once(run: Run, shell: InteractiveShell):
    run("runs = 0")
    program_of(run("%%tsdebug\nruns += 1\nz = x * 2\nmodel(z)"))
    assert shell.user_ns["runs"] == 1
    assert shell.user_ns["z"][0, 0] == 2


def test_cell_magic_shares_future_imports(run: Run, shell: InteractiveShell):
    run("from __future__ import annotations")
    program_of(run("%%tsdebug\ndef h(x: torch.Tensor):\n    return x + 1\n\nh(x)"))
    assert shell.user_ns["h"].__annotations__ == {"x": "torch.Tensor"}


def test_failing_assignment_shows_its_line(run: Run):
    ran = run("%%tsdebug\nw = x\na, b, c = model(w)")
    assert isinstance(ran.error, ValueError)
    assert "In[2], line 3" in ran.out + ran.err


def test_cell_magic_assigns(run: Run, shell: InteractiveShell):
    program_of(run("%%tsdebug --via=trace\n\ny = model(\n    x\n)\n"))
    assert shell.user_ns["y"].shape == (2, 4)


def test_cell_magic_with_other_magics_inside(run: Run):
    program_of(run("%%tsdebug\n%matplotlib --list\nmodel(x)"))


def test_error_in_the_cell_shows_its_line(run: Run):
    ran = run("%%tsdebug\nw = x\n1 / 0\nmodel(w)")
    assert isinstance(ran.error, ZeroDivisionError)
    shown = ran.out + ran.err
    assert "In[2], line 3" in shown
    assert "1 / 0" in shown
    assert "tsviz" not in shown


def test_error_in_the_target_shows_its_line(run: Run):
    ran = run("%%tsdebug\nw = x\n\nmodel(undefined)")
    assert isinstance(ran.error, NameError)
    assert "In[2], line 4" in ran.out + ran.err


def test_syntax_error_in_the_cell(run: Run):
    ran = run("%%tsdebug\nw = x\nmodel(x")
    assert isinstance(ran.error, SyntaxError)


MESSAGES = {
    "%%tsdebug model(x)\nx": """\
error[TSV-M17]: the target of %%tsdebug is the last expression of its cell, and stands there
  --> %tsdebug:1:11
   1 | %%tsdebug model(x)
     |           ^^^^^^^^
""",
    "%%tsdebug --trsut\nmodel(x)": """\
error[TSV-M01]: there is no option `--trsut`
  --> %tsdebug:1:11
   1 | %%tsdebug --trsut
     |           ^^^^^^^
  note: known: --via=WAY, --method=NAME, --trust, --save=FILE.html, \
--passes=PIPELINE, --lesson=PASS, --compare, --doctor, --debug, --profile, --runs=N, \
--nodes=WHICH, --text, --keep, --env, --variants=NAMES, --inputs=INPUTS, --tries=N, --seconds=S, \
--matrix, --fix[=HOW], --types, --help
  help: %%tsdebug --trust
""",
    "%%tsdebug\n# nothing here": """\
error[TSV-M18]: expected the cell to end in a target, got no statement
  help: %tsdebug --help shows what it can be
""",
    "%%tsdebug\nw = x\n\nmodel(w)[0]": """\
error[TSV-M14]: expected the call of a model, got `model(w)[0]` around `model(w)`
  --> Cell 2:4:1
   4 | model(w)[0]
     | ^^^^^^^^
  help: end the cell with `model(w)`
""",
    "%%tsdebug\nfor _ in range(3):\n    model(x)": """\
error[TSV-M12]: expected a call, an assignment, a name or a path, got another statement
  --> Cell 2:2:1
   2 | for _ in range(3):
     | ^^^^^^^^^^^^^^^^^^
  help: end the cell with `range(3)`
""",
}


@pytest.mark.parametrize(("cell", "message"), MESSAGES.items(), ids=MESSAGES)
def test_messages(run: Run, cell: str, message: str):
    ran = run(cell)
    assert (ran.err, ran.error, ran.value) == (message, None, None)


# ── classes in cells ────────────────────────────────────────────────────────────────────────────

SCRIPT_CLASS = """\
@torch.jit.script
class Pair:
    def __init__(self, first: int, second: int):
        self.first = first
        self.second = second

    @property
    def total(self) -> int:
        return self.first + self.second

@torch.jit.script
def use(n: int) -> int:
    return Pair(n, 2).total
"""


def test_script_class_in_a_cell(run: Run):
    ran = run(SCRIPT_CLASS)
    assert (ran.error, ran.err) == (None, "")
    program = program_of(run("%tsdebug use(1)"))
    assert "prim::CreateObject" in {node.op for node in program.graph.iter_nodes()}


def test_script_class_in_a_cell_magic(run: Run):
    program_of(run(f"%%tsdebug\n{SCRIPT_CLASS}\nuse(3)"))


def test_class_sources_are_those_of_the_shell_that_is_loaded(run: Run, shell: InteractiveShell):
    run("class Plain:\n    def method(self):\n        return 1\n")
    plain = shell.user_ns["Plain"]
    assert find_cell(inspect.getfile(plain)) is not None
    assert inspect.getsource(plain).startswith("class Plain:")
    shell.extension_manager.unload_extension("tsviz")
    with pytest.raises(OSError, match="source code not available"):
        inspect.getfile(plain)


def test_class_without_methods_has_no_file(run: Run, shell: InteractiveShell):
    run("class Empty:\n    size = 3\n")
    with pytest.raises(OSError, match="source code not available"):
        inspect.getfile(shell.user_ns["Empty"])
