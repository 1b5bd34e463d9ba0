"""The only room that touches `torch._C` and other unversioned internals.

Its names are imported when they are asked for: archives and IR text open in a process that has not
imported PyTorch, and a child that reads one starts before anything else is imported.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tsviz.jit.callstack import Evidences
    from tsviz.jit.definitions import Definitions
    from tsviz.jit.evidence import CallStack, Evidence
    from tsviz.jit.ranges import RangeText, parse_range, parse_traceback
    from tsviz.jit.reading import NativeGraph, import_graph, import_inlined

_HOMES = {
    "CallStack": "tsviz.jit.evidence",
    "Definitions": "tsviz.jit.definitions",
    "Evidence": "tsviz.jit.evidence",
    "Evidences": "tsviz.jit.callstack",
    "NativeGraph": "tsviz.jit.reading",
    "RangeText": "tsviz.jit.ranges",
    "import_graph": "tsviz.jit.reading",
    "import_inlined": "tsviz.jit.reading",
    "parse_range": "tsviz.jit.ranges",
    "parse_traceback": "tsviz.jit.ranges",
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
    if name not in _HOMES:
        raise AttributeError(f"module 'tsviz.jit' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
