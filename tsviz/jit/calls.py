"""Calls of compiled functions, as far as an entry point is inlined through them."""

from typing import NamedTuple

from tsviz.jit.codes import Code
from tsviz.jit.evidence import UNKNOWN_STACK, CallStack


class Call:
    """One call of a function while an entry point is inlined; the entry point itself is one, too.

    Attributes:
        code: what was called, `None` for nodes whose function is not known.
        stack: the calls around its nodes.
        outer: the call that it stands in.
        number: which of the calls in there it is.
    """

    __slots__ = ("_inner", "code", "number", "outer", "stack")

    def __init__(
        self, code: Code | None, stack: CallStack, outer: "Call | None" = None, number: int = -1
    ) -> None:
        self.code = code
        self.stack = stack
        self.outer = outer
        self.number = number
        self._inner: dict[int, Call] = {}

    def inner(self, number: int) -> "Call | None":
        """The call with that number in the function, `None` if PyTorch leaves it as it is."""
        known = self._inner.get(number)
        if known is None:
            code, stack = self.code.callees[number] if self.code else (None, UNKNOWN_STACK)
            if code is None:
                return None
            known = self._inner[number] = Call(code, stack.within(self.stack), self, number)
        return known

    def follow(self, path: tuple[int, ...] | None) -> "Call":
        """The call that a path of calls leads to."""
        call = self
        for number in path or ():
            call = call.inner(number) or call
        return call.lost() if path is None else call

    def number_of(self, node: int) -> int:
        """Which call a node of the function is, -1 for none that inlining replaces."""
        return -1 if self.code is None else self.code.outline.call_numbers.get(node, -1)

    def lost(self) -> "Call":
        """Some call within this one, it is not known which."""
        return Call(None, UNKNOWN_STACK.within(self.stack), self)

    @property
    def path(self) -> tuple[int, ...] | None:
        """The numbers of the calls from the outermost one in; `None` where they are not known."""
        numbers: list[int] = []
        call = self
        while call.outer is not None:
            if call.code is None:
                return None
            numbers.append(call.number)
            call = call.outer
        return tuple(reversed(numbers))


class Place(NamedTuple):
    """Where a node stands.

    Attributes:
        at: which node of the function it was, -1 where a pass made it.
        sure: whether it may not as well stand in another call of that function.
    """

    call: Call
    at: int
    sure: bool = True
