"""The code of compiled functions, read as far as somebody asks for it."""

from dataclasses import replace
from functools import cached_property

import torch

from tsviz.ir import Node, settle_near
from tsviz.jit.evidence import UNKNOWN_STACK, CallStack, Evidence, Frames
from tsviz.jit.functions import Function, Functions
from tsviz.jit.internals import insert_clone, internals, source_range
from tsviz.jit.outlines import CONSTANT, Outline, Outlines
from tsviz.jit.ranges import parse_range
from tsviz.jit.walking import live_in_order, live_nodes, print_graph

_NOTHING = Evidence()
_RAN_IN = ", scope: "  # is only said of nodes that were traced


class Code:
    """The graph of a compiled function, as it was compiled.

    Attributes:
        function: `None` for a graph that was inlined before it came here.
        text: what PyTorch prints for it.
        outline: shared with functions that look the same.
    """

    def __init__(
        self, codes: "Codes", function: Function | None, graph: torch._C.Graph, text: str
    ) -> None:
        self.function = function
        self.text = text
        self.outline: Outline
        self.outline, self._receivers = codes.outlines.read(text)
        self._graph = graph
        self._codes = codes

    @property
    def name(self) -> str:
        """The name after `def`, "" where it is not known."""
        return self.function.name if self.function is not None else ""

    def named(self, frames: Frames) -> Frames:
        """The range of one of its nodes, with the name of the function."""
        return _named(frames, self.name) if self.name else frames

    @cached_property
    def callees(self) -> "list[tuple[Code | None, CallStack]]":
        """By call: what stands in its place (`None`: the call itself), and the call as a stack."""
        calls = self.outline.calls
        if not calls or self.function is None:
            return [(None, UNKNOWN_STACK)] * len(calls)
        return [self._find_callee(number, at) for number, at in enumerate(calls)]

    def _find_callee(self, number: int, at: int) -> "tuple[Code | None, CallStack]":
        assert self.function is not None
        kind, module = self._receivers[number], self.outline.module_paths[number]
        if kind and not self.outline.comment(at):
            name = str(self.outline.nodes[at].get_attribute("name"))
            callee = self._codes.find_method(kind, name)
            if callee is not None:
                return callee, CallStack((), module, False, 1)
        return self._codes.find_callee(self.function, self._live_calls[number], module)

    @cached_property
    def _live_calls(self) -> list[torch._C.Node]:
        calls = self.outline.calls
        if self.outline.has_subgraphs:
            return [self._live[at] for at in calls]
        return live_in_order(self._graph, [self.outline.nodes[at] for at in calls])

    @cached_property
    def homes(self) -> tuple[str, ...]:
        """The files it is written in; () for a trace, which is written nowhere."""
        return () if self._is_traced else self.outline.files

    @cached_property
    def guesses(self) -> dict[int, Evidence]:
        """Node → the range of a node near by, for nodes that have none.

        It is best told here, before equal constants are pooled and calls replaced.
        """
        known = self.function is None or is_torchs(self.function.key) or self.outline.is_placed
        return {} if known or self._is_traced else self._guess()

    @cached_property
    def _live(self) -> list[torch._C.Node]:
        return live_nodes(self._graph, self.outline.graph)

    @cached_property
    def _is_traced(self) -> bool:
        first = self.outline.first_placed
        if first < 0 or _RAN_IN in self.text:
            return first >= 0
        return read_own(self._find_live(first), self.name).traced

    def _find_live(self, at: int) -> torch._C.Node:
        nodes = self.outline.nodes
        if self.outline.has_subgraphs:
            return self._live[at]
        alike = [node for node in nodes[: at + 1] if node.op == nodes[at].op]
        return live_in_order(self._graph, alike)[-1]

    def _guess(self) -> dict[int, Evidence]:
        nodes = self.outline.nodes
        indices = {node.id: at for at, node in enumerate(nodes)}
        own = [read_own(live, self.name) for live in self._live]
        guesses: dict[int, Evidence] = {}

        def adopt(node: Node, other: int) -> bool:
            at = indices[other]
            near = guesses.get(at, own[at])
            if not near.own or near.traced:
                return False
            guesses[indices[node.id]] = Evidence(near.own, near.serialized, guessed=True)
            return True

        pending = [node for node, one in zip(nodes, own, strict=True) if not one.own]
        settle_near(self.outline.graph, pending, adopt)
        return guesses


class Codes:
    """Finds code.

    Args:
        functions: all that can be called.
        forks: whether calls in what is forked count as replaced by what they call.
    """

    def __init__(self, functions: Functions, *, forks: bool) -> None:
        self.outlines = Outlines(forks=forks)
        self._functions = functions
        self._known: dict[str, Code] = {}

    def entry(self, method: str) -> Code:
        """The method of that name of the module that everything starts from, or the function."""
        return self._code(self._functions.entry(method))

    def find_method(self, kind: str, name: str) -> Code | None:
        """A method of the modules of a type, by what it is printed as; `None` if in doubt."""
        method = self._functions.find_method(kind, name)
        return None if method is None else self._code(method)

    def find_callee(
        self, caller: Function, call: torch._C.Node, module: str
    ) -> tuple[Code | None, CallStack]:
        """What stands in the place of a call, and the call as a stack of what stands there."""
        own = read_own(call, caller.name)
        found = None
        if own.serialized is not None and not own.own:
            found = self._functions.find_call(own.serialized)
        place = own.own if found is None else _named((found,), caller.name)
        stack = CallStack(place, module, bool(place), 1)
        callee = self._functions.find_callee(caller, call)
        if callee is not None:
            return self._code(callee), stack
        in_torch = is_torchs(call.inputsAt(0).type().annotation_str)
        inner = CallStack() if in_torch else UNKNOWN_STACK
        return self._inlined(call), inner.within(stack)

    def _code(self, function: Function) -> Code:
        known = self._known.get(function.key)
        if known is None:
            text = print_graph(function.graph)
            known = self._known[function.key] = Code(self, function, function.graph, text)
        return known

    def _inlined(self, call: torch._C.Node) -> Code | None:
        """The optimised code of a callee that no unit at hand has: inlined where nothing else is.

        Returns:
            `None` if PyTorch leaves the call as it is.
        """
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
        code = Code(self, None, graph, print_graph(graph))
        ops = [node.op for node in code.outline.nodes if node.op != CONSTANT]
        return None if ops == [call.kind()] else code


def read_own(node: torch._C.Node, function: str) -> Evidence:
    """The range of a node itself.

    Args:
        function: what the node is in, "" if that is not known.
    """
    text = source_range(node)
    if not text:
        return _NOTHING
    place = parse_range(text)
    frames = place.frames if place.traced or not function else _named(place.frames, function)
    return Evidence(frames, place.serialized, place.traced)


def _named(frames: Frames, function: str) -> Frames:
    return tuple(replace(frame, function=frame.function or function) for frame in frames)


def is_torchs(name: str) -> bool:
    """Whether a compiled function, by its qualified name, is PyTorch's own."""
    return name.startswith("__torch__.torch.")
