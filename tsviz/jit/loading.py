"""Loading an archive into this process, which runs what is in it."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import torch

from tsviz.jit.functions import CallPlaces, keep_unit
from tsviz.jit.internals import internals, jit

LOAD_FAILURES = (RuntimeError, ValueError, torch.jit.Error)
"""What `load` raises when PyTorch refuses an archive."""


def load(path: Path, packages: tuple[str, ...], calls: CallPlaces) -> torch.jit.ScriptModule:
    """Loads an archive; onto the CPU where there is no CUDA device.

    As `torch.jit.load`, which keeps the compilation unit to itself: the functions that the module
    calls are found through it.

    Args:
        path: of the archive.
        packages: imported before, where they are installed, for the operators they register.
        calls: original places of calls that PyTorch does not read back.

    Raises:
        RuntimeError, ValueError, torch.jit.Error: PyTorch refuses it.
    """
    for package in packages:
        if find_spec(package) is not None:
            import_module(package)
    device = None if torch.cuda.is_available() else torch.device("cpu")
    unit = torch._C.CompilationUnit()
    module = internals.import_ir_module(unit, str(path), device, {}, False)
    native = jit._recursive.wrap_cpp_module(module)
    keep_unit(native, unit, calls)
    return native
