"""Loading an archive into this process, which runs what is in it."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import torch

LOAD_FAILURES = (RuntimeError, ValueError, torch.jit.Error)
"""What `load` raises when PyTorch refuses an archive."""


def load(path: Path, packages: tuple[str, ...]) -> torch.jit.ScriptModule:
    """Loads an archive; onto the CPU where the devices it was saved from are not all here.

    Args:
        packages: imported before, where they are installed, for the operators they register.

    Raises:
        RuntimeError, ValueError, torch.jit.Error: PyTorch refuses it.
    """
    for package in packages:
        if find_spec(package) is not None:
            import_module(package)
    target = None if torch.cuda.is_available() else "cpu"
    return torch.jit.load(str(path), map_location=target)
