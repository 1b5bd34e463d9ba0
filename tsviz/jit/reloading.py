"""Saving a compiled module and loading it again."""

import tempfile
from pathlib import Path
from typing import cast

import torch

from tsviz.jit.internals import cpp_module, find_nodes
from tsviz.jit.loading import load

_UNSAVABLE = "prim::ConstantMKLDNNTensor"


def save(native: object, path: Path) -> None:
    """Writes a compiled module or function to a file.

    Raises:
        RuntimeError: PyTorch cannot save it.
    """
    cast("torch.jit.ScriptModule", native).save(str(path))


def reload(native: object) -> torch.jit.ScriptModule:
    """What a module is after it was saved and loaded.

    Raises:
        RuntimeError: PyTorch cannot save it, or cannot load what it saved.
    """
    with tempfile.TemporaryDirectory(prefix="tsviz-") as folder:
        path = Path(folder) / "module.pt"
        save(native, path)
        return load(path, (), {})


def count_unsavable(native: object, method: str) -> int:
    """How many constants lie in MKL-DNN's own layout, which PyTorch writes to no file."""
    module = cpp_module(cast("torch.jit.ScriptModule", native))
    return len(find_nodes(module._get_method(method).graph, _UNSAVABLE))
