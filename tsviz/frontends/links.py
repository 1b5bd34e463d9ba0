"""From evidence to links: one `Link` for every node, and how surely it is known.

PyTorch gives most nodes a range, and the call stack of every inlined node is known. So a node with
a range in the model's own files is `exact`, and one that was written inside PyTorch has the line
that called it: `call`. So has the read of a submodule, where the range of its call is its name.
What is left (other attribute reads, list building, constants made by passes) has no range of its
own. Its line is that of its users *within the same call*, else of its producers, else of the nodes
beside it: `inferred`. Where nothing around it has a line either, it is `none`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from tsviz.frontends.lines import (
    at_module_depth,
    find_model_frame,
    first_model_frame,
    inside_trace,
    is_printed,
    is_torch,
)
from tsviz.ir import Graph, Node, settle_near
from tsviz.jit import CallStack, Definitions, Evidence
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
_NO_RANGE = Unknown("the compiler gave this node no range of its own")
_LOST = Unknown("where this was called from is not known")
_NO_WAY = Unknown("only PyTorch's own files and the outermost call lead here")
_UNKNOWN = Evidence(stack=CallStack(whole=False, depth=-1))
_READ = "prim::GetAttr"


class Linked(NamedTuple):
    """What was found out about the nodes of a graph.

    Attributes:
        links: by node id.
        beside: node id → the node whose line it got, in the order in which they got them.
    """

    links: dict[int, Link]
    beside: dict[int, int]


def link_nodes(
    graph: Graph,
    evidence: Mapping[int, Evidence],
    sources: Mapping[str, SourceFile] = MappingProxyType({}),
) -> Linked:
    """Finds the link of every node of `graph`.

    Args:
        evidence: by node id; nodes without an entry count as having none.
        sources: texts of files that are not on this machine, by path.
    """
    return _Linker(graph, evidence, Definitions(sources)).run()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is settled about one node.

    Attributes:
        frames: its model line and all known calls around it, innermost first.
        own: how many of them lie in the node's own function: 1, or a whole recorded stack.
        place: all of them as one location.
        traced: whether they were recorded.
        stack: what is known about the calls around it.
    """

    frames: Frames
    own: int
    place: Location
    link: Link
    traced: bool
    stack: CallStack

    def reaches(self, stack: CallStack) -> bool:
        """Whether its frames go on outwards as far as the function of a node with that stack."""
        if self.traced or self.stack.whole or stack.is_unknown:
            return True
        return self.stack.depth - stack.depth <= len(self.stack.callers)


class _Linker:
    def __init__(
        self, graph: Graph, evidence: Mapping[int, Evidence], definitions: Definitions
    ) -> None:
        self.graph = graph
        self.evidence = evidence
        self.definitions = definitions
        self.known: dict[int, _Known] = {}
        self.beside: dict[int, int] = {}
        # The readers share equal evidence, so what was found for one node is found by identity.
        self.settled: dict[int, _Known | None] = {}
        self.adopted: dict[tuple[int, int], _Known | None] = {}
        self.sites: dict[tuple[int, int], CallSite] = {}

    def run(self) -> Linked:
        pending = [node for node in self.graph.nodes.values() if not self._settle(node)]
        pending = self._settle_reads(pending)
        pending = settle_near(self.graph, pending, self._adopt)
        pending = self._settle_lost(pending)
        self._confirm_reads()
        links = {identity: known.link for identity, known in self.known.items()}
        links |= {node.id: self._last_resort(node) for node in pending}
        return Linked(links, self.beside)

    def _evidence(self, node: Node) -> Evidence:
        return self.evidence.get(node.id, _UNKNOWN)

    # ── what PyTorch says ────────────────────────────────────────────────────────────────────

    def _settle(self, node: Node) -> bool:
        """Settles a node whose model line is surely among its own range and the calls around."""
        found = self._evidence(node)
        key = id(found)
        if key not in self.settled:
            self.settled[key] = self._read(found)
        known = self.settled[key]
        if known is not None:
            self.known[node.id] = known
        return known is not None

    def _read(self, found: Evidence) -> _Known | None:
        in_torch = _in_torch(found)
        own = () if found.guessed and in_torch else self._own(found)
        if not own and not in_torch:
            return None
        frames = own + found.stack.callers
        whole = found.traced or found.stack.whole
        place = self._location(frames, cut=not whole)
        model = first_model_frame(frames)
        if model is None:
            return None
        location = place if own else CallSite(_NO_RANGE, place)
        if not found.sure or (found.guessed and own):
            link = Link(location, How.INFERRED)
            return _Known(frames, len(own), place, link, False, found.stack)
        exact = found.traced or (bool(own) and model is own[0])
        link = Link(location, How.EXACT if exact else How.CALL)
        return _Known(frames, len(own), place, link, found.traced, found.stack)

    def _own(self, found: Evidence) -> Frames:
        """The range of a node itself, unless it is a stand-in for "no better place"."""
        if found.traced:
            return inside_trace(found.own)
        return () if found.own and self.definitions.is_whole(found.own[0]) else found.own

    # ── inference ────────────────────────────────────────────────────────────────────────────

    def _adopt(self, node: Node, other: int) -> bool:
        """Gives a node the line of another one in the same call."""
        near = self.known.get(other)
        if near is None:
            return False
        found = self._evidence(node)
        key = (id(near), id(found))
        if key not in self.adopted:
            self.adopted[key] = self._taken_over(near, found)
        known = self.adopted[key]
        if known is not None:
            self.known[node.id] = known
            self.beside[node.id] = other
        return known is not None

    def _taken_over(self, near: _Known, found: Evidence) -> _Known | None:
        """What is known of a node beside another one, if that says something about it."""
        if self._is_lost(found) or not near.reaches(found.stack):
            return None
        frames = self._beside(found, near)
        place = _outer(near, len(near.frames) - len(frames)) if frames else _NO_WAY
        if first_model_frame(frames) is None:
            return None
        own = len(frames) - len(found.stack.callers)
        how = How.CALL if _is_called_there(frames, near, found) else How.INFERRED
        return _Known(frames, own, place, Link(place, how), near.traced, found.stack)

    def _beside(self, found: Evidence, near: _Known) -> Frames:
        """Those outer frames of a node near by that hold for one without a line of its own."""
        callers = found.stack.callers
        depth = len(near.frames) - len(callers)
        if depth <= 0 or near.frames[depth:] != callers:
            return ()
        one_function = depth > near.own and len(found.homes) == 1
        frames = near.frames[depth - 1 :] if one_function else near.frames
        if near.traced and not found.stack.is_unknown:
            frames = at_module_depth(frames, found.stack.depth)
        while found.homes and frames and frames[0].file not in found.homes:
            frames = frames[1:]
        return frames

    def _settle_lost(self, pending: list[Node]) -> list[Node]:
        """Settles nodes inside PyTorch whose callers are lost, where all around is on one line.

        PyTorch's functions are called from anywhere, so nothing less says who called them.
        """
        lost = {node.id for node in pending if self._is_lost(self._evidence(node))}
        inner = [(node, block) for node in self.graph.nodes.values() for block in node.blocks]
        for owner, block in ((None, self.graph.block), *inner) if lost else ():
            around = self._model_frames(owner, set()) if owner and owner.id in lost else ()
            lines = [self._model_frames(node, lost) for node in block.nodes]
            before = accumulate(lines, lambda last, this: this or last, initial=around)
            after = accumulate(lines[::-1], lambda last, this: this or last, initial=around)
            for node, low, high in zip(block.nodes, before, [*after][-2::-1], strict=False):
                if node.id in lost and low and high and _same_line(low[0], high[0]):
                    self._settle_as_inferred(node, low)
        return [node for node in pending if node.id not in self.known]

    def _is_lost(self, found: Evidence) -> bool:
        own = self._own(found)
        return bool(own) and is_torch(own[0].file)

    def _model_frames(self, node: Node, lost: set[int]) -> Frames:
        """The frames of a node from its model line on; () for one that says nothing."""
        known = self.known.get(node.id)
        if known is None or node.id in lost or node.op in ("prim::Constant", _READ):
            return ()
        at = next(i for i, frame in enumerate(known.frames) if not is_torch(frame.file))
        return known.frames[at:]

    def _settle_as_inferred(self, node: Node, frames: Frames) -> None:
        found = self.evidence[node.id]
        whole = self._own(found) + found.stack.callers + frames
        place = self._location(whole)
        link = Link(place, How.INFERRED)
        self.known[node.id] = _Known(whole, len(whole), place, link, False, found.stack)

    def _settle_reads(self, pending: list[Node]) -> list[Node]:
        """Gives the read of a submodule the line of the call of that module which follows."""
        paths = self._module_paths()
        reads = {node.id: node for node in pending if node.op == _READ}
        following: dict[str, int] = {}
        last = ""
        for node in reversed(tuple(self.graph.nodes.values())) if reads else ():
            called = following.get(paths[node.outputs[0]]) if node.id in reads else None
            if called is not None:
                self._adopt(node, called)
            module = self._evidence(node).stack.module
            if module != last and node.id in self.known:
                last = module
                following |= dict.fromkeys(_enclosing(module), node.id)
        return [node for node in pending if node.id not in self.known]

    def _confirm_reads(self) -> None:
        """Where the range of a call is what was read, `self.name`, that read has its line."""
        for node in self.graph.nodes.values():
            known = self.known.get(node.id) if node.op == _READ else None
            if known is None or known.link.how is not How.INFERRED:
                continue
            callee = self.definitions.text(known.frames[0]).partition("(")[0].rstrip()
            is_written = callee.endswith(f".{node.get_attribute('name')}")
            if is_written and self._evidence(node).sure:
                self.known[node.id] = replace(known, link=Link(known.link.location, How.CALL))

    def _module_paths(self) -> dict[int, str]:
        """Value → dotted path, for everything that is read from the module itself."""
        paths = dict.fromkeys(self.graph.block.params[:1], "")
        for node in self.graph.nodes.values():
            if node.op == _READ:
                base = paths.get(node.inputs[0], "?")
                name = str(node.get_attribute("name"))
                paths[node.outputs[0]] = f"{base}.{name}" if base else name
        return paths

    def _last_resort(self, node: Node) -> Link:
        """The call that the node was made in, or code that TorchScript printed, if known."""
        found = self._evidence(node)
        own = self._own(found) or ((found.serialized,) if found.serialized is not None else ())
        location = self._location(own + found.stack.callers)
        known = find_model_frame(location) is not None
        return Link(location, How.INFERRED if known else How.NONE)

    def _location(self, frames: Frames, *, cut: bool = False) -> Location:
        """The location for frames innermost first; shared tails are shared objects.

        Args:
            cut: whether calls further out are missing.
        """
        if not frames:
            return _NO_WAY
        location: Location = self._site(frames[-1], _LOST) if cut else frames[-1]
        for frame in frames[-2::-1]:
            location = self._site(frame, location)
        return location

    def _site(self, frame: FileRange, caller: Location) -> CallSite:
        key = (id(frame), id(caller))  # both live as long as the call does
        site = self.sites.get(key)
        if site is None:
            site = self.sites[key] = CallSite(frame, caller)
        return site


def _is_called_there(frames: Frames, near: _Known, found: Evidence) -> bool:
    """Whether a recorded stack shows the call that a node without a range of its own belongs to.

    That is so for what a trace reads of a module that PyTorch wrote, and for the module itself:
    the innermost frame that both share lies in PyTorch, so the line is where that was called.
    """
    recorded = near.traced and near.link.how is not How.INFERRED and not found.stack.is_unknown
    return recorded and is_torch(frames[0].file)


def _outer(near: _Known, inner: int) -> Location:
    """The place of a node without its `inner` innermost frames."""
    place = near.place
    for _ in range(inner):
        place = place.caller if isinstance(place, CallSite) else place
    return place


def _in_torch(found: Evidence) -> bool:
    """Whether a node was written inside PyTorch, so that only a call can be its model line."""
    return bool(found.homes) and all(is_torch(home) for home in found.homes)


@lru_cache(maxsize=4096)
def _enclosing(path: str) -> tuple[str, ...]:
    """`a.b.c`, `a.b` and `a` of `a.b.c`."""
    parts = path.split(".")
    return tuple(".".join(parts[: len(parts) - at]) for at in range(len(parts)))


def _same_line(one: FileRange, other: FileRange) -> bool:
    return (one.file, one.line) == (other.file, other.line)


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
