"""Writes a live program to an archive."""

from pathlib import Path
from typing import Protocol, cast


class _Saved(Protocol):
    def save(self, f: str) -> object: ...


def write_archive(native: object, path: Path) -> str:
    """Saves a compiled module or function as `torch.jit.save` does, without its warning.

    Returns:
        "", or why PyTorch cannot save it: it calls Python, or holds what no archive can hold.
    """
    try:
        cast("_Saved", native).save(str(path))
    except RuntimeError as error:
        return str(error).strip().partition("\n")[0]
    return ""
