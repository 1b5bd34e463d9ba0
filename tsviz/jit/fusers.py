"""PyTorch's fusers on the CPU, where they are off by default."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Protocol, cast

import torch


@contextmanager
def fusers_on_cpu() -> Generator[None]:
    """Lets both fusers group nodes for the CPU, as they do for a GPU, and sets that back."""
    tensorexprs, legacy = _switches._jit_can_fuse_on_cpu(), _switches._jit_can_fuse_on_cpu_legacy()
    try:
        _switches._jit_override_can_fuse_on_cpu(True)
        _switches._jit_override_can_fuse_on_cpu_legacy(True)
        yield
    finally:
        _switches._jit_override_can_fuse_on_cpu(tensorexprs)
        _switches._jit_override_can_fuse_on_cpu_legacy(legacy)


class _Switches(Protocol):
    _jit_can_fuse_on_cpu: Callable[[], bool]
    _jit_override_can_fuse_on_cpu: Callable[[bool], object]
    _jit_can_fuse_on_cpu_legacy: Callable[[], bool]
    _jit_override_can_fuse_on_cpu_legacy: Callable[[bool], object]


_switches = cast("_Switches", torch._C)
