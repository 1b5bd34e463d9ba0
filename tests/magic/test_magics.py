"""`%tsdebug` in a real shell: targets, options, and what a cell shows when something is wrong."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.oinspect import getdoc

from tests.magic.conftest import Ran
from tsviz.frontends import Variant
from tsviz.widgets.explorer import Explorer

Run = Callable[[str], Ran]


def explorer(ran: Ran) -> Explorer:
    assert ran.err == ""
    assert isinstance(ran.value, Explorer)
    return ran.value


# ── targets ─────────────────────────────────────────────────────────────────────────────────────


def test_call_captures_with_its_arguments_as_inputs(run: Run, shell: InteractiveShell):
    program = explorer(run("%tsdebug model(x)")).program
    assert (program.title, program.method, program.variant) == ("Net", "forward", Variant.SCRIPT)
    assert program.inputs is not None
    assert program.inputs.args[0] is shell.user_ns["x"]


def test_arguments_are_evaluated_once(run: Run, shell: InteractiveShell):
    run("calls = []\ndef once():\n    calls.append(1)\n    return x\n")
    explorer(run("%tsdebug --via=trace model(once())"))
    assert shell.user_ns["calls"] == [1]


def test_keywords_and_unpacking(run: Run):
    run("more = {'x': x}")
    assert explorer(run("%tsdebug --via=trace model(x=x)")).program.variant is Variant.TRACE
    program = explorer(run("%tsdebug --via=trace model(*[], **more)")).program
    assert program.inputs is not None
    assert list(program.inputs.kwargs) == ["x"]


def test_method(run: Run):
    assert explorer(run("%tsdebug model.encode(x)")).program.method == "encode"
    assert explorer(run("%tsdebug --method=encode model(x)")).program.method == "encode"
    assert explorer(run("%tsdebug --method=encode model")).program.method == "encode"


def test_name_and_attribute(run: Run):
    assert explorer(run("%tsdebug model")).program.title == "Net"
    assert explorer(run("%tsdebug model.linear")).program.title == "Linear"


def test_function(run: Run):
    run("def double(x):\n    return x * 2\n")
    assert explorer(run("%tsdebug double(x)")).program.title == "double"


def test_program_is_shown_as_it_is(run: Run, shell: InteractiveShell):
    run("import tsviz\nprogram = tsviz.capture(model, (x,), via='trace')")
    assert explorer(run("%tsdebug program")).program is shell.user_ns["program"]
    assert explorer(run("%tsdebug --via=trace program")).program is shell.user_ns["program"]
    assert run("%tsdebug --via=freeze program").err == (
        "error[TSV-U20]: expected a model to capture anew, got a program captured as `trace`\n"
        "  help: leave --via and --method out, or name the model\n"
    )


def test_assignment_runs_the_model_once(run: Run, shell: InteractiveShell):
    run("class Counting(Net):\n    runs = 0\ncounted = Counting().eval()")
    run("counted.register_forward_hook(lambda *_: setattr(Counting, 'runs', Counting.runs + 1))")
    explorer(run("%tsdebug --via=trace y = counted(x)"))
    assert torch.equal(shell.user_ns["y"], shell.user_ns["counted"](shell.user_ns["x"]))
    # The trace ran a copy, `y` is one run, and the line above is one.
    assert shell.user_ns["Counting"].runs == 3
    assert "_tsviz_value" not in shell.user_ns


def test_assignment_unpacks(run: Run, shell: InteractiveShell):
    run("def two(x):\n    return x + 1, x + 2\n")
    explorer(run("%tsdebug a, b = two(x)"))
    assert shell.user_ns["b"][0, 0] == 3


def test_assignment_happens_even_where_the_capture_fails(run: Run, shell: InteractiveShell):
    run("class Sets(Net):\n    def forward(self, x):\n        return {1: x for _ in {1}}[1]\n")
    run("sets = Sets()")
    ran = run("%tsdebug --via=script y = sets(x)")
    assert "TSV-C01" in ran.err
    assert torch.equal(shell.user_ns["y"], shell.user_ns["x"])


def test_assigning_the_explorer(run: Run, shell: InteractiveShell):
    ran = run("e = %tsdebug model(x)")
    assert (ran.value, ran.out, ran.err) == (None, "", "")
    assert isinstance(shell.user_ns["e"], Explorer)


def test_semicolon_silences(run: Run):
    assert run("%tsdebug model(x);").value is None


def test_what_makes_a_model_is_called(run: Run, shell: InteractiveShell):
    assert explorer(run("%tsdebug Net()")).program.title == "Net"
    assert explorer(run("%tsdebug model.eval()")).program.title == "Net"
    assert explorer(run("%tsdebug model.eval()(x)")).program.inputs is not None
    explorer(run("%tsdebug made = torch.jit.script(model)"))
    assert isinstance(shell.user_ns["made"], torch.jit.ScriptModule)
    ran = run("%tsdebug model.state_dict()")
    assert ran.err == (
        "error[TSV-M21]: expected `model.state_dict()` to return a model, got OrderedDict\n"
    )


def test_braces_and_dollars_stay_as_typed(run: Run):
    run("def first(x, key: str):\n    return x\n")
    program = explorer(run("%tsdebug first(x, '{x} $x')")).program
    assert program.inputs is not None
    assert program.inputs.args[1] == "{x} $x"


def test_undefined_name(run: Run):
    assert run("%tsdebug modle").err == (
        "error[TSV-M20]: `modle` is not defined, and no file has that name\n"
        "  help: %tsdebug model\n"
    )


# ── files ───────────────────────────────────────────────────────────────────────────────────────


def test_file(run: Run, tmp_path: Path):
    run("torch.jit.script(model).save('a b.pt')")
    for target in ("a b.pt", "'a b.pt'", "./a b.pt", f"{tmp_path}/a b.pt"):
        program = explorer(run(f"%tsdebug {target}")).program
        assert program.came == "archive, read in a child process"
    assert explorer(run("%tsdebug --trust a b.pt")).program.came == "archive, loaded live (trusted)"


def test_variable_with_a_path(run: Run):
    run("torch.jit.script(model).save('m.pt')\npath = 'm.pt'\nfrom pathlib import Path")
    for target in ("path", "f'{path}'", "m.pt"):
        assert explorer(run(f"%tsdebug {target}")).program.variant is Variant.SCRIPT
    run("path = Path('m.pt')")
    assert explorer(run("%tsdebug path")).program.variant is Variant.SCRIPT


def test_attribute_named_like_a_suffix(run: Run):
    run("class Box: pass\nbox = Box()\nbox.pt = model")
    assert explorer(run("%tsdebug box.pt")).program.title == "Net"
    run("torch.jit.script(model.linear).save('box.pt')")
    assert explorer(run("%tsdebug box.pt")).program.title == "Linear"


def test_path_is_never_called(run: Run, shell: InteractiveShell):
    run("calls = []\ndef model_of(n):\n    calls.append(n)\n    return model\n")
    assert "model_of (1).pt" in run("%tsdebug model_of (1).pt").err
    assert shell.user_ns["calls"] == []


def test_error_in_a_path_is_the_users(run: Run):
    ran = run("%tsdebug f'{folder}/m.pt'")
    assert isinstance(ran.error, NameError)


def test_file_needs_trust_for_another_variant(run: Run):
    run("torch.jit.script(model).save('m.pt')")
    assert run("%tsdebug --via=freeze m.pt").err == (
        "error[TSV-U21]: another variant or method, or example inputs, need the file loaded and "
        "run here\n"
        "  help: add --trust if you trust whoever made the file\n"
    )
    program = explorer(run("%tsdebug --trust --via=freeze m.pt")).program
    assert program.variant is Variant.FREEZE


# ── options ─────────────────────────────────────────────────────────────────────────────────────


def test_save(run: Run, tmp_path: Path):
    ran = run("%tsdebug --save='my page.html' model(x)")
    assert isinstance(ran.value, Explorer)
    assert re.match(r"my page\.html: .* 5 nodes, ", ran.out)
    assert "<html" in (tmp_path / "my page.html").read_text()


def test_passes_are_shown_in_the_explorer(run: Run):
    ran = run("%tsdebug --passes=freeze --save=page.html model(x)")
    assert ran.value.trace.pipeline == "freeze"
    saved, said, *_ = ran.out.splitlines()  # the explorer itself as text follows
    steps = len(ran.value.trace)
    assert f"5 nodes, {steps} steps of the pipeline freeze, " in saved
    assert said.startswith(f"{steps} steps, ")
    assert said.endswith(" changed something: the button Passes shows them")


def test_passes_are_printed_as_text(run: Run):
    ran = run("%tsdebug --passes=freeze --text model(x)")
    assert ran.value is None
    assert ran.out.splitlines()[0] == "Net.forward · script · freeze pipeline"


def test_text(run: Run):
    ran = run("%tsdebug --text model(x)")
    assert ran.value is None
    lines = ran.out.splitlines()
    assert lines[0] == "Net.forward · script · live"
    assert lines[1].startswith("5 nodes, 100% linked · ")
    assert re.search(r"^ +graph\(%self : __torch__\..*Net, *$", ran.out, re.MULTILINE)
    assert "\x1b" not in ran.out


def test_help_lists_every_option(run: Run, shell: InteractiveShell):
    ran = run("%tsdebug --help")
    for usage in ("--via=WAY", "--method=NAME", "--trust", "--save=FILE.html", "--text", "--env"):
        assert f"\n  {usage} " in ran.out
    documented = getdoc(shell.find_line_magic("tsdebug"))
    assert ran.out.strip() == documented.strip()


def test_env(run: Run):
    out = run("%tsdebug --env").out
    assert f"Python {sys.version.split()[0]} ({sys.executable})" in out
    assert re.search(rf"^torch +{re.escape(torch.__version__)} ", out, re.MULTILINE)


def test_lesson(run: Run):
    ran = run("%tsdebug --lesson=cse")
    assert (ran.value, ran.err) == (None, "")
    assert ran.out.startswith("cse  Keeps one of several equal nodes with equal inputs.")
    assert "after `cse`, 5 nodes" in ran.out
    assert run("%tsdebug --lesson=csee").err == (
        "error[TSV-U18]: expected the name of a pass, got `csee`\n  help: did you mean `cse`?\n"
    )


def test_options_without_a_target(run: Run):
    assert run("%tsdebug --via=trace").err == (
        "error[TSV-M16]: expected a target after the options, got only `--via=trace`\n"
        "  help: %tsdebug --help shows what it can be\n"
    )


# ── what a cell shows when something is wrong ───────────────────────────────────────────────────


def test_diagnostics_leave_the_last_error_alone(run: Run):
    sys.last_value = marker = ValueError("the user's own")
    ran = run("%tsdebug model(x)[0]")
    assert ran.err.startswith("error[TSV-M14]: ")
    assert (ran.value, ran.error) == (None, None)
    assert sys.last_value is marker


def test_users_error_keeps_its_own_traceback(run: Run):
    run("def broken(v):\n    return v.nothing\n")
    ran = run("%tsdebug --via=trace model(broken(x))")
    assert isinstance(ran.error, AttributeError)
    assert sys.last_value is ran.error
    shown = ran.out + ran.err
    assert "Cell In[3], line 1\n----> 1 model(broken(x))\n" in shown
    assert "return v.nothing" in shown
    assert "run_line_magic" not in shown
    assert "tsviz" not in shown


def test_users_error_in_the_assigned_run(run: Run):
    run("class Raises(Net):\n    def forward(self, x):\n        return x / undefined\n")
    run("raises = Raises()")
    ran = run("%tsdebug y = raises(x)")
    assert isinstance(ran.error, NameError)
    assert "return x / undefined" in ran.out + ran.err


def test_capture_error_points_into_the_cell(run: Run):
    run("def sets(x):\n    return {x}\n")
    number = 2
    err = run("%tsdebug --via=script sets").err
    head, place, line, caret, *_ = err.splitlines()
    assert head.startswith("error[TSV-C01]: TorchScript cannot compile `sets`: ")
    assert re.fullmatch(rf"  --> Cell {number}:2:\d+", place)
    assert line == "   2 |     return {x}"
    assert caret.strip(" |").strip("^") == ""


def test_function_that_cannot_be_captured_says_what_was_tried(run: Run):
    run("def build():\n    return Net()\n")
    assert (
        "  note: `build` itself was to be captured; for what it returns: result = build(), "
        "then %tsdebug result\n"
    ) in run("%tsdebug build()").err


def test_unexpected_error_is_one_line_to_report(run: Run, shell: InteractiveShell):
    # A class whose attributes fail in a way nobody foresees: tsviz asks for `__self__`.
    run("class Odd:\n    def __getattribute__(self, name):\n        raise LookupError(name)\n")
    run("odd = Odd()")
    err = run("%tsdebug odd").err
    assert err.startswith("error[TSV-X01]: tsviz failed, which is a mistake of its own: LookupE")
    assert "Traceback" not in err
    assert "  note: at tsviz/" in err
    assert err.endswith("  help: please report it with this text and what `tsviz env` prints\n")


def test_alone_says_what_to_type(run: Run):
    ran = run("%tsdebug")
    assert ran.out.startswith("type what to look at:\n  %tsdebug model(x) ")
    assert ran.err == ""


def test_alone_after_another_error_says_what_to_type(run: Run):
    run("1 / 0")
    assert run("%tsdebug").out.startswith("type what to look at:\n")


def test_alone_after_a_torchscript_error_shows_it(run: Run):
    run("def f(x):\n    return x + undefined_name\n\ntorch.jit.script(f)")
    err = run("%tsdebug").err
    assert err == (
        "error[TSV-F03]: TorchScript cannot compile this: `undefined_name` is not defined where "
        "this function was written\n"
        "  --> Cell 2:2:16\n"
        "   2 |     return x + undefined_name\n"
        "     |                ^^^^^^^^^^^^^^\n"
        "  note: scripted at Cell 2:4\n"
        "  note: PyTorch said: undefined value undefined_name\n"
        "  help: define or import it at module level, or pass it in\n"
    )


# ── loading ─────────────────────────────────────────────────────────────────────────────────────


def test_loading_imports_no_torch():
    script = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell()\n"
        "shell.run_line_magic('load_ext', 'tsviz')\n"
        "shell.Completer.complete('%tsdebug ')\n"
        "assert 'tsdebug' in shell.magics_manager.magics['line']\n"
        "heavy = {'torch', 'pandas', 'plotly', 'anywidget', 'ipywidgets', 'graphviz'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_unloading_leaves_nothing(bare_shell: InteractiveShell):
    import inspect

    def state() -> tuple[object, ...]:
        return (
            inspect.getfile,
            list(bare_shell.Completer.custom_matchers),
            list(bare_shell.events.callbacks["pre_run_cell"]),
            sorted(bare_shell.magics_manager.magics["line"]),
            sorted(bare_shell.magics_manager.magics["cell"]),
            sorted(bare_shell.magics_manager.registry),
        )

    before = state()
    bare_shell.extension_manager.load_extension("tsviz")
    assert state() != before
    bare_shell.extension_manager.reload_extension("tsviz")
    bare_shell.extension_manager.unload_extension("tsviz")
    assert state() == before
    assert bare_shell.find_line_magic("tsdebug") is None


@pytest.mark.parametrize("line", ["%load_ext tsviz", "%reload_ext tsviz"])
def test_loading_twice(run: Run, line: str):
    assert run(line).error is None
    explorer(run("%tsdebug model(x)"))


# ── what the notebook keeps ─────────────────────────────────────────────────────────────────────


def test_keep_puts_the_explorer_beside_the_picture(run: Run):
    kept, plain = explorer(run("%tsdebug --keep model(x)")), explorer(run("%tsdebug model(x)"))
    assert "<script data-title=" in kept.bundle()[0]["text/html"]
    assert "<script" not in plain.bundle()[0]["text/html"]


def test_keep_needs_an_explorer(run: Run):
    assert run("%tsdebug --keep --text model(x)").err.strip() == (
        "error[TSV-M25]: expected `--keep` or `--text`, got both"
    )
    assert run("%tsdebug --compare --keep model(x)").err.startswith(
        "error[TSV-M22]: `--compare` compares what tracing and scripting make, "
        "and takes no `--keep`"
    )
