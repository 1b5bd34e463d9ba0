"""What PyTorch itself says about where one node comes from."""

from dataclasses import dataclass

from tsviz.location import FileRange, How


@dataclass(slots=True, eq=False)
class CallStack:
    """How the interpreter got to a node.

    Many nodes share one stack: readers intern them, so that identity stands for equality (hashing
    chains of frames for every node would cost more than reading the node), and `path` can be
    filled in once for all of them.

    Attributes:
        function: name of the function the node was written in.
        callers: the places it was called from, innermost first.
        modules: for each of these calls the name of the submodule called, "" for a call of a
            function or of the module's own method.
        path: dotted path of the innermost module called, such as `layers.0.attention`.
    """

    function: str
    callers: tuple[FileRange, ...]
    modules: tuple[str, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The facts about one node.

    Attributes:
        own: its range in the original source, innermost first (a whole stack if `traced`).
        serialized: its range in an archive's printed code.
        traced: whether `own` is a recorded Python stack.
        stack: the calls it was inlined through.
        scope: of a traced node, as recorded, such as `__module.l1/__module.l1.c1`.
        stack_how: `exact` where PyTorch recorded the whole stack, else how it was completed.
    """

    own: tuple[FileRange, ...]
    serialized: FileRange | None
    traced: bool
    stack: CallStack
    scope: str
    stack_how: How = How.EXACT

    @property
    def module(self) -> str:
        """The dotted path of the module the node was called in, such as `l1.c1`."""
        if self.scope:
            return self.scope.rsplit("/", 1)[-1].removeprefix("__module").lstrip(".")
        return self.stack.path
