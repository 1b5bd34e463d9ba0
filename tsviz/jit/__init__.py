"""The only room that touches `torch._C` and other unversioned internals."""

from tsviz.jit.callstack import CallStack, read_callstacks
from tsviz.jit.ranges import RangeText, parse_range, parse_traceback
from tsviz.jit.reading import Evidence, NativeGraph, import_graph

__all__ = [
    "CallStack",
    "Evidence",
    "NativeGraph",
    "RangeText",
    "import_graph",
    "parse_range",
    "parse_traceback",
    "read_callstacks",
]
