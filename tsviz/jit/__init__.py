"""The only room that touches `torch._C` and other unversioned internals."""

from tsviz.jit.callstack import CallStack, read_callstacks
from tsviz.jit.completion import call_bodies
from tsviz.jit.definitions import Definitions
from tsviz.jit.evidence import Evidence
from tsviz.jit.ranges import RangeText, parse_range, parse_traceback
from tsviz.jit.reading import NativeGraph, import_graph

__all__ = [
    "CallStack",
    "Definitions",
    "Evidence",
    "NativeGraph",
    "RangeText",
    "call_bodies",
    "import_graph",
    "parse_range",
    "parse_traceback",
    "read_callstacks",
]
