"""Programs stepped in PyTorch's own interpreter, forwards and back."""

from tsviz.debugger.beginning import debug
from tsviz.debugger.breakpoints import Breakpoint
from tsviz.debugger.debugging import Debugger
from tsviz.debugger.details import Detail
from tsviz.debugger.numerics import Apart, Statistics
from tsviz.debugger.orders import Status
from tsviz.debugger.pins import Pin
from tsviz.debugger.portraits import Picture, Portrait
from tsviz.debugger.records import Pair, Record, RecordDiff, Recorded
from tsviz.debugger.state import Fault, Page, State, ValueView

__all__ = [
    "Apart",
    "Breakpoint",
    "Debugger",
    "Detail",
    "Fault",
    "Page",
    "Pair",
    "Picture",
    "Pin",
    "Portrait",
    "Record",
    "RecordDiff",
    "Recorded",
    "State",
    "Statistics",
    "Status",
    "ValueView",
    "debug",
]
