"""What is installed where, what is missing, and the command that mends it.

Jupyter's server and the kernel may live in different environments: the server shows the explorer
and needs no torch, the kernel runs the model. Everything here works without torch. What is needed
is read from tsviz's own package metadata, so that it is written down once.
"""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tsviz.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

FIRST_PYTHON_WITHOUT_SCRIPT = (3, 14)
"""From this Python on, PyTorch calls `torch.jit.script` unsupported."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "command line": ("torch",),
    "kernel, runs models": ("torch", "ipykernel"),
    "Jupyter server, shows the explorer": ("jupyterlab",),
}
"""What an environment can be → what it needs for that, beside tsviz's own requirements."""

_PROBE = """\
import json, sys
from importlib.metadata import PackageNotFoundError, version
def find(name):
    try: return version(name)
    except PackageNotFoundError: return ""
print(json.dumps({name: find(name) for name in sys.argv[1:]}))
"""
_PROBE_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Package:
    """A requirement and what is installed.

    Attributes:
        needed: as pip takes it, `torch>=2.11,<2.15`.
        installed: its version, "" where it is missing.
        optional: whether tsviz runs without it.
    """

    name: str
    needed: str
    installed: str
    optional: bool

    @property
    def fits(self) -> bool:
        """Whether a version that tsviz supports is installed."""
        from packaging.requirements import Requirement

        specifier = Requirement(self.needed).specifier
        return bool(self.installed) and specifier.contains(self.installed, prereleases=True)


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel of Jupyter's that runs another Python.

    Attributes:
        versions: package → version, "" where it is missing; `None` where it could not be asked.
    """

    name: str
    python: str
    versions: Mapping[str, str] | None

    @property
    def remedy(self) -> str:
        """The command that makes the kernel able to run the magic, "" where it is."""
        if self.versions is None:
            return ""
        if self.versions["tsviz"] and self.versions["torch"]:
            return ""
        return install_command(["tsviz[torch]"], self.python)


@dataclass(frozen=True, slots=True)
class Environment:
    """This environment, and the kernels that Jupyter would start from it."""

    python: str
    version: str
    packages: tuple[Package, ...]
    kernels: tuple[Kernel, ...]
    front_end_is_built: bool

    def iter_roles(self) -> Iterator[tuple[str, list[Package]]]:
        """What this environment can be, and which packages are missing or unfit for that."""
        unfit = [package for package in self.packages if not package.fits]
        for role, extra in ROLES.items():
            yield role, [p for p in unfit if not p.optional or p.name in extra]

    def iter_findings(self) -> Iterator[str]:
        """What is wrong whatever the role, with its remedy."""
        broken = [package for package in self.packages if not package.optional and not package.fits]
        if broken:
            yield f"tsviz's own requirements are not met: {install_command_for(broken)}"
        elif all(missing for _, missing in self.iter_roles()):
            torch = [package for package in self.packages if package.name == "torch"]
            yield f"neither torch nor JupyterLab fits: {install_command_for(torch)}"
        if not self.front_end_is_built:
            yield "the explorer's JavaScript is not built: run `make build` in the clone"


def read_environment() -> Environment:
    """Looks around; asks each other Python that Jupyter would start, in a child process."""
    static = Path(__file__).parent / "widgets" / "static" / "widget.js"
    return Environment(
        python=sys.executable,
        version=sys.version.split(maxsplit=1)[0],
        packages=tuple(_packages()),
        kernels=tuple(_other_kernels()),
        front_end_is_built=static.exists(),
    )


@contextmanager
def missing_packages_named() -> Generator[None]:
    """Turns a failed import of something tsviz needs into the diagnostic that installs it.

    Raises:
        UsageError: `TSV-U10` torch is missing, `TSV-U11` another package is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = _find_missing((error.name or "").lower())
        if missing is None:
            raise
        raise missing from error


def _find_missing(name: str) -> UsageError | None:
    needed = [package for package in _packages() if package.name == name]
    if name == "torch":
        note = "a Jupyter server can do without it; the kernel and the tsviz command cannot"
        return _missing("TSV-U10", name, needed, (note,))
    return _missing("TSV-U11", name, needed) if needed else None


def _missing(
    code: str, name: str, packages: list[Package], notes: tuple[str, ...] = ()
) -> UsageError:
    help = install_command([package.needed for package in packages] or [name])
    message = f"{name} is not installed here ({sys.executable}), and this needs it"
    return UsageError(Diagnostic(code, message, notes=notes, help=help))


def install_command(requirements: list[str], python: str = sys.executable) -> str:
    """The command that installs requirements into the environment of `python`."""
    return " ".join([_quoted(python), "-m pip install", *map(_quoted, requirements)])


def install_command_for(packages: list[Package]) -> str:
    """The command that installs versions of packages that fit, here."""
    return install_command([package.needed for package in packages])


def _quoted(word: str) -> str:
    return f"'{word}'" if any(mark in word for mark in " <>[],;&|") else word


# ── this environment ────────────────────────────────────────────────────────────────────────────


def _packages() -> Iterator[Package]:
    yield Package("tsviz", "tsviz", _version("tsviz"), False)
    base = {requirement.name for requirement in _requirements("")}
    seen: set[str] = set()
    for extra in ("torch", "", "lab"):
        for requirement in _requirements(extra):
            if requirement.name in seen:
                continue
            seen.add(requirement.name)
            needed = _plain(requirement)
            installed = _version(requirement.name)
            yield Package(requirement.name, needed, installed, requirement.name not in base)


def _requirements(extra: str) -> "list[Requirement]":
    """The requirements of tsviz: those that apply with `extra` ("" for those always needed)."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    try:
        found = [Requirement(text) for text in requires("tsviz") or ()]
    except PackageNotFoundError:  # run from a source tree that is not installed
        return []
    return [r for r in found if r.marker is None or r.marker.evaluate({"extra": extra})]


def _plain(requirement: "Requirement") -> str:
    """The requirement as pip takes it, without the condition under which it applies."""
    return f"{requirement.name}{requirement.specifier}"


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return ""


# ── the kernels' environments ───────────────────────────────────────────────────────────────────


def _other_kernels() -> Iterator[Kernel]:
    """The kernels that Jupyter knows here and that run another Python than this one."""
    if find_spec("jupyter_client") is None:
        return
    from jupyter_client.kernelspec import KernelSpecManager

    specs = KernelSpecManager().get_all_specs()
    for name, found in sorted(specs.items()):
        argv = found["spec"].get("argv") or [""]
        python = Path(argv[0])
        # A bare `python` means the server's own, as Jupyter starts it.
        if python.is_absolute() and not _same(python, Path(sys.executable)) and "-m" in argv:
            yield Kernel(name, str(python), _ask(str(python), found["spec"].get("env") or {}))


def _same(one: Path, other: Path) -> bool:
    """Whether two paths are one environment's Python (not resolved: venvs share a binary)."""
    return one == other or one.parent == other.parent


def _ask(python: str, env: Mapping[str, str]) -> Mapping[str, str] | None:
    command = [python, "-c", _PROBE, "tsviz", "torch", "ipykernel"]
    try:
        answer = subprocess.run(
            command,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=_PROBE_SECONDS,
            check=True,
        )
        return json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
