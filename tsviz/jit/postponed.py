"""Modules that are imported only when something is asked of them.

Importing PyTorch is most of what opening an archive takes, and a quarter of that goes into parts
that PyTorch imports for others to find: export, the kernels of tensors without data, distributions,
the hub. A process that only reads a graph never asks for them.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

OF_TORCH = ("torch._meta_registrations", "torch.export", "torch.distributions", "torch.hub")


def postpone(*names: str) -> None:
    """Puts off the import of modules that have not been imported yet."""
    for name in names:
        sys.modules.setdefault(name, _Postponed(name))


class _Postponed(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # as `inspect` asks every module
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)
