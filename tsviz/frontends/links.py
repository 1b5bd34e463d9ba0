"""From evidence to links: one `Link` for every node, and how surely it is known.

PyTorch gives most nodes a range, and the probes of `tsviz.jit` give every inlined node its call
stack. What is left (attribute reads, list building, constants made by passes) has no range of its
own. Then, in this order:

1. if the function the node was written in belongs to PyTorch, the innermost model line is one of
   the callers, which are known: `call`;
2. else the line is that of the node's users *within the same call*, then of its producers, then
   of its neighbours: `inferred`;
3. else `none`. Nothing is guessed where no evidence is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from tsviz.frontends.lines import find_model_frame, is_printed, is_torch
from tsviz.ir import Graph, Node
from tsviz.jit import Definitions, Evidence, call_bodies
from tsviz.location import (
    CallSite,
    FileRange,
    How,
    Link,
    Location,
    SourceFile,
    Unknown,
    iter_frames,
)

Frames = tuple[FileRange, ...]
_STRENGTH = (How.EXACT, How.CALL, How.INFERRED, How.NONE)
_NO_RANGE = "the compiler gave this node no range of its own"


def link_nodes(
    graph: Graph,
    evidence: Mapping[int, Evidence],
    sources: Mapping[str, SourceFile] = MappingProxyType({}),
) -> dict[int, Link]:
    """Finds the link of every node of `graph`.

    Args:
        evidence: by node id; nodes without an entry count as having none.
        sources: texts of files that are not on this machine, by path.
    """
    return _Linker(graph, evidence, Definitions(sources)).run()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is settled about one node: its frames innermost first, and its link."""

    frames: Frames
    link: Link
    traced: bool


class _Linker:
    def __init__(
        self, graph: Graph, evidence: Mapping[int, Evidence], definitions: Definitions
    ) -> None:
        self.graph = graph
        self.evidence = evidence
        self.definitions = definitions
        self.known: dict[int, _Known] = {}
        self.interned: dict[tuple[Frames, str], Link] = {}
        self.chains: dict[Frames, Location] = {}
        self.bodies = call_bodies(evidence.values())

    def run(self) -> dict[int, Link]:
        pending = self._settle_exact()
        pending = self._settle_calls(pending)
        if pending:
            pending = self._settle(reversed(pending), self._from_users)[::-1]
        if pending:
            pending = self._settle(pending, self._from_producers)
        if pending:
            self._settle_neighbours()
        return {identity: known.link for identity, known in self.known.items()}

    # ── what PyTorch says ────────────────────────────────────────────────────────────────────

    def _settle_exact(self) -> list[Node]:
        """Settles nodes with a range of their own; returns the others in order."""
        pending: list[Node] = []
        settled: dict[tuple[int, int], _Known] = {}
        for node in self.graph.nodes.values():
            found = self.evidence.get(node.id)
            if found is None or not found.own or self.definitions.is_whole(found.own[0]):
                pending.append(node)
                continue
            # evidence is interned by the readers, so that identity finds the repeated ones
            key = (id(found.own), id(found.stack))
            known = settled.get(key)
            if known is None:
                known = settled[key] = self._exact(found)
            self.known[node.id] = known
        return pending

    def _exact(self, found: Evidence) -> _Known:
        frames = found.own if found.traced else (_named(found), *found.stack.callers)
        location = self._chain(frames)
        model = find_model_frame(location)
        if model is None:
            return _Known(frames, Link(location, How.NONE), found.traced)
        at_home = found.traced or model is frames[0]
        how = How.EXACT if at_home else max(How.CALL, found.stack_how, key=_STRENGTH.index)
        return _Known(frames, Link(location, how), found.traced)

    def _settle_calls(self, pending: list[Node]) -> list[Node]:
        """Settles nodes written inside PyTorch's own functions by the line that called these."""
        left: list[Node] = []
        for node in pending:
            found = self.evidence.get(node.id)
            callers = found.stack.callers if found is not None else ()
            bodies = self.bodies.get((found.stack.function, callers), ()) if found else ()
            in_torch = bool(bodies) and all(is_torch(body) for body in bodies)
            if found is None or not in_torch or find_model_frame(self._chain(callers)) is None:
                left.append(node)
                continue
            location = CallSite(Unknown(_NO_RANGE), self._chain(callers))
            how = max(How.CALL, found.stack_how, key=_STRENGTH.index)
            self.known[node.id] = _Known(callers, Link(location, how), False)
        return left

    # ── inference ────────────────────────────────────────────────────────────────────────────

    def _settle(self, nodes: "object", infer: "object") -> list[Node]:
        left: list[Node] = []
        for node in nodes:  # type: ignore[attr-defined]
            known = infer(node)  # type: ignore[operator]
            if known is None:
                left.append(node)
            else:
                self.known[node.id] = known
        return left

    def _from_users(self, node: Node) -> _Known | None:
        users = self.graph.users
        candidates = [use.node for out in node.outputs for use in users.get(out, ())]
        return self._infer(node, candidates, "the node that uses it")

    def _from_producers(self, node: Node) -> _Known | None:
        producers = self.graph.producers
        makers = [producers[value] for value in node.inputs if value in producers]
        candidates = [maker.id for maker in makers if not _is_shared(maker)]
        candidates += [inner.id for block in node.blocks for inner in block.nodes]
        return self._infer(node, candidates, "the node whose result it takes")

    def _settle_neighbours(self) -> None:
        """Nodes that nothing uses and that use nothing stand beside the code they belong to."""
        for nodes in self._node_lists():
            order = range(len(nodes))
            for at in order:
                if nodes[at].id in self.known:
                    continue
                near = [nodes[i].id for i in (*order[at + 1 :][:8], *reversed(order[:at][-8:]))]
                known = self._infer(nodes[at], near, "the node beside it")
                self.known[nodes[at].id] = known or _Known((), self._unlinked(nodes[at]), False)

    def _unlinked(self, node: Node) -> Link:
        """No line of the user's is known; an archive's printed code is shown where it is."""
        found = self.evidence.get(node.id)
        if found is None or found.serialized is None:
            return Link(Unknown("no node around it has a source line"), How.NONE)
        return Link(self._chain((found.serialized, *found.stack.callers)), How.NONE)

    def _node_lists(self) -> list[tuple[Node, ...]]:
        inner = [block.nodes for node in self.graph.nodes.values() for block in node.blocks]
        return [self.graph.block.nodes, *inner]

    def _infer(self, node: Node, candidates: list[int], who: str) -> _Known | None:
        """The place of the first candidate in the same call; else of the first with a line."""
        found = self.evidence.get(node.id)
        callers = found.stack.callers if found is not None else ()
        has_call = bool(callers) or bool(found and found.stack.function and not self._is_made(node))
        fallback: _Known | None = None
        for identity in candidates:
            known = self.known.get(identity)
            if known is None or known.link.how is How.NONE:
                continue
            place = _same_call(known, callers) if has_call and not known.traced else None
            if place is not None:
                return self._inferred((place, *callers), who)
            fallback = fallback or known
        if fallback is None:
            return None
        return self._inferred(fallback.frames, who, fallback.traced)

    def _is_made(self, node: Node) -> bool:
        """Whether a pass made this constant, so that its (empty) call stack says nothing."""
        return node.op == "prim::Constant" and self._is_rewritten

    @property
    def _is_rewritten(self) -> bool:
        return not any(node.op == "prim::GetAttr" for node in self.graph.block.nodes[:64])

    def _inferred(self, frames: Frames, who: str, traced: bool = False) -> _Known:
        key = (frames, who)
        link = self.interned.get(key)
        if link is None:
            location = self._chain(frames)
            link = self.interned[key] = Link(location, How.INFERRED)
        if find_model_frame(link.location) is None:
            return _Known(frames, Link(link.location, How.NONE), traced)
        return _Known(frames, link, traced)

    def _chain(self, frames: Frames) -> Location:
        """The location for frames innermost first; shared tails are shared objects."""
        if not frames:
            return Unknown(_NO_RANGE)
        location = self.chains.get(frames)
        if location is None:
            rest = frames[1:]
            location = CallSite(frames[0], self._chain(rest)) if rest else frames[0]
            self.chains[frames] = location
        return location


def _named(found: Evidence) -> FileRange:
    own = found.own[0]
    return _with_function(own, found.stack.function)


@lru_cache(maxsize=65536)
def _with_function(place: FileRange, function: str) -> FileRange:
    return FileRange(
        place.file, place.line, place.col, place.end_line, place.end_col, function or place.function
    )


def _same_call(known: _Known, callers: Frames) -> FileRange | None:
    """The frame of `known` in the body that `callers` lead to, if it lies in that very call."""
    depth = len(known.frames) - len(callers)
    if depth <= 0 or known.frames[depth:] != callers:
        return None
    return known.frames[depth - 1]


def _is_shared(node: Node) -> bool:
    """Whether a node may serve other calls, too: equal constants are pooled into the first."""
    return node.op == "prim::Constant"


def describe(link: Link) -> str:
    """Why a link is no stronger than it is, in words; "" for an exact one."""
    if link.how is How.EXACT:
        return ""
    if link.how is How.CALL:
        return "written inside PyTorch; the line is where that was called from"
    if link.how is How.INFERRED:
        return "the compiler gave no range; the line is that of a neighbouring node in the graph"
    first = next(iter_frames(link.location), None)
    if first is None and isinstance(link.location, Unknown):
        return link.location.reason
    if first is not None and is_printed(first.file):
        return "the archive lacks the original line; the place is in the code printed into it"
    return "only PyTorch's own files and the outermost call lead here"
