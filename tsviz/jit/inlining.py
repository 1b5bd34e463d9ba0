"""Which call every node of an inlined graph stands in.

PyTorch's own record of inlining has no binding, and it has holes: nodes without outputs and nodes
in blocks keep a chain that ends too early, and where a branch is folded away the call around it
is lost. But inlining is a plain replacement: the nodes of an inlined graph are those of the
compiled function, in order, with every call replaced by the *optimised* graph of what it calls.
So the functions are laid out beside the inlined graph.

Optimising only ever takes nodes away, but for constants. So where a graph has, kind by kind, all
nodes that its functions have, nothing was folded. Where it differs, the function around the first
difference is optimised on a copy whose nodes carry tags, and the layout is compared again.
Constants move: equal ones become one, at the front of the function. They are known again by their
value and place.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from tsviz.jit.codes import Code, Codes
from tsviz.jit.evidence import UNKNOWN_STACK, CallStack
from tsviz.jit.functions import Functions
from tsviz.jit.internals import GraphFunction, find_nodes, internals, subgraph_of
from tsviz.jit.outlines import CONSTANT, Item, Outline, known_by, read_outline
from tsviz.jit.tags import read_tag, tag_nodes
from tsviz.jit.walking import live_nodes, print_graph

_MANGLED = re.compile(r"___torch_mangle_\d+\.")
_SCOPE = re.compile(r", scope: [^#\n]*")
_NAME = re.compile(r"%[^\s,():]+")


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
        return _lost(call) if path is None else call

    def number_of(self, node: int) -> int:
        """Which call a node of the function is, -1 for none that inlining replaces."""
        return -1 if self.code is None else self.code.outline.call_numbers.get(node, -1)

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


def _lost(outer: Call) -> Call:
    return Call(None, UNKNOWN_STACK.within(outer.stack), outer)


class Place(NamedTuple):
    """Where a node stands.

    Attributes:
        at: which node of the function it was, -1 where a pass made it.
    """

    call: Call
    at: int


@dataclass(slots=True)
class _Layout:
    """What an inlined graph must look like, as far as a given one does.

    Attributes:
        places: of what keeps its place, brackets included.
        outermost: for each, which call of the entry point it lies in, from 1 on; 0 for none.
        own: gap between these → constants of the entry point itself that stand there.
        called: call of the entry point → what its constants are known by → where they stand.
        starts: gap → calls of the entry point that start there.
        fits: whether it is the whole one.
    """

    places: list[Place] = field(default_factory=list[Place])
    outermost: list[int] = field(default_factory=list[int])
    fits: bool = False
    own: dict[int, deque[tuple[str, Place]]] = field(
        default_factory=dict[int, deque[tuple[str, Place]]]
    )
    called: dict[int, dict[str, Place]] = field(default_factory=dict[int, dict[str, Place]])
    starts: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    def add_constant(self, moved: str, place: Place, outermost: int) -> None:
        gap = len(self.places)
        if not outermost:
            self.own.setdefault(gap, deque()).append((moved, place))
            return
        if outermost not in self.called:
            self.called[outermost] = {}
            self.starts.setdefault(gap, []).append(outermost)
        self.called[outermost].setdefault(moved, place)

    def find_constant(self, moved: str, gap: int) -> Place | None:
        """Where the constant that is next in a gap stands.

        Those of the function itself stay in their gap, those of a callee come before the first
        other node of the call.
        """
        own = self.own.get(gap)
        if own and own[0][0] == moved:
            return own.popleft()[1]
        around = self.outermost[gap : gap + 1]
        for call in (*self.starts.get(gap, ()), *around):
            place = self.called.get(call, {}).get(moved)
            if place is not None:
                return place
        return None


class Inliner:
    """Lays out entry points.

    Args:
        functions: all that can be called.
        forks: whether what is forked was inlined, too; PyTorch does that only when it freezes.
    """

    def __init__(self, functions: Functions, *, forks: bool) -> None:
        self._forks = forks
        self._codes = Codes(functions, forks=forks)
        self._optimised: dict[str, tuple[Item, ...]] = {}
        self._folding: set[int] = set()
        self._prints: dict[Code, str] = {}

    def place_method(self, method: str, target: Outline) -> list[Place] | None:
        """Where the nodes of an entry point stand that was inlined.

        Returns:
            A place for every node, `None` where the graph is not what the functions say.
        """
        return self._place(self._codes.entry(method), target, forks=self._forks)

    def _place(self, entry: Code, target: Outline, *, forks: bool) -> list[Place] | None:
        kinds = [item.kind for item in target.items if not item.moved]
        root = Call(entry, CallStack())
        while not (layout := self._lay_out(root, kinds, forks=forks)).fits:
            if not self._optimise_one(layout):
                return None
        return _assign(layout, target, root)

    def _optimise_one(self, layout: _Layout) -> bool:
        """Optimises the innermost function before the difference that was not optimised yet."""
        for place in reversed(layout.places):
            for code in self._candidates(place):
                self._folding.add(id(code.outline))
                return True
        return False

    def _candidates(self, place: Place) -> list[Code]:
        """The functions around a node, innermost first, that were not optimised yet."""
        found: list[Code] = []
        call = place.call
        while call.outer is not None:
            if call.code is not None and call.code.function is not None:
                found.append(call.code)
            call = call.outer
        return [code for code in found if id(code.outline) not in self._folding]

    # ── layout ───────────────────────────────────────────────────────────────────────────────

    def _lay_out(self, root: Call, kinds: list[str], *, forks: bool) -> _Layout:
        """Lays out an entry point until the first difference."""
        layout = _Layout()
        places, outermosts = layout.places, layout.outermost
        wanted = iter(kinds)
        assert root.code is not None
        levels: list[tuple[Call, Iterator[Item]]] = [(root, iter(root.code.outline.items))]
        outermost = calls = subgraphs = 0
        while levels:
            call, items = levels[-1]
            last, leaf = (), call
            for kind, moved, number, at, path in items:
                if path is not last:
                    last, leaf = path, call.follow(path)
                replaced = number >= 0 and (forks or not subgraphs)
                if replaced and (inner := leaf.inner(number)) is not None:
                    if call is root:
                        calls += 1
                        outermost = calls
                    assert inner.code is not None
                    levels.append((inner, iter(self._items(inner.code))))
                    break
                place = Place(leaf, at)
                if moved and not subgraphs:
                    layout.add_constant(moved, place, outermost)
                    continue
                subgraphs += (kind == "<") - (kind == ">")
                places.append(place)
                outermosts.append(outermost)
                if next(wanted, None) != (f"{kind} {moved}" if moved else kind):
                    return layout
            else:
                levels.pop()
                if len(levels) == 1:
                    outermost = 0
        layout.fits = next(wanted, None) is None
        return layout

    def _items(self, code: Code) -> tuple[Item, ...]:
        if id(code.outline) not in self._folding or code.function is None:
            return code.outline.items
        printed = self._print(code)
        known = self._optimised.get(printed)
        if known is None:
            known = self._optimised[printed] = self._optimise(code, code.function.native)
        return known

    def _print(self, code: Code) -> str:
        """Text that two functions share only if optimising does the same to them."""
        known = self._prints.get(code)
        if known is None:
            names: dict[str, str] = {}
            text = _SCOPE.sub("", code.text)
            text = _NAME.sub(lambda name: names.setdefault(name[0], f"%{len(names)}"), text)
            callees = (callee for callee, _ in code.callees if callee is not None)
            below = [self._print(callee) for callee in callees]
            known = self._prints[code] = "\0".join([_MANGLED.sub("", text), *below])
        return known

    # ── what optimising leaves ───────────────────────────────────────────────────────────────

    def _optimise(self, code: Code, native: GraphFunction) -> tuple[Item, ...]:
        """What is left of an inlined function after the passes that run before it is inlined."""
        graph = native.inlined_graph
        before = read_outline(print_graph(graph))
        places = self._place(code, before, forks=False)
        tag_nodes(live_nodes(graph, before.graph))
        _run_early_passes(graph)
        after = read_outline(print_graph(graph))
        live = live_nodes(graph, after.graph)
        paths: dict[tuple[int, ...] | None, tuple[int, ...] | None] = {}
        left: list[Item] = []
        for item in after.items:
            tag = read_tag(live[item.at]) if item.at >= 0 else None
            if tag is None:
                left.append(item._replace(call=-1, at=-1))
                continue
            kind, moved, node = item.kind, item.moved, after.nodes[item.at]
            if node.op == CONSTANT:
                kind, moved = known_by(node, before.comment(tag), keeps_place=not moved)
            place = _UNKNOWN if places is None else places[tag]
            path = place.call.path
            number = place.call.number_of(place.at)
            left.append(Item(kind, moved, number, place.at, paths.setdefault(path, path)))
        return tuple(left)


def inline_forks(graph: torch._C.Graph) -> None:
    """Inlines, in place, the subgraphs of all forks of a graph."""
    pending = find_nodes(graph, "prim::fork")
    while pending:
        subgraph = subgraph_of(pending.pop())
        internals._jit_pass_inline(subgraph)
        pending += find_nodes(subgraph, "prim::fork")


def _run_early_passes(graph: torch._C.Graph) -> None:
    """What PyTorch does to a function before it inlines it (`preoptimizeGraph`)."""
    internals._jit_pass_peephole(graph, True)
    internals._jit_pass_constant_propagation_immutable_types(graph)
    internals._jit_pass_autocast(graph)
    internals._jit_pass_constant_pooling(graph)


_UNKNOWN = Place(_lost(Call(None, UNKNOWN_STACK)), -1)


def _assign(layout: _Layout, target: Outline, root: Call) -> list[Place]:
    """A place for every node of a graph that looks like its layout."""
    places: list[Place] = []
    gap = 0
    for item in target.items:
        if item.moved:
            lost = Place(_lost(root), -1)
            places.append(layout.find_constant(item.moved, gap) or lost)
            continue
        if item.at >= 0:
            places.append(layout.places[gap])
        gap += 1
    return places
