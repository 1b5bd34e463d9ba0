"""From evidence to links: one `Link` for every node, and how surely it is known.

PyTorch gives most nodes a range, and the call stack of every inlined node is known. So a node with
a range in the model's own files is `exact`, and one that was written inside PyTorch has the line
that called it: `call`. What is left (attribute reads, list building, constants made by passes) has
no range of its own. Its line is that of its users *within the same call*, else of its producers,
else of the nodes beside it: `inferred`. Where nothing around it has a line either, it is `none`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from tsviz.frontends.lines import (
    at_module_depth,
    find_model_frame,
    inside_trace,
    is_printed,
    is_torch,
)
from tsviz.ir import Graph, Node
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
_NO_WAY = Unknown("only PyTorch's own files and the outermost call lead here")
_UNKNOWN = Evidence(stack=CallStack(whole=False, depth=-1))
_READ = "prim::GetAttr"
_NEAR = 8


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
    """What is settled about one node.

    Attributes:
        frames: its model line and all known calls around it, innermost first.
        own: how many of them lie in the node's own function: 1, or a whole recorded stack.
        traced: whether they were recorded.
    """

    frames: Frames
    own: int
    link: Link
    traced: bool = False


class _Linker:
    def __init__(
        self, graph: Graph, evidence: Mapping[int, Evidence], definitions: Definitions
    ) -> None:
        self.graph = graph
        self.evidence = evidence
        self.definitions = definitions
        self.known: dict[int, _Known] = {}
        self.settled: dict[tuple[int, int, tuple[str, ...]], _Known | None] = {}
        self.locations: dict[Frames, Location] = {}
        self.links: dict[tuple[Frames, int], _Known] = {}

    def run(self) -> dict[int, Link]:
        pending = [node for node in self.graph.nodes.values() if not self._settle(node)]
        pending = self._infer(pending, self._own_constants)
        pending = self._infer(pending, self._inside(pending))
        pending = self._infer(pending[::-1], self._users)[::-1]
        pending = self._infer(pending, self._producers)
        pending = self._infer(pending, self._neighbours(pending))
        pending = self._infer(pending, self._owners)
        links = {identity: known.link for identity, known in self.known.items()}
        return links | {node.id: self._last_resort(node) for node in pending}

    # ── what PyTorch says ────────────────────────────────────────────────────────────────────

    def _settle(self, node: Node) -> bool:
        """Settles a node whose model line is surely among its own range and the calls around."""
        found = self.evidence.get(node.id, _UNKNOWN)
        # equal evidence is shared by the readers, so that identity finds the repeated one
        key = (id(found.own), id(found.stack), found.homes)
        if key not in self.settled:
            self.settled[key] = self._read(found)
        known = self.settled[key]
        if known is not None:
            self.known[node.id] = known
        return known is not None

    def _read(self, found: Evidence) -> _Known | None:
        own = self._own(found)
        if not own and not _in_torch(found):
            return None
        frames = own + found.stack.callers
        model = find_model_frame(self._location(frames))
        if model is None:
            return None
        location = self._location(frames) if own else CallSite(_NO_RANGE, self._location(frames))
        exact = found.traced or (bool(own) and model is own[0])
        return _Known(
            frames, len(own), Link(location, How.EXACT if exact else How.CALL), found.traced
        )

    def _own(self, found: Evidence) -> Frames:
        """The range of a node itself, unless it is a stand-in for "no better place"."""
        if found.traced:
            return inside_trace(found.own)
        return () if found.own and self.definitions.is_whole(found.own[0]) else found.own

    # ── inference ────────────────────────────────────────────────────────────────────────────

    def _infer(
        self, nodes: Iterable[Node], candidates: Callable[[Node], Iterable[int]]
    ) -> list[Node]:
        """Gives each node the line of its first candidate in the same call; returns the rest."""
        left: list[Node] = []
        for node in nodes:
            found = self.evidence.get(node.id, _UNKNOWN)
            near = (self.known[other] for other in candidates(node) if other in self.known)
            known = next(filter(None, (self._beside(found, other) for other in near)), None)
            if known is None:
                left.append(node)
            else:
                self.known[node.id] = known
        return left

    def _beside(self, found: Evidence, near: _Known) -> _Known | None:
        """What a known node near by says about one without a line of its own."""
        callers = found.stack.callers
        known = self._own(found) + callers
        if known and _in_torch(found):  # who called PyTorch is lost
            return self._inferred(known + _from_model(near.frames), len(known) - len(callers))
        depth = len(near.frames) - len(callers)
        if depth <= 0 or near.frames[depth:] != callers:
            return None
        if depth <= near.own or len(found.homes) != 1:
            frames = near.frames
        else:
            frames = near.frames[depth - 1 :]
        if near.traced and not found.stack.is_unknown:
            frames = at_module_depth(frames, found.stack.depth)
        while found.homes and frames and frames[0].file not in found.homes:
            frames = frames[1:]
        own = len(frames) - len(callers)
        return self._inferred(frames, own, near.traced) if frames else None

    def _inferred(self, frames: Frames, own: int, traced: bool = False) -> _Known | None:
        known = self.links.get((frames, own))
        if known is None:
            location = self._location(frames)
            if find_model_frame(location) is None:
                return None
            known = _Known(frames, own, Link(location, How.INFERRED), traced)
            self.links[frames, own] = known
        return known

    def _own_constants(self, node: Node) -> Iterable[int]:
        """Constants that nothing else uses: they stand in the same expression."""
        graph = self.graph
        makers = (graph.producers[value] for value in node.inputs if value in graph.producers)
        constants = (maker for maker in makers if maker.op == "prim::Constant")
        return (maker.id for maker in constants if len(graph.users[maker.outputs[0]]) == 1)

    def _inside(self, pending: list[Node]) -> Callable[[Node], Iterable[int]]:
        """For the read of a submodule: a node of the call of that module which follows."""
        paths = self._module_paths()
        wanted = {node.id: paths[node.outputs[0]] for node in pending if node.op == _READ}
        following: dict[str, int] = {}
        found: dict[int, int] = {}
        last = ""
        for node in reversed(tuple(self.graph.nodes.values())) if wanted else ():
            path = wanted.get(node.id)
            if path in following:
                found[node.id] = following[path]
            module = self.evidence.get(node.id, _UNKNOWN).stack.module
            if module != last and node.id in self.known:
                last = module
                following |= dict.fromkeys(_enclosing(module), node.id)
        return lambda node: (found[node.id],) if node.id in found else ()

    def _module_paths(self) -> dict[int, str]:
        """Value → dotted path, for everything that is read from the module itself."""
        paths = dict.fromkeys(self.graph.block.params[:1], "")
        for node in self.graph.nodes.values():
            if node.op == _READ:
                base = paths.get(node.inputs[0], "?")
                name = str(node.get_attribute("name"))
                paths[node.outputs[0]] = f"{base}.{name}" if base else name
        return paths

    def _users(self, node: Node) -> Iterable[int]:
        uses = self.graph.users
        return (use.node for out in node.outputs for use in uses.get(out, ()) if use.index >= 0)

    def _producers(self, node: Node) -> Iterable[int]:
        """Constants do not count: equal ones are pooled into the first that was needed."""
        producers = self.graph.producers
        makers = (producers[value] for value in node.inputs if value in producers)
        yield from (maker.id for maker in makers if maker.op != "prim::Constant")
        yield from (inner.id for block in node.blocks for inner in block.nodes)

    def _owners(self, node: Node) -> Iterable[int]:
        """The If or Loop whose block returns what the node yields."""
        uses = self.graph.users
        return (use.node for out in node.outputs for use in uses.get(out, ()) if use.index < 0)

    def _neighbours(self, pending: list[Node]) -> Callable[[Node], Iterable[int]]:
        """The nodes beside one in its block: first those after it, then those before."""
        wanted = {node.id for node in pending}
        blocks = [block for node in self.graph.nodes.values() for block in node.blocks]
        beside: dict[int, tuple[int, ...]] = {}
        for block in (self.graph.block, *blocks) if wanted else ():
            ids = [node.id for node in block.nodes]
            for at, identity in enumerate(ids):
                if identity in wanted:
                    before = ids[max(0, at - _NEAR) : at]
                    beside[identity] = (*ids[at + 1 : at + 1 + _NEAR], *reversed(before))
        return lambda node: beside[node.id]

    def _last_resort(self, node: Node) -> Link:
        """The call that the node was made in, or code that TorchScript printed, if known."""
        found = self.evidence.get(node.id, _UNKNOWN)
        own = self._own(found) or ((found.serialized,) if found.serialized is not None else ())
        location = self._location(own + found.stack.callers)
        known = find_model_frame(location) is not None
        return Link(location, How.INFERRED if known else How.NONE)

    def _location(self, frames: Frames) -> Location:
        """The location for frames innermost first; shared tails are shared objects."""
        if not frames:
            return _NO_WAY
        start = 0
        while start < len(frames) and frames[start:] not in self.locations:
            start += 1
        location = self.locations.get(frames[start:], frames[-1])
        for at in reversed(range(start)):
            location = CallSite(frames[at], location) if frames[at + 1 :] else frames[at]
            self.locations[frames[at:]] = location
        return location


def _in_torch(found: Evidence) -> bool:
    """Whether a node was written inside PyTorch, so that only a call can be its model line."""
    return bool(found.homes) and all(is_torch(home) for home in found.homes)


@lru_cache(maxsize=4096)
def _enclosing(path: str) -> tuple[str, ...]:
    """`a.b.c`, `a.b` and `a` of `a.b.c`."""
    parts = path.split(".")
    return tuple(".".join(parts[: len(parts) - at]) for at in range(len(parts)))


def _from_model(frames: Frames) -> Frames:
    """The frames from the innermost outside PyTorch on."""
    at = next(i for i, frame in enumerate(frames) if not is_torch(frame.file))
    return frames[at:]


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
