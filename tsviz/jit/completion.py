"""Call stacks made whole.

Inlining records the call only on nodes that yield values at the top of the inlined block. Nodes
without outputs (an `if` that only raises, a print) and all nodes inside blocks keep what they had,
so their chains end too early. What they lack is not lost:

* a node in a block continues the chain of the If or Loop around it, because a chain is cut exactly
  at the function that owns the block;
* the nodes of one call are contiguous, so a node without outputs lies in the same call as the
  nearest value-yielding node of the same function before or after it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tsviz.ir import Block, Graph, Node
from tsviz.jit.definitions import Definitions
from tsviz.jit.evidence import CallStack, Evidence
from tsviz.location import FileRange, How

Frames = tuple[FileRange, ...]
_STRENGTH = (How.EXACT, How.CALL, How.INFERRED, How.NONE)


def complete_stacks(
    graph: Graph, evidence: Mapping[int, Evidence], definitions: Definitions
) -> dict[int, Evidence]:
    """The same evidence with every call stack reaching the outermost function."""
    completion = _Completion(evidence, definitions)
    completion.block(graph.block, None)
    return completion.done


def call_bodies(evidence: Iterable[Evidence]) -> dict[tuple[str, Frames], set[str]]:
    """(function, its callers) → the files it is written in, for every call that some node's range
    or some node's chain passes through.

    There is more than one where a line calls several functions of the same name.
    """
    bodies: dict[tuple[str, Frames], set[str]] = {}
    seen: set[int] = set()
    for found in evidence:
        stack = found.stack
        if found.own and not found.traced:
            bodies.setdefault((stack.function, stack.callers), set()).add(found.own[0].file)
        if id(stack) in seen:
            continue
        seen.add(id(stack))
        for depth, frame in enumerate(stack.callers):
            call = (frame.function, stack.callers[depth + 1 :])
            bodies.setdefault(call, set()).add(frame.file)
    return bodies


@dataclass(frozen=True, slots=True)
class _Around:
    """The call a block's owner lies in."""

    stack: CallStack
    how: How
    definition: tuple[str, int]


class _Completion:
    def __init__(self, evidence: Mapping[int, Evidence], definitions: Definitions) -> None:
        self.evidence = evidence
        self.definitions = definitions
        self.bodies = call_bodies(evidence.values())
        self.done: dict[int, Evidence] = {}
        self.joined: dict[tuple[str, Frames, tuple[str, ...]], CallStack] = {}
        self.pairs: dict[tuple[str, int, int], CallStack] = {}

    def block(self, block: Block, around: _Around | None) -> None:
        nodes = block.nodes
        for node in nodes:
            if node.outputs or self.evidence[node.id].traced:
                self.done[node.id] = self._continued(self.evidence[node.id], around, How.CALL)
        for at, node in enumerate(nodes):
            if node.id not in self.done:
                self.done[node.id] = self._silent(nodes, at, around)
        for node in nodes:
            if node.blocks:
                inner = self._around(self.done[node.id])
                for nested in node.blocks:
                    self.block(nested, inner)

    def _around(self, found: Evidence) -> _Around:
        return _Around(found.stack, found.stack_how, self._definition(found))

    def _continued(self, found: Evidence, around: _Around | None, how: How) -> Evidence:
        """Hangs a chain that was cut at a block onto the chain of the block's owner."""
        if around is None:
            return found
        function = found.stack.function if found.stack.callers else around.stack.function
        stack = self._joined(function, found.stack, around.stack)
        weaker = max(how, around.how, key=_STRENGTH.index) if around.stack.callers else around.how
        return replace(found, stack=stack, stack_how=weaker)

    def _silent(self, nodes: tuple[Node, ...], at: int, around: _Around | None) -> Evidence:
        """A node without outputs: its call is told by the function its range lies in."""
        found = self.evidence[nodes[at].id]
        if not found.own:
            return self._continued(found, around, How.INFERRED)
        here = self._definition(found)
        if around is not None and around.definition == here:
            return self._continued(found, around, How.CALL)
        before = self._shared(nodes[:at][::-1], here)
        after = self._shared(nodes[at + 1 :], here)
        if before is not None and after is not None and before[0] != after[0]:
            nearer = before if before[1] <= found.own[0].line else after
            return self._placed(found, nearer[0], How.INFERRED)
        witness = before or after
        if witness is not None:
            return self._placed(found, witness[0], How.CALL)
        if around is None:
            return self._placed(found, self._enclosing(nodes, at), How.INFERRED)
        return self._continued(found, around, How.INFERRED)

    def _enclosing(self, nodes: tuple[Node, ...], at: int) -> CallStack:
        """The innermost call that surely contains `nodes[at]`: the one that the nodes before and
        after it share. Calls further in are not known."""
        before = self._frames_of(nodes[:at][::-1])
        after = self._frames_of(nodes[at + 1 :])
        shared = 0
        while shared < min(len(before), len(after)) and before[-shared - 1] == after[-shared - 1]:
            shared += 1
        witness = self._witness(nodes[:at][::-1])
        return self._outer("", witness.stack, shared) if witness else CallStack("", ())

    def _witness(self, nodes: Iterable[Node]) -> Evidence | None:
        """The first value-yielding node. Constants do not count: equal ones are pooled into the
        first call that had one."""
        node = next((n for n in nodes if n.outputs and n.op != "prim::Constant"), None)
        return None if node is None else self.done[node.id]

    def _frames_of(self, nodes: Iterable[Node]) -> Frames:
        found = self._witness(nodes)
        return () if found is None else (*found.own[:1], *found.stack.callers)

    def _shared(
        self, nodes: tuple[Node, ...], here: tuple[str, int]
    ) -> tuple[CallStack, int] | None:
        """The call of the nearest value-yielding node, if it passes through the function `here`."""
        found = self._witness(nodes)
        if found is None:
            return None
        frames = (*found.own[:1], *found.stack.callers)
        for depth, frame in enumerate(frames):
            if (frame.file, self.definitions.find(frame)) == here:
                stack = self._outer(frame.function, found.stack, len(frames) - depth - 1)
                return stack, frame.line
        if not found.own and found.stack.callers and self._writes_in(found, here):
            return found.stack, 0
        return None

    def _writes_in(self, found: Evidence, here: tuple[str, int]) -> bool:
        """Whether a node without a range was written in the function `here`."""
        call = (found.stack.function, found.stack.callers)
        return here[0] in self.bodies.get(call, ()) and self.definitions.name(*here) == call[0]

    def _placed(self, found: Evidence, stack: CallStack, how: How) -> Evidence:
        joined = self._joined(stack.function, found.stack, stack)
        return replace(found, stack=joined, stack_how=how)

    def _definition(self, found: Evidence) -> tuple[str, int]:
        place = found.own[0] if found.own else None
        return (place.file, self.definitions.find(place)) if place is not None else ("", 0)

    def _outer(self, function: str, stack: CallStack, depth: int) -> CallStack:
        """The outermost `depth` calls of `stack`, as the stack of a node in `function`."""
        at = len(stack.callers) - depth
        return self._interned(function, stack.callers[at:], stack.modules[at:])

    def _joined(self, function: str, inner: CallStack, outer: CallStack) -> CallStack:
        key = (function, id(inner), id(outer))
        stack = self.pairs.get(key)
        if stack is None:
            callers, modules = inner.callers + outer.callers, inner.modules + outer.modules
            stack = self.pairs[key] = self._interned(function, callers, modules)
        return stack

    def _interned(self, function: str, callers: Frames, modules: tuple[str, ...]) -> CallStack:
        key = (function, callers, modules)
        stack = self.joined.get(key)
        if stack is None:
            stack = self.joined[key] = CallStack(function, callers, modules)
        return stack
