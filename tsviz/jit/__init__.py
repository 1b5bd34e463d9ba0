"""The only room that touches `torch._C` and other unversioned internals.

What needs PyTorch is imported when it is asked for: archives and IR text open in a process that
has not imported it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tsviz.jit.definitions import Definitions
from tsviz.jit.evidence import CallStack, Evidence
from tsviz.jit.ranges import RangeText, parse_range, parse_traceback

if TYPE_CHECKING:
    from tsviz.jit.callstack import Evidences
    from tsviz.jit.reading import NativeGraph, import_graph, import_inlined

_NEED_TORCH = {
    "Evidences": "tsviz.jit.callstack",
    "NativeGraph": "tsviz.jit.reading",
    "import_graph": "tsviz.jit.reading",
    "import_inlined": "tsviz.jit.reading",
}

__all__ = [
    "CallStack",
    "Definitions",
    "Evidence",
    "Evidences",
    "NativeGraph",
    "RangeText",
    "import_graph",
    "import_inlined",
    "parse_range",
    "parse_traceback",
]


def __getattr__(name: str) -> Any:
    if name not in _NEED_TORCH:
        raise AttributeError(f"module 'tsviz.jit' has no attribute {name!r}")
    return getattr(import_module(_NEED_TORCH[name]), name)
