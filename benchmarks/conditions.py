"""Under what a figure was measured: versions, processor, command."""

import os
import platform
from importlib.metadata import version

PACKAGES = ("tsviz", "torch", "transformers")


def describe_conditions(command: str) -> str:
    """A few lines that stand above every table."""
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{command}\n"
        f"python {platform.python_version()}, {versions}; "
        f"{platform.system()} {platform.machine()}, {cores} cores"
    )
