"""`tsviz show`: targets, example inputs, outputs, messages and exit codes."""

import json
import os
import subprocess
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest

from tests.cli.conftest import Done

Tsviz = Callable[..., Done]


def head(done: Done) -> str:
    assert done.err == ""
    return done.out.partition("\n")[0]


# ── targets ─────────────────────────────────────────────────────────────────────────────────────


def test_object(tsviz: Tsviz):
    done = tsviz("show", "nets:model")
    assert (done.code, head(done)) == (0, "Net.forward · script · live")


def test_show_can_be_left_out(tsviz: Tsviz):
    assert head(tsviz("nets:model")) == head(tsviz("show", "nets:model"))
    assert tsviz("--via=trace", "--args=example", "nets:model").code == 0


def test_method_function_and_factory(tsviz: Tsviz):
    assert head(tsviz("nets:model.encode")) == "Net.encode · script · live"
    assert head(tsviz("nets:model", "--method=encode")) == "Net.encode · script · live"
    assert head(tsviz("nets:double")) == "double · script · live"
    assert head(tsviz("nets:make()")) == "Net.forward · script · live"
    assert head(tsviz("nets:Net()")) == "Net.forward · script · live"


def test_file(tsviz: Tsviz, folder: Path):
    import nets
    import torch

    torch.jit.script(nets.make()).save(folder / "a model.pt")
    done = tsviz("a model.pt")
    assert (done.code, head(done)) == (
        0,
        "Net.forward · script · archive, read in a child process",
    )
    trusted = tsviz("--trust", "--via=freeze", "a model.pt")
    assert head(trusted) == "Net.forward · freeze · archive, loaded live (trusted)"
    assert tsviz("--args=torch.ones(2, 3)", "a model.pt").err == (
        "error[TSV-U21]: another variant or method, or example inputs, need the file loaded and "
        "run here\n  help: add --trust if you trust whoever made the file\n"
    )


def test_via(tsviz: Tsviz):
    for via in ("trace", "freeze", "optimize"):
        done = tsviz("nets:model", f"--via={via}", "--args=example")
        assert head(done) == f"Net.forward · {via} · live"


def test_passes_of_scripting_need_no_inputs(tsviz: Tsviz):
    done = tsviz("nets:model", "--passes=script")
    assert head(done) == "Net.forward · script · script pipeline"


@pytest.mark.parametrize(
    "words",
    [
        ["--args=example"],
        ["--args=torch.ones(2, 3)"],
        ["--args=torch.ones(2, 3),"],
        ["--args=x=example"],
        ["--kwargs=x=example"],
        ["--kwargs={'x': torch.ones(2, 3)}"],
        ["--args=\ntorch.ones(2,\n 3)\n"],
    ],
)
def test_example_inputs(tsviz: Tsviz, words: list[str]):
    done = tsviz("nets:model", "--via=trace", *words)
    assert (done.code, head(done)) == (0, "Net.forward · trace · live")


# ── outputs ─────────────────────────────────────────────────────────────────────────────────────


def test_page(tsviz: Tsviz, folder: Path):
    out = tsviz("nets:model").out.splitlines()
    assert out[1] == "5 nodes, 100% linked · 1 exact · 4 call · 0 inferred"
    assert out[2] == "2 distinct lines, the most frequent one has 80.0% of the nodes"
    table = [line.split() for line in out[4:7]]
    assert table == [
        ["module", "type", "parameters", "bytes", "nodes"],
        ["Net", "Net", "16", "64", "5"],
        ["linear", "Linear", "16", "64", "3"],
    ]
    assert out[8].strip().startswith("graph(%self : ")
    gutter, _, relu = out[14].partition("  ")
    assert (gutter, relu.split()[:4]) == ("nets.py:11", ["%3", ":", "Tensor", "="])
    assert "aten::relu(" in relu
    assert out[15].strip() == "return (%3)"
    assert out[-1].strip() == "return (%3)"


def test_inferred_lines_are_marked_and_the_mark_is_explained(tsviz: Tsviz, folder: Path):
    out = tsviz("--via=optimize", "nets:make()").out.splitlines()
    inferred = [line for line in out if line.startswith("nets.py:14?")]
    assert any("aten::matmul(" in line for line in inferred)
    assert out[-1] == "? an inferred line"


def test_strings_of_a_model_cannot_steer_the_terminal(tsviz: Tsviz, folder: Path):
    (folder / "nets.py").write_text(
        "def say(x: str):\n    return x + '\\x1b]0;owned\\x07\\u202e'\n"
    )
    done = tsviz("nets:say")
    assert done.code == 0
    assert "owned" in done.out
    assert not set("\x1b\x07\u202e") & set(done.out)


def test_findings(tsviz: Tsviz):
    done = tsviz("nets:sets", "--args=example")
    assert done.code == 1
    assert done.out.endswith(
        """
warning[TSV-C01]: TorchScript cannot compile `Sets`: TorchScript has no sets
  --> nets.py:19:21
  19 |         return list({x})[0]
     |                     ^
  note: PyTorch said: Set aren't supported
  help: use a list or a dict
"""
    )


def test_html_and_svg(tsviz: Tsviz, folder: Path):
    done = tsviz("nets:model", "--html=page.html", "--svg=picture.svg")
    assert done.code == 0
    page, picture = done.err.splitlines()
    assert page.startswith("page.html: ")
    assert "5 nodes" in page
    assert picture.startswith("picture.svg: ")
    assert "<html" in (folder / "page.html").read_text()
    assert "<svg" in (folder / "picture.svg").read_text()


def test_passes_stand_in_the_page_and_in_the_json(tsviz: Tsviz):
    done = tsviz("nets:model", "--args=example", "--passes=freeze", "--html=page.html", "--json")
    steps = json.loads(done.out)
    assert steps[0]["pass"] == "PropagateAttributes"
    assert f"5 nodes, {len(steps)} steps of the pipeline freeze, " in done.err


def test_passes_of_a_file_need_trust(tsviz: Tsviz, folder: Path):
    (folder / "save.py").write_text("import torch, nets\ntorch.jit.script(nets.model).save('m.pt')")
    subprocess.run([sys.executable, "save.py"], cwd=folder, check=True)
    assert tsviz("m.pt", "--passes=freeze").err == (
        "error[TSV-U21]: passes are recorded of a file that was loaded here\n"
        "  help: add --trust if you trust whoever made the file\n"
    )
    done = tsviz("m.pt", "--trust", "--passes=freeze")
    assert head(done) == "Net.forward · script · freeze pipeline"


def test_json_alone_on_stdout(tsviz: Tsviz, folder: Path):
    done = tsviz("nets:model", "--json", "--html=page.html")
    found = json.loads(done.out)
    assert (found["title"], found["variant"]) == ("Net", "script")
    assert len(found["nodes"]) == found["coverage"]["nodes"] == 5
    assert done.err.startswith("page.html: ")


def test_open(tsviz: Tsviz, folder: Path, monkeypatch: pytest.MonkeyPatch):
    class Recorder(webbrowser.BaseBrowser):
        """A browser in webbrowser's own registry that notes what it is asked to open."""

        opened: ClassVar[list[str]] = []

        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            self.opened.append(url)
            return True

    webbrowser.get  # noqa: B018 (fills the registry before ours is put in front)
    webbrowser.register("recorder", Recorder, Recorder("recorder"), preferred=True)
    try:
        assert tsviz("nets:model", "--open", "--html=page.html").code == 0
        assert tsviz("nets:model", "--open").code == 0
    finally:
        webbrowser._browsers.pop("recorder")
        webbrowser._tryorder.remove("recorder")
    first, second = Recorder.opened
    assert first == (folder / "page.html").as_uri()
    assert second.endswith("/explorer.html")
    assert "<html" in Path(second.removeprefix("file://")).read_text()


def test_markup_in_names_is_printed_as_it_is(tsviz: Tsviz, folder: Path):
    (folder / "[bold red]x.pt").write_text("")
    done = tsviz("[bold red]x.pt")
    assert done.code == 3
    assert "[bold red]x.pt" in done.err


# ── messages ────────────────────────────────────────────────────────────────────────────────────

MESSAGES = {
    ("nets:modle",): "error[TSV-L04]: `nets` has no `modle`\n  help: did you mean `model`?\n",
    ("nets:model.encoed",): (
        "error[TSV-L04]: `model` has no `encoed`\n  help: did you mean `encode`?\n"
    ),
    ("nets:Net",): (
        "error[TSV-L05]: expected a model, got the class `Net`\n"
        "  help: tsviz 'nets:Net()' makes one\n"
    ),
    ("nets:make()()",): (
        "error[TSV-L02]: expected a file, or module:attr[.method] or module:factory(), got "
        "`nets:make()()`\n"
    ),
    ("nets:model", "--args=x,,"): (
        "error[TSV-L06]: expected `--args` to be written as in a call, got: invalid syntax\n"
        "  --> --args:1:3\n"
        "   1 | x,,\n"
        "     |   ^\n"
    ),
    ("nets:model", "--args=1)(2"): (
        "error[TSV-L06]: expected `--args` to be written as in a call, got: unmatched ')'\n"
        "  --> --args:1:1\n"
        "   1 | 1)(2\n"
        "     | ^\n"
    ),
    ("nets:model", "--vai=trace"): (
        "error[TSV-L01]: unrecognized arguments: --vai=trace\n  help: tsviz --help\n"
    ),
    ("nets:model", "--tru"): (
        "error[TSV-L01]: unrecognized arguments: --tru\n  help: tsviz --help\n"
    ),
    ("show",): (
        "error[TSV-L01]: the following arguments are required: TARGET\n  help: tsviz show --help\n"
    ),
    ("nets:model", "--method=encoed"): (
        "error[TSV-U22]: expected a method of `Net`, got `encoed`\n  help: did you mean `encode`?\n"
    ),
}


@pytest.mark.parametrize(("words", "message"), MESSAGES.items(), ids=" ".join)
def test_usage_errors(tsviz: Tsviz, words: tuple[str, ...], message: str):
    assert tsviz(*words) == Done(2, "", message)


def test_missing_module(tsviz: Tsviz, folder: Path):
    assert tsviz("nots:model") == Done(
        2,
        "",
        f"error[TSV-L03]: expected a module that can be imported from {folder}, got `nots`\n",
    )


def test_invalid_choice(tsviz: Tsviz):
    done = tsviz("nets:model", "--via=tarce")
    assert done.code == 2
    assert done.err.startswith("error[TSV-L01]: argument --via: invalid choice: 'tarce' ")
    assert done.err.endswith("  help: tsviz show --help\n")


def test_not_a_model(tsviz: Tsviz):
    done = tsviz("nets:number")
    assert done.code == 2
    assert done.err.startswith("error[TSV-U04]: ")


def test_capture_failure(tsviz: Tsviz):
    done = tsviz("nets:sets")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[TSV-C01]: TorchScript cannot compile `Sets`: ")
    assert "  19 |         return list({x})[0]\n" in done.err


def test_failing_factory_shows_its_own_traceback(tsviz: Tsviz, folder: Path):
    done = tsviz("nets:broken()")
    assert done.code == 3
    lines = done.err.splitlines()
    assert lines[:3] == [
        "Traceback (most recent call last):",
        f'  File "{folder}/nets.py", line 27, in broken',
        "    return 1 / 0",
    ]
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_failing_module_shows_its_own_traceback(tsviz: Tsviz, folder: Path):
    done = tsviz("fails:model")
    assert done.code == 3
    assert done.err.splitlines()[1] == f'  File "{folder}/fails.py", line 2, in <module>'
    missing = tsviz("needs:model")
    assert missing.code == 3
    assert missing.err.endswith("ModuleNotFoundError: No module named 'not_installed_at_all'\n")


def test_failing_argument_shows_its_own_line(tsviz: Tsviz):
    done = tsviz("nets:model", "--args=torch.ones(2, 3), 1 / 0")
    assert done.code == 3
    assert done.err.splitlines()[1:3] == [
        '  File "--args", line 1, in <module>',
        "    torch.ones(2, 3), 1 / 0",
    ]


def test_unexpected_error_is_to_be_reported(tsviz: Tsviz, folder: Path):
    (folder / "nets.py").write_text(
        "class Odd:\n"
        "    def __getattribute__(self, name):\n"
        "        raise LookupError(name)\n"
        "odd = Odd()\n"
    )
    done = tsviz("nets:odd")
    assert done.code == 4
    head, place, help = done.err.splitlines()
    assert head.startswith("error[TSV-X01]: tsviz failed, which is a mistake of its own: Lookup")
    assert place.startswith("  note: at tsviz/")
    assert help == "  help: please report it with this text and what `tsviz env` prints"


# ── the process ─────────────────────────────────────────────────────────────────────────────────


def test_as_a_process(folder: Path):
    command = [sys.executable, "-m", "tsviz", "nets:model"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Net.forward · script · live\n")


def test_closed_pipe_is_no_failure(folder: Path):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "tsviz", "nets:model", "--json"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_torch(folder: Path, monkeypatch: pytest.MonkeyPatch):
    (folder / "plain.py").write_text("def model(x):\n    return x\n")
    # `-S` leaves out site-packages; what tsviz itself needs comes from a folder without torch.
    import IPython
    import packaging
    import rich

    stubs = folder / "site"
    stubs.mkdir()
    for package in (IPython, packaging, rich):
        source = Path(package.__file__).parent
        (stubs / source.name).symlink_to(source)
    for needed in ("pygments", "markdown_it", "mdurl"):
        source = Path(rich.__file__).parent.parent / needed
        (stubs / needed).symlink_to(source)
    (stubs / "tsviz").symlink_to(Path(__file__).parent.parent.parent / "tsviz")
    done = subprocess.run(
        [sys.executable, "-S", "-m", "tsviz", "plain:model"],
        env={"PYTHONPATH": f"{stubs}:{folder}", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"error[TSV-U10]: torch is not installed here ({sys.executable}), and this needs it\n"
        "  note: a Jupyter server can do without it; the kernel and the tsviz command cannot\n"
        f"  help: {sys.executable} -m pip install torch\n"
    )
