"""What a user installs: the built packages, and the pages and pins that describe them."""

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import tsviz

ROOT = Path(__file__).parent.parent
STATIC = "tsviz/widgets/static"


def build(source: Path, target: str, folder: Path, path: str = os.environ["PATH"]) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", folder],
        cwd=source,
        env=os.environ | {"PATH": path},
        check=True,
    )
    (package,) = folder.iterdir()
    return package


def list_files(folder: str) -> set[str]:
    """The files of `folder` that were not put there by npm or by running Python."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not {"node_modules", "__pycache__"} & set(path.parts)
    }


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


def test_sdist_carries_the_javascript_built_and_as_source(sdist: Path):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert f"{STATIC}/widget.js" in names
    assert list_files("labextension") <= names
    assert not [name for name in names if "node_modules" in name]


def test_sdist_becomes_a_whole_wheel_without_node(sdist: Path, tmp_path: Path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    wheel = build(source, "wheel", tmp_path / "wheel", path="")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert f"{STATIC}/widget.js" in packed
    assert list_files("tsviz") <= packed
    kernel = {name.removeprefix("kernel/") for name in list_files("kernel/tsviz_kernel")}
    assert kernel <= packed
    (spec,) = [
        name for name in packed if name.endswith("share/jupyter/kernels/tsdebug/kernel.json")
    ]
    own = list_files("tsviz") | kernel | {spec}
    extra = [name for name in packed - own if ".dist-info/" not in name]
    assert {name.rpartition("share/jupyter/labextensions/tsviz/")[2] for name in extra} == {
        name.removeprefix(f"{STATIC}/jupyterlab/") for name in list_files(f"{STATIC}/jupyterlab")
    }


def test_python_and_javascript_have_one_version(sdist: Path):
    found = [ROOT / "labextension" / "package.json"]
    found += (ROOT / "labextension" / "packages").glob("*/package.json")
    found.append(ROOT / STATIC / "jupyterlab" / "package.json")
    assert len(found) == 5
    versions = {json.loads(path.read_text())["version"] for path in found}
    assert versions == {tsviz.__version__}
    assert sdist.name == f"tsviz-{tsviz.__version__}.tar.gz"


def read_python_pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    return {
        name.lower().replace("_", "-"): version
        for name, version in (pin.split("==") for pin in pins)
    }


def read_documented_versions() -> set[tuple[str, str]]:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    return set(re.findall(r"^\| (\S+) \| (\S+) \|", page, re.MULTILINE))


def test_every_python_dependency_is_pinned_and_explained():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    direct = [*project["dependencies"], *(need for extra in extras for need in extra)]
    pins = read_python_pins()
    names = [re.split(r"[<>=]", need)[0] for need in direct]
    assert {(name, pins[name]) for name in names} <= read_documented_versions()


def test_every_javascript_dependency_is_explained_and_the_lock_names_no_host():
    lock = json.loads((ROOT / "labextension" / "package-lock.json").read_text())["packages"]
    ours = [entry for name, entry in lock.items() if "node_modules/" not in name]
    direct = {
        name
        for entry in ours
        for group in ("dependencies", "devDependencies")
        for name in entry.get(group, {})
        if not name.startswith("@tsviz/")
    }
    versions = {(name, lock[f"node_modules/{name}"]["version"]) for name in direct}
    assert versions <= read_documented_versions()
    hosts = [entry["resolved"] for entry in lock.values() if "://" in entry.get("resolved", "")]
    assert hosts == []
