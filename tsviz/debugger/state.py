"""What a debugger answers: where the program is, why it is there, and what there is to see."""

from dataclasses import dataclass

from tsviz.debugger.numerics import Statistics
from tsviz.debugger.orders import Status
from tsviz.errors import Diagnostic
from tsviz.ir import Node
from tsviz.location import FileRange


@dataclass(frozen=True, slots=True)
class Fault:
    """What the program raised.

    Attributes:
        kind: the class of the error as the user knows it, such as `ValueError`.
        message: its first sentence.
        text: all that PyTorch says.
    """

    kind: str
    message: str
    text: str


@dataclass(frozen=True, slots=True)
class State:
    """A program that is held, runs, or is done.

    Attributes:
        position: how many nodes it has come to, loops once an iteration; 0 before the first.
        furthest: the last position it ever reached.
        node: the node that is next or, `after` it, was last; `None` before the first.
        text: that node as IR text, "" where there is none.
        is_head: whether this is the head of an iteration of that loop.
        after: whether the node has run already.
        reason: why it is held, such as `step` or `breakpoint 2`; "" where it is not.
        scope: the module path.
        line: the user's line, `None` where none is known.
        frames: all known frames, innermost first.
        iterations: (node, number from 1 on) of the loops around.
        fault: what it raised.
        notes: warnings: what is not as it was.
    """

    status: Status
    position: int = 0
    furthest: int = 0
    node: Node | None = None
    text: str = ""
    is_head: bool = False
    after: bool = False
    reason: str = ""
    scope: str = ""
    line: FileRange | None = None
    frames: tuple[FileRange, ...] = ()
    iterations: tuple[tuple[int, int], ...] = ()
    fault: Fault | None = None
    notes: tuple[Diagnostic, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether the program runs on, so that nothing can be looked at."""
        return self.status is Status.RUNNING

    @property
    def is_held(self) -> bool:
        """Whether it can go on."""
        return self.status is Status.PAUSED

    def __str__(self) -> str:
        if self.status is Status.RUNNING:
            return f"running, {self.position} positions so far"
        if self.status in (Status.FINISHED, Status.ENDED):
            return f"{self.status} after {self.position} positions"
        where = f", {self.line.file}:{self.line.line}" if self.line is not None else ""
        if self.fault is not None:
            what = f"{self.fault.kind}: {self.fault.message}"
            return f"failed at `{self.text}`: {what}{where}" if self.text else f"failed: {what}"
        side = "after" if self.after else "at the head of" if self.is_head else "before"
        return f"held {side} `{self.text}` ({self.reason}){where}"


@dataclass(frozen=True, slots=True)
class ValueView:
    """A value as it is shown: never all its numbers.

    Attributes:
        name: in the IR, with its `%`.
        type: as the IR says.
        text: what it is, in a line.
        statistics: of a tensor.
        note: why there is nothing to show, or what is to be known about it.
        edited: whether it stands for another one.
    """

    name: str
    type: str
    text: str
    statistics: Statistics | None = None
    note: str = ""
    edited: bool = False

    def __str__(self) -> str:
        return f"{self.name} : {self.type} = {self.text or self.note}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the numbers of a tensor, or of the items of a list.

    Attributes:
        title: what they are part of, in a line.
        first: the number of the first of them, from 0.
        total: how many there are.
        items: each as text; a tensor's in the order of its last dimension.
        shape: of a tensor, whose items are numbers; `None` of anything else.
    """

    title: str
    first: int
    total: int
    items: tuple[str, ...]
    shape: tuple[int, ...] | None = None
