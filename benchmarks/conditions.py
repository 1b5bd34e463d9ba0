"""Under what a figure was measured: versions, processor, command."""

import os
import platform
from importlib.metadata import version

PACKAGES = ("torch", "transformers")


def describe_conditions(command: str, packages: tuple[str, ...] = PACKAGES) -> str:
    """A few lines that stand above every table, with the versions of what was measured."""
    versions = ", ".join(f"{package} {version(package)}" for package in ("tsviz", *packages))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{command}\n"
        f"python {platform.python_version()}, {versions}; "
        f"{platform.system()} {platform.machine()}, {cores} cores"
    )
