"""What PyTorch itself says about where one node comes from."""

from dataclasses import dataclass

from tsviz.jit.callstack import CallStack
from tsviz.location import FileRange, How


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts about one node.

    Attributes:
        own: its range in the original source, innermost first (a whole stack if `traced`).
        serialized: its range in an archive's printed code.
        traced: whether `own` is a recorded Python stack.
        stack: the calls it was inlined through.
        hierarchy: module instances on the way, such as `l1(Block).c1(Conv2d)`, or the trace's
            scope.
        stack_how: `exact` where PyTorch recorded the whole stack, else how it was completed.
    """

    own: tuple[FileRange, ...]
    serialized: FileRange | None
    traced: bool
    stack: CallStack
    hierarchy: str
    stack_how: How = How.EXACT
