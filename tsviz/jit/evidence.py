"""What PyTorch itself says about where one node comes from."""

from dataclasses import dataclass

from tsviz.location import FileRange

Frames = tuple[FileRange, ...]


@dataclass(frozen=True, slots=True)
class CallStack:
    """The calls a node was inlined through.

    Attributes:
        callers: the places of the calls, innermost first.
        module: dotted path of the submodule that was called, "" where no submodule was.
        whole: whether no call is missing from `callers`.
        depth: how many calls there are, those included whose place is not known; -1 where not even
            that is known.
    """

    callers: Frames = ()
    module: str = ""
    whole: bool = True
    depth: int = 0

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known about the calls around the node."""
        return self.depth < 0

    def within(self, outer: "CallStack") -> "CallStack":
        """This stack inside a call that is itself inside `outer`."""
        module = ".".join(part for part in (outer.module, self.module) if part)
        depth = self.depth + outer.depth
        if not self.whole:
            return CallStack(self.callers, module, False, depth)
        return CallStack(self.callers + outer.callers, module, outer.whole, depth)


UNKNOWN_STACK = CallStack(whole=False, depth=-1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts about one node.

    Attributes:
        own: its range in the original source, innermost first (a whole stack if `traced`).
        serialized: its range in an archive's printed code.
        traced: whether `own` is a recorded Python stack.
        stack: the calls it was inlined through.
        homes: the files its function is written in; more than one where a pass made the node from
            several functions, () where that is not known (a trace has no functions).
        guessed: whether `own` is the range of a node near by.
        sure: whether `stack` is the only one that it can have.
    """

    own: Frames = ()
    serialized: FileRange | None = None
    traced: bool = False
    stack: CallStack = CallStack()
    homes: tuple[str, ...] = ()
    guessed: bool = False
    sure: bool = True
