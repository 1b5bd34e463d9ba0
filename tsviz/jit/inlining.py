"""Which call every node of an inlined graph stands in.

PyTorch's own record of inlining has no binding, and it has holes: nodes without outputs and nodes
in blocks keep a chain that ends too early, and where a branch is folded away the call around it
is lost. But inlining is a plain replacement: the nodes of an inlined graph are those of the
compiled function, in order, with every call replaced by the *optimised* graph of what it calls.
So the functions are laid out beside the inlined graph.

Where it cannot be told what optimising took away, the function around the first difference is
optimised on a copy whose nodes carry tags, and the layout is compared again. Constants move: equal
ones become one, at the front of the function. They are known again by their value and place.
"""

import re
from collections.abc import Iterator
from operator import ne
from typing import NamedTuple

import torch

from tsviz.jit.calls import Call, Place
from tsviz.jit.codes import Code, Codes
from tsviz.jit.evidence import UNKNOWN_STACK, CallStack
from tsviz.jit.functions import Functions
from tsviz.jit.internals import GraphFunction, find_nodes, internals, subgraph_of
from tsviz.jit.layout import Constant, Layout
from tsviz.jit.outlines import CONSTANT, Item, Outline, identify, read_outline
from tsviz.jit.tags import read_tag, tag_nodes
from tsviz.jit.walking import live_nodes, print_graph

_MANGLED = re.compile(r"___torch_mangle_\d+\.")
_SCOPE = re.compile(r", scope: [^#\n]*")
_NAME = re.compile(r"%[^\s,():]+")


class _Optimised(NamedTuple):
    """A function after the passes that run before it is inlined.

    Attributes:
        items: those of what it calls among them.
        is_less: whether anything but constants was left out or changed.
    """

    items: tuple[Item, ...]
    is_less: bool


class Inliner:
    """Lays out entry points.

    Args:
        functions: all that can be called.
        forks: whether what is forked was inlined, too; PyTorch does that only when it freezes.
    """

    def __init__(self, functions: Functions, *, forks: bool) -> None:
        self._forks = forks
        self._codes = Codes(functions, forks=forks)
        self._known: dict[str, _Optimised] = {}
        self._folding: set[int] = set()
        self._prints: dict[Code, str] = {}

    def place_method(self, method: str, target: Outline) -> list[Place] | None:
        """Where the nodes of an entry point stand that was inlined.

        Returns:
            A place for every node, `None` where the graph is not what the functions say.
        """
        return self._place(self._codes.entry(method), target, forks=self._forks)

    def _place(self, entry: Code, target: Outline, *, forks: bool) -> list[Place] | None:
        root = Call(entry, CallStack())
        while True:
            layout = self._lay_out(root, forks=forks)
            places = layout.assign(target)
            if places is not None or not self._optimise_one(layout, target):
                return places

    def _optimise_one(self, layout: Layout, target: Outline) -> bool:
        """Optimises the innermost function before the difference that was not optimised yet.

        And, as long as that changes nothing, the next one; functions that look the same may be
        changed all the same, as they call others.

        Returns:
            Whether the layout may be another one now.
        """
        kinds = [item.kind for item in target.items if not item.moved]
        before = len(self._folding)
        for call in reversed(layout.calls[: layout.first_difference(kinds) + 1]):
            for code in self._candidates(call):
                self._folding.add(id(code.outline))
                known = len(self._folding)
                if self._optimised(code).is_less or len(self._folding) > known:
                    return True
        return len(self._folding) > before

    def _candidates(self, call: Call) -> list[Code]:
        """The functions around a node, innermost first, that were not optimised yet."""
        found: list[Code] = []
        while call.outer is not None:
            if call.code is not None and call.code.function is not None:
                found.append(call.code)
            call = call.outer
        return [code for code in found if id(code.outline) not in self._folding]

    # ── layout ───────────────────────────────────────────────────────────────────────────────

    def _lay_out(self, root: Call, *, forks: bool) -> Layout:
        layout = Layout(root)
        kinds, calls, ats = layout.kinds, layout.calls, layout.ats
        assert root.code is not None
        levels: list[tuple[Call, Iterator[Item]]] = [(root, iter(root.code.outline.items))]
        outermost = subgraphs = 0
        while levels:
            call, items = levels[-1]
            last, leaf = (), call
            for kind, moved, number, at, path in items:
                if path is not last:
                    last, leaf = path, call.follow(path)
                replaced = number >= 0 and (forks or not subgraphs)
                if replaced and (inner := leaf.inner(number)) is not None:
                    if call is root:
                        layout.entered.append(inner)
                        layout.bounds.append(len(kinds))
                        outermost = len(layout.entered)
                    assert inner.code is not None
                    levels.append((inner, iter(self._items(inner.code))))
                    break
                if moved and not subgraphs:
                    constant = Constant(moved, Place(leaf, at), len(kinds), outermost)
                    layout.constants.append(constant)
                    continue
                subgraphs += (kind == "<") - (kind == ">")
                kinds.append(f"{CONSTANT} {moved}" if moved else kind)
                calls.append(leaf)
                ats.append(at)
            else:
                levels.pop()
                if len(levels) == 1:
                    layout.bounds.append(len(kinds))
                    outermost = 0
        return layout

    def _items(self, code: Code) -> tuple[Item, ...]:
        if id(code.outline) not in self._folding or code.function is None:
            return code.outline.items
        return self._optimised(code).items

    def _optimised(self, code: Code) -> _Optimised:
        printed = self._print(code)
        known = self._known.get(printed)
        if known is None:
            assert code.function is not None
            known = self._known[printed] = self._optimise(code, code.function.native)
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

    def _optimise(self, code: Code, native: GraphFunction) -> _Optimised:
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
            node, keeps_place = after.nodes[item.at], not item.moved
            kind, moved = identify(node, before.comment(tag), keeps_place=keeps_place)
            place = _UNKNOWN if places is None else places[tag]
            path = place.call.path
            number = place.call.number_of(place.at)
            left.append(Item(kind, moved, number, place.at, paths.setdefault(path, path)))
        kinds = ([item.kind for item in items if not item.moved] for items in (before.items, left))
        return _Optimised(tuple(left), ne(*kinds))


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


_UNKNOWN = Place(Call(None, UNKNOWN_STACK).lost(), -1)
