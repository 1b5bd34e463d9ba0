"""The call stack of every inlined node.

PyTorch's own record of inlining has no binding, and it has holes: nodes without outputs and nodes
in blocks keep a chain that ends too early, and where a branch is folded away the call around it
is lost. But inlining is a plain replacement: the nodes of an inlined graph are those of the
compiled function, in order, with every call replaced by the *optimised* graph of what it calls.
So the functions are walked beside their inlined graphs, callees first. That says which call every
node stands in, columns included, once a function and not once a node. What optimising left of a
callee is told by tags on a copy.

Each step is checked: where a graph is not, kind by kind, what its functions say, its nodes keep
their own ranges, and their stacks say that nothing more is known.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import torch

from tsviz.ir import Node, read_graph, settle_near
from tsviz.jit import natives
from tsviz.jit.evidence import UNKNOWN_STACK, CallStack, Evidence, Frames
from tsviz.jit.functions import Function, Functions
from tsviz.jit.internals import (
    find_nodes,
    insert_clone,
    internals,
    source_range,
    string_attribute,
    subgraph_of,
)
from tsviz.jit.ranges import parse_range
from tsviz.jit.tags import read_tag, tag_nodes
from tsviz.jit.walking import Step, iter_steps, nodes_of, shape_of

_CALLS = ("prim::CallFunction", "prim::CallMethod")
_HERE = CallStack()
_NOTHING = Evidence()


@dataclass(frozen=True, slots=True)
class Body:
    """The nodes of a graph in printed order.

    Attributes:
        shape: what the graph looks like, as `walking.shape_of` has it.
        evidence: of every node; the stacks reach up to the graph's own function.
    """

    shape: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def read_inlined(functions: Functions, method: str, *, forks: bool = False) -> Body:
    """What the inlined graph of an entry point must look like, and where its nodes come from.

    Args:
        forks: whether what it forks is inlined, too; PyTorch does that only when it freezes.
    """
    return _Reader(functions, forks).read(functions.entry(method))


def read_plain(graph: torch._C.Graph, stack: CallStack = _HERE) -> Body:
    """A graph as it stands: every node has its own range and the same `stack`."""
    steps = list(iter_steps(graph))
    own = [_own(node, "") for node in nodes_of(steps)]
    homes = _homes(own)
    evidence = [Evidence(one.own, one.serialized, one.traced, stack, homes) for one in own]
    return Body(shape_of(steps), tuple(evidence))


def inline_forks(graph: torch._C.Graph) -> None:
    """Inlines, in place, the subgraphs of all forks of a graph."""
    pending = find_nodes(graph, "prim::fork")
    while pending:
        subgraph = subgraph_of(pending.pop())
        internals._jit_pass_inline(subgraph)
        pending += find_nodes(subgraph, "prim::fork")


class _Reader:
    def __init__(self, functions: Functions, forks: bool) -> None:
        self.functions = functions
        self.forks = forks
        self.optimised: dict[str, Body] = {}

    def read(self, entry: Function) -> Body:
        pending = [entry]
        while True:
            function = pending[-1]
            missing = [f for f in self._callees(function) if f.key not in self.optimised]
            if missing:
                pending += missing
            elif len(pending) == 1:
                return self._inlined(function, guess=self.forks)
            else:
                self.optimised[pending.pop().key] = self._optimise(function)

    def _callees(self, function: Function) -> list[Function]:
        calls = [step for step, call in self._marked(function) if call]
        found = (self.functions.find_callee(function, call) for call in nodes_of(calls))
        return [callee for callee in found if callee is not None]

    def _marked(self, function: Function) -> Iterator[tuple[Step, bool]]:
        """The steps of a function, and whether each is a call that is replaced by its callee."""
        subgraphs = 0
        for step in function.steps:
            if isinstance(step, str):
                subgraphs += (step == "<") - (step == ">")
                yield step, False
            else:
                yield step, step.kind() in _CALLS and (self.forks or not subgraphs)

    def _inlined(self, function: Function, *, guess: bool) -> Body:
        """The function with every call replaced by its callee's optimised graph.

        Args:
            guess: whether nodes without a range get that of a node near by. It is best told here,
                before equal constants are pooled and calls replaced.
        """
        nodes = nodes_of(function.steps)
        own = [_own(node, function.name) for node in nodes]
        calls = iter(own)
        homes = _homes(own)
        if guess and not _is_torchs(function.key):
            own = _guessed(function.graph, own)
        places = iter(own)
        flat = natives.is_frozen(self.functions.native)
        shape: list[str] = []
        evidence: list[Evidence] = []
        for step, call in self._marked(function):
            if isinstance(step, str):
                shape.append(step)
                continue
            exact, one = next(calls), next(places)
            body = self._callee(function, step) if call else None
            if body is not None:
                shape += body.shape
                place = exact.own or self._original(function, exact)
                evidence += _within(_call(step, place), body.evidence)
            else:
                shape.append(step.kind())
                stack = _inlined_before(step) or (UNKNOWN_STACK if flat else _HERE)
                evidence.append(replace(one, stack=stack, homes=homes))
        return Body(tuple(shape), tuple(evidence))

    def _original(self, function: Function, call: Evidence) -> Frames:
        """Where a call stands that has a place in an archive's printed code only."""
        found = self.functions.find_call(call.serialized) if call.serialized else None
        return () if found is None else _named((found,), function.name)

    def _callee(self, function: Function, call: torch._C.Node) -> Body | None:
        """What stands in the place of a call, `None` if PyTorch leaves the call as it is."""
        callee = self.functions.find_callee(function, call)
        return _read_unfound(call) if callee is None else self.optimised[callee.key]

    def _optimise(self, function: Function) -> Body:
        """What is left of an inlined function after the passes that run before it is inlined."""
        graph = function.native.inlined_graph
        if self.forks:
            inline_forks(graph)
        body = self._inlined(function, guess=True)
        steps = list(iter_steps(graph))
        if body.shape != shape_of(steps):
            body = read_plain(graph, UNKNOWN_STACK)
        tag_nodes(nodes_of(steps))
        _run_early_passes(graph)
        steps = list(iter_steps(graph))
        tags = [read_tag(node) for node in nodes_of(steps)]
        made = Evidence(homes=_homes(body.evidence))
        evidence = [made if tag is None else body.evidence[tag] for tag in tags]
        return Body(shape_of(steps), tuple(evidence))


def _run_early_passes(graph: torch._C.Graph) -> None:
    """What PyTorch does to a function before it inlines it (`preoptimizeGraph`)."""
    internals._jit_pass_peephole(graph, True)
    internals._jit_pass_constant_propagation_immutable_types(graph)
    internals._jit_pass_autocast(graph)
    internals._jit_pass_constant_pooling(graph)


def _read_unfound(call: torch._C.Node) -> Body | None:
    """The optimised graph of a callee that no unit at hand has: inlined where nothing else is."""
    graph = torch._C.Graph()
    callee = call.inputsAt(0)
    constant: torch._C.Node | None = None
    if call.kind() == "prim::CallFunction":
        constant = insert_clone(graph, callee.node(), lambda value: value)

    def stand_in(value: torch._C.Value) -> torch._C.Value:
        if constant is not None and value.unique() == callee.unique():
            return constant.output()
        return graph.addInput().setType(value.type())

    for output in insert_clone(graph, call, stand_in).outputs():
        graph.registerOutput(output)
    internals._jit_pass_inline(graph)
    in_torch = _is_torchs(callee.type().annotation_str)
    body = read_plain(graph, _HERE if in_torch else UNKNOWN_STACK)
    if constant is not None:
        body = Body(body.shape[1:], body.evidence[1:])
    return None if body.shape == (call.kind(),) else body


# ── evidence ────────────────────────────────────────────────────────────────────────────────────


def _own(node: torch._C.Node, function: str) -> Evidence:
    """The range of a node itself."""
    text = source_range(node)
    if not text:
        return _NOTHING
    place = parse_range(text)
    frames = place.frames if place.traced or not function else _named(place.frames, function)
    return Evidence(frames, place.serialized, place.traced)


@lru_cache(maxsize=65536)
def _named(frames: Frames, function: str) -> Frames:
    return tuple(replace(frame, function=frame.function or function) for frame in frames)


def _guessed(graph: torch._C.Graph, own: list[Evidence]) -> list[Evidence]:
    """The same, with the range of a node near by where a node of a compiled function has none."""
    if all(one.own for one in own):
        return own
    read = read_graph(str(graph)).graph
    guessed = dict(zip(read.nodes, own, strict=True))

    def adopt(node: Node, other: int) -> bool:
        near = guessed[other]
        if not near.own or near.traced:
            return False
        guessed[node.id] = Evidence(near.own, near.serialized, guessed=True)
        return True

    settle_near(read, [node for node in read.nodes.values() if not guessed[node.id].own], adopt)
    return list(guessed.values())


def _is_torchs(name: str) -> bool:
    """Whether a compiled function, by its qualified name, is PyTorch's own."""
    return name.startswith("__torch__.torch.")


def _homes(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The files that functions with these nodes are written in."""
    return tuple({home: None for one in evidence for home in one.homes or _files(one)})


def _files(one: Evidence) -> tuple[str, ...]:
    return (one.own[0].file,) if one.own and not one.traced else ()


def _within(outer: CallStack, evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Evidence about a callee, as seen from the caller; equal stacks stay one object."""
    joined: dict[int, CallStack] = {}
    for one in evidence:
        stack = joined.get(id(one.stack))
        if stack is None:
            stack = joined[id(one.stack)] = one.stack.within(outer)
        yield Evidence(one.own, one.serialized, one.traced, stack, one.homes, one.guessed)


def _call(call: torch._C.Node, place: Frames) -> CallStack:
    """The stack of the nodes of a callee, as far as the caller."""
    return CallStack(place, _module_path(call), bool(place), 1)


def _module_path(call: torch._C.Node) -> str:
    """The path of the submodule that a method is called of, "" for other calls."""
    names: list[str] = []
    node = call.inputsAt(0).node()
    while node.kind() == "prim::GetAttr":
        names.append(string_attribute(node, "name"))
        node = node.inputsAt(0).node()
    return ".".join(reversed(names))


_STEP = re.compile(r"([^.()]*)\((?:[^()]|\([^()]*\))*\)")
_NO_MODULE = ("", "UNKNOWN_INSTANCE", "SELF")


def _inlined_before(node: torch._C.Node) -> CallStack | None:
    """The stack of a node that was inlined before it came here: only module names are left."""
    hierarchy = node.getModuleHierarchy()
    if not hierarchy:
        return None
    names = [name for name in _STEP.findall(hierarchy) if name not in _NO_MODULE]
    return replace(UNKNOWN_STACK, module=".".join(names))
