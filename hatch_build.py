"""Builds the browser side before hatchling packs a wheel or an sdist.

The TypeScript under `labextension/` compiles into `tsviz/widgets/static/`, which is not in git; the
notebooks of the course go there, too, for Jupyter to hand out. A checkout therefore needs Node.js
to become a package; an sdist carries the compiled files, as new as their sources, and installs
without it.
"""

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class JavaScriptBuildHook(BuildHookInterface[BuilderConfig]):
    """Runs npm where the compiled JavaScript is missing or older than its sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Leave compiled JavaScript in the tree; hatchling calls this before it collects files.

        Raises:
            RuntimeError: the JavaScript must be built and npm is not installed.
            subprocess.CalledProcessError: npm failed; its output says why.
        """
        workspace = Path(self.root, "labextension")
        bundle = Path(self.root, "tsviz", "widgets", "static", "widget.js")
        course = Path(self.root, "notebooks").glob("*.ipynb")
        if is_fresh(bundle, chain(iter_sources(workspace), course)):
            return
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "tsviz is being built from a checkout, which compiles its JavaScript, and `npm` is "
                "not on PATH; install Node.js 20.19 or newer, or install tsviz from a wheel or an "
                "sdist, which need none"
            )
        lock = workspace / "package-lock.json"
        if not is_fresh(workspace / "node_modules" / ".package-lock.json", [lock]):
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=workspace, check=True)
        subprocess.run([npm, "run", "build"], cwd=workspace, check=True)


def iter_sources(workspace: Path) -> Iterator[Path]:
    """Yield the files under `workspace` that the compiled JavaScript depends on."""
    for path in workspace.iterdir():
        if path.is_file():
            yield path
        elif path.name != "node_modules":
            yield from iter_sources(path)


def is_fresh(target: Path, sources: Iterable[Path]) -> bool:
    """Tell whether `target` exists and none of `sources` is newer."""
    if not target.exists():
        return False
    built = target.stat().st_mtime
    return all(source.stat().st_mtime <= built for source in sources)
