"""The wheel, installed: alone, and as a Jupyter server and a kernel in two environments."""

import ast
import json
import re
from pathlib import Path

import pytest
import torch
from playwright.sync_api import expect

import tsviz
from tests.e2e.browsing import Watched
from tests.e2e.environments import Environment, build_wheel, run
from tests.e2e.notebook import Notebook
from tests.e2e.servers import JupyterServer, write_notebook


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_alone_brings_the_command_the_magic_and_the_front_end(
    wheel: Path, tmp_path: Path
):
    alone = Environment(tmp_path / "alone", wheel, "tsviz")
    assert run(alone.tsviz, "--version").stdout.strip() == "tsviz 0.1.0"
    shell = f"""if True:
        from IPython.core.interactiveshell import InteractiveShell
        from tsviz.widgets.assets import NAMES, read_asset
        shell = InteractiveShell.instance()
        shell.run_cell("%load_ext tsviz")
        shell.run_cell("%tsdebug {alone.folder}")
        print({{name: len(read_asset(name)) for name in NAMES}})
    """
    found = run(alone.python, "-c", shell)
    assert "error[TSV-A02]" in found.stderr
    assert all(size > 500 for size in ast.literal_eval(found.stdout).values())
    copied = run(alone.tsviz, "course", tmp_path / "lessons").stdout
    assert copied.count("copied") == len(list((tmp_path / "lessons").glob("*.ipynb"))) == 12
    extension = alone.folder / "share" / "jupyter" / "labextensions" / "tsviz" / "package.json"
    described = json.loads(extension.read_text(encoding="utf-8"))
    assert (extension.parent / described["jupyterlab"]["_build"]["load"]).exists()
    assert len(list((extension.parent / "static" / "course").glob("*.ipynb"))) == 12


def test_the_wheel_beside_jupyterlab_brings_an_extension_that_is_enabled(
    wheel: Path, tmp_path: Path
):
    server = Environment(tmp_path / "server", wheel, "tsviz[lab]")
    listed = run(server.python, "-c", "from jupyterlab.labextensions import main; main()", "list")
    (line,) = [line for line in (listed.stdout + listed.stderr).splitlines() if " tsviz " in line]
    words = re.sub(r"\x1b\[\d+m", "", line).split()
    assert words == ["tsviz", f"v{tsviz.__version__}", "enabled", "OK", "(python,", "tsviz)"]


def test_without_torch_the_command_says_what_to_install(wheel: Path, tmp_path: Path):
    alone = Environment(tmp_path / "alone", wheel, "tsviz")
    model = torch.jit.script(torch.nn.Linear(2, 2))
    model.save(tmp_path / "model.pt")
    refused = run(alone.tsviz, "show", tmp_path / "model.pt", check=False)
    assert refused.returncode in (2, 3)
    assert "PyTorch, which is not installed here" in refused.stderr
    assert "pip install" in refused.stderr


def test_a_server_without_torch_shows_what_a_kernel_elsewhere_explores(
    wheel: Path, watched: Watched, tmp_path: Path
):
    server = Environment(tmp_path / "server", wheel, "tsviz[lab]")
    kernel = Environment(tmp_path / "kernel", wheel, "tsviz[torch]", "ipykernel")
    assert "No module named 'torch'" in run(server.python, "-c", "import torch", check=False).stderr
    assert run(kernel.python, "-c", "import jupyterlab", check=False).returncode != 0
    (tmp_path / "jupyter").mkdir()
    with JupyterServer("lab", tmp_path / "jupyter", python=server.python) as lab:
        lab.add_kernel("elsewhere", kernel.python)
        write_notebook(lab.root / "split.ipynb", CELLS, "elsewhere")
        notebook = Notebook(watched.page, lab, "split.ipynb").open().run_all()
        expect(notebook.output("model")).to_have_text(str(kernel.folder))
        expect(notebook.output("env")).to_contain_text(kernel.python)
        explorer = notebook.explorer("explore")
        explorer.click("aten::relu")
        expect(explorer.marked_lines).to_contain_text("return self.linear(x).relu()")
        in_server = run(server.tsviz, "env").stdout
    assert server.python in in_server
    assert re.search(r"^torch +missing", in_server, re.MULTILINE)


MODEL = """\
import sys, torch

class Gate(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x).relu()

gate = Gate().eval()
print(sys.prefix)"""
CELLS = {
    "load": "%load_ext tsviz",
    "model": MODEL,
    "explore": "%tsdebug gate(torch.ones(2, 4))",
    "env": "%tsdebug --env",
}
