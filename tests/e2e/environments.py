"""Environments in which tsviz is installed from its wheel, made in a second.

A real one would download gigabytes. These link to what is installed here, but only to what a list
of requirements and all that those need in turn name: so what tsviz uses without declaring it is
missing in them, as it would be at a user's.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def build_wheel(folder: Path) -> Path:
    """Builds the wheel of this checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", folder]
    subprocess.run(command, cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


class Environment:
    """A virtual environment with tsviz from a wheel and with what `requirements` name.

    Args:
        folder: where to make it.
        wheel: of tsviz.
        requirements: such as `tsviz[lab]`; tsviz itself is never taken from here.
    """

    def __init__(self, folder: Path, wheel: Path, *requirements: str) -> None:
        run(sys.executable, "-m", "venv", "--without-pip", folder)
        self.folder = folder
        self.python = str(folder / "bin" / "python")
        self.tsviz = str(folder / "bin" / "tsviz")
        (packages,) = folder.glob("lib/python*/site-packages")
        for found in _iter_needed(requirements):
            _add(found, packages, folder)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
        run(*pip, "--python", self.python, "install", "--quiet", "--no-deps", wheel)


def run(*command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs a command where it finds no `tsviz` but the installed one."""
    variables = without_python(os.environ) | {"COLUMNS": "200"}
    return subprocess.run(
        command, cwd="/", env=variables, check=check, text=True, capture_output=True
    )


def without_python(variables: Mapping[str, str]) -> dict[str, str]:
    """Variables without those by which Python finds modules elsewhere."""
    return {name: value for name, value in variables.items() if not name.startswith("PYTHON")}


def _iter_needed(requirements: Iterable[str]) -> Iterator[Distribution]:
    """What is installed here for `requirements`, and for what they need in turn."""
    queue = [Requirement(text) for text in requirements]
    seen: set[tuple[str, str]] = set()
    while queue:
        need = queue.pop()
        for extra in ("", *need.extras):
            if (need.name.lower(), extra) in seen:
                continue
            seen.add((need.name.lower(), extra))
            found = distribution(need.name)
            if need.name != "tsviz":
                yield found
            for text in found.requires or ():
                inner = Requirement(text)
                if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                    queue.append(inner)


def _add(found: Distribution, packages: Path, folder: Path) -> None:
    """Links its modules; copies what it has in `share` and `etc`, where servers follow no link."""
    for file in found.files or ():
        if file.parts[0] == "..":
            _, _, inside = file.as_posix().rpartition("../")
            copy = folder / inside
            if inside.startswith(("share/jupyter", "etc/jupyter")) and not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found.locate_file(file), copy)
        elif not (link := packages / file.parts[0]).exists():
            link.symlink_to(Path(found.locate_file(file.parts[0])).resolve())
