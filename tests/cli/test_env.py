"""`tsviz env`: what is installed where, what is missing, and the command that mends it."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from rich.console import Console

from tests.cli.conftest import Done
from tsviz.environment import (
    Environment,
    Kernel,
    Package,
    install_command,
    missing_packages_named,
    read_environment,
)
from tsviz.errors import UsageError
from tsviz.terminal import environment_page

TORCH = Package("torch", "torch<2.15,>=2.11", "2.13.0+cpu", True)
KERNEL = Package("ipykernel", "ipykernel>=7", "7.4.0", True)
LAB = Package("jupyterlab", "jupyterlab<5,>=4.6", "4.6.6", True)
RICH = Package("rich", "rich>=14", "15.0.0", False)


def without(package: Package) -> Package:
    return Package(package.name, package.needed, "", package.optional)


def environment(*packages: Package, built: bool = True) -> Environment:
    return Environment("/env/bin/python", "3.12.1", packages, (), built)


def roles(found: Environment) -> dict[str, list[str]]:
    return {role: [package.name for package in missing] for role, missing in found.iter_roles()}


def test_this_environment(tsviz: Callable[..., Done]):
    done = tsviz("env")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"Python {sys.version.split()[0]} ({sys.executable})"
    rows = {words[0]: words[1] for line in lines if len(words := line.split()) > 1}
    for package in ("tsviz", "torch", "anywidget", "ipykernel", "jupyterlab"):
        assert rows[package] == version(package)
    assert len([line for line in lines if line.endswith("  ready")]) == 3


def test_every_requirement_is_listed():
    needed = [Requirement(text) for text in requires("tsviz") or ()]
    named = {requirement.name for requirement in needed if requirement.marker is None}
    assert named <= {package.name for package in read_environment().packages}


def test_roles():
    everything = environment(RICH, TORCH, KERNEL, LAB)
    assert roles(everything) == {
        "command line": [],
        "kernel, runs models": [],
        "Jupyter server, shows the explorer": [],
    }
    server = environment(RICH, without(TORCH), without(KERNEL), LAB)
    assert roles(server) == {
        "command line": ["torch"],
        "kernel, runs models": ["torch", "ipykernel"],
        "Jupyter server, shows the explorer": [],
    }
    assert list(server.iter_findings()) == []
    gpu_box = environment(RICH, TORCH, without(KERNEL), without(LAB))
    assert list(gpu_box.iter_findings()) == []


def test_findings():
    python = sys.executable
    assert list(environment(without(RICH), TORCH, LAB).iter_findings()) == [
        f"tsviz's own requirements are not met: {python} -m pip install 'rich>=14'"
    ]
    assert list(environment(RICH, without(TORCH), without(LAB)).iter_findings()) == [
        f"neither torch nor JupyterLab fits: {python} -m pip install 'torch<2.15,>=2.11'"
    ]
    assert list(environment(RICH, TORCH, LAB, built=False).iter_findings()) == [
        "the explorer's JavaScript is not built: run `make build` in the clone"
    ]


@pytest.mark.parametrize(
    ("installed", "fits"),
    [
        ("2.13.0+cpu", True),
        ("2.14.1", True),
        ("2.11.0rc1", False),
        ("2.12.0.dev20260101+cu130", True),
        ("2.10.2", False),
        ("2.15.0", False),
        ("", False),
    ],
)
def test_versions_that_fit(installed: str, fits: bool):
    assert Package("torch", "torch<2.15,>=2.11", installed, True).fits is fits


def test_page_tells_the_remedy_of_each_role():
    console = Console(width=200, file=io.StringIO())
    found = environment(RICH, without(TORCH), without(KERNEL), LAB)
    console.print(environment_page(found), highlight=False)
    text = console.file.getvalue()
    assert "torch       missing    <2.15,>=2.11" in text
    assert (
        f"kernel, runs models                 {sys.executable} -m pip install "
        "'torch<2.15,>=2.11' 'ipykernel>=7'"
    ) in text
    assert "Jupyter server, shows the explorer  ready" in text


# ── other kernels ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kernelspec(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Registers a kernel `other` that is started with the given Python."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder / "jupyter"))

    def register(python: str) -> None:
        spec = folder / "jupyter" / "kernels" / "other"
        spec.mkdir(parents=True)
        argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        document = {"argv": argv, "display_name": "Other", "language": "python", "env": {"A": "1"}}
        (spec / "kernel.json").write_text(json.dumps(document))

    return register


def test_kernel_in_another_environment_is_asked(
    tsviz: Callable[..., Done], folder: Path, kernelspec: Callable[[str], None]
):
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True
    )
    python = str(folder / "venv" / "bin" / "python")
    kernelspec(python)
    (kernel,) = read_environment().kernels
    assert kernel == Kernel("other", python, {"tsviz": "", "torch": "", "ipykernel": ""})
    assert kernel.remedy == f"{python} -m pip install 'tsviz[torch]'"
    out = tsviz("env").out
    assert "other kernel" in out
    assert "missing" in out


def test_kernel_whose_python_is_gone(tsviz: Callable[..., Done], kernelspec: Callable[[str], None]):
    kernelspec("/nowhere/bin/python")
    (kernel,) = read_environment().kernels
    assert (kernel.versions, kernel.remedy) == (None, "")
    assert "this Python does not start" in " ".join(tsviz("env").out.split())


def test_kernel_of_this_environment_is_not_another(kernelspec: Callable[[str], None]):
    kernelspec(sys.executable)
    assert read_environment().kernels == ()


# ── a missing package ───────────────────────────────────────────────────────────────────────────


def test_commands_quote_what_a_shell_would_read():
    assert install_command(["tsviz[torch]"], "/a b/python") == (
        "'/a b/python' -m pip install 'tsviz[torch]'"
    )


MISSING = {
    "torch": (
        f"error[TSV-U10]: torch is not installed here ({sys.executable}), and this needs it\n"
        "  note: a Jupyter server can do without it; the kernel and the tsviz command cannot\n"
        f"  help: {sys.executable} -m pip install 'torch<2.15,>=2.11'"
    ),
    "anywidget": (
        f"error[TSV-U11]: anywidget is not installed here ({sys.executable}), and this needs it\n"
        f"  help: {sys.executable} -m pip install 'anywidget<0.12,>=0.11'"
    ),
}


@pytest.mark.parametrize(("name", "message"), MISSING.items(), ids=MISSING)
def test_missing_package_is_named(name: str, message: str):
    with pytest.raises(UsageError) as caught, missing_packages_named():
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    assert str(caught.value) == message


def test_missing_package_that_is_not_ours_is_left_alone():
    with pytest.raises(ModuleNotFoundError), missing_packages_named():
        raise ModuleNotFoundError("No module named 'theirs'", name="theirs")
