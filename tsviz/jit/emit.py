"""From the neutral IR back to a `torch._C.Graph` that runs.

Dumps do not parse back with PyTorch's own reader, and large tensors are only named in them. So a
graph is built node by node. What is in the program's own live graph is cloned from there, tensors,
classes and all; the rest is made from the text.

Profile nodes only look at what passes through: they are left out.
"""

from ast import literal_eval
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import cast

import torch

from tsviz.errors import Diagnostic, PassError
from tsviz.ir import (
    Attribute,
    Block,
    Graph,
    Node,
    Opaque,
    SubgraphRef,
    TensorRef,
    Type,
    intern_type,
)
from tsviz.ir.literals import split_list
from tsviz.jit import natives
from tsviz.jit.constants import Unreadable, constant_value
from tsviz.jit.internals import JitType, insert_clone, type_of
from tsviz.jit.live_types import LiveTypes
from tsviz.jit.making import (
    LiveNode,
    insert_read,
    insert_value,
    make_graph,
    make_node,
    set_type,
    type_constructors,
)
from tsviz.jit.walking import live_nodes

_CONSTANT, _FUNCTION = "prim::Constant", "Function"
_TRANSPARENT = ("prim::profile", "prim::profile_ivalue")
_CANNOT_RUN = {
    "prim::DifferentiableGraph": "its backward graph is not printed with it",
    "prim::GradOf": "it belongs to a backward graph that is not compiled yet",
}


class Emitter:
    """Emits graphs of one program: as captured, or any snapshot of it."""

    def __init__(self, graph: Graph, native: torch._C.Graph, module: object = None) -> None:
        """Learns what the program is made of.

        Args:
            graph: the program's graph.
            native: the same, live; only read.
            module: where constants that are named after its attributes are found.
        """
        self._module = module
        self._live: dict[int, torch._C.Node] = {}
        self._nodes: dict[int, Node] = {}
        self._kept: list[torch._C.Graph] = []  # a node dies with its graph
        self.types = LiveTypes()
        self._modules = dict(natives.iter_module_types(module))
        for kind in self._modules.values():  # a part may take any module of the program
            self.types.learn_type(kind.str(), kind)
        self.learn(graph, native)

    def learn(self, graph: Graph, native: object) -> None:
        """Takes what another snapshot of the program has live: constants that passes made.

        Args:
            graph: the snapshot.
            native: the same, live; only read.
        """
        known = cast("torch._C.Graph", native)
        self._kept.append(known)
        values = dict(zip(graph.block.params, known.inputs(), strict=True))
        for node, live in zip(graph.nodes.values(), live_nodes(known, graph), strict=True):
            values.update(zip(node.outputs, live.outputs(), strict=True))
            if node.id not in self._nodes:
                self._nodes[node.id], self._live[node.id] = node, live
        self.types.learn(graph, values)

    def emit(
        self, graph: Graph, watched: Sequence[int] = (), *, to_run: bool = True
    ) -> torch._C.Graph:
        """A live graph that computes what `graph` says.

        Args:
            watched: ids of values outside of blocks that it returns instead, as a tuple; tensors
                as they are when they are made, before anything writes into them.
            to_run: whether it shall run; otherwise it is for passes, and profile nodes and
                differentiable graphs stay in it.

        Raises:
            PassError: `TSV-S05` it holds something that cannot be made from its text.
        """
        made = make_graph()
        emission = _Emission(self, graph, to_run, frozenset(watched))
        emission.fill(made, graph.block)
        if watched:
            emission.return_seen(made, watched)
        return made

    def find_attribute(self, name: str) -> object:
        """What a constant such as `self.layer.weight` was read from.

        Raises:
            Unreadable: there is nothing of that name; folding has made the constant anew.
        """
        path = name.removeprefix("self.")
        if path == name or self._module is None:
            raise Unreadable("the numbers of a tensor are not in the text")
        try:
            found = attrgetter(path)(self._module)
            return found.detach() if natives.is_tensor(found) else found
        except AttributeError:
            raise Unreadable(f"`{path}` was made by a pass, and is not in the text") from None

    def find_module_type(self, path: str, kind: Type) -> JitType | None:
        """The type of a submodule, which is of another class of the same name in a clone."""
        found = self._modules.get(path)
        same = found is not None and intern_type(found.str()).unmangled == kind.unmangled
        return found if same else None

    def find_live(self, node: Node) -> torch._C.Node | None:
        """The live node that a node still is, attributes and number of inputs included."""
        was = self._nodes.get(node.id)
        if was is None or was.op != node.op or node.blocks:
            return None
        same = was.attributes == node.attributes and len(was.inputs) == len(node.inputs)
        return self._live[node.id] if same else None


class _Emission:
    """One graph being emitted; its subgraphs have values of their own.

    Attributes:
        seen: the values that are watched, as they were when they were made.
    """

    def __init__(
        self,
        emitter: Emitter,
        graph: Graph,
        to_run: bool,
        watched: frozenset[int] = frozenset(),
    ) -> None:
        self._emitter = emitter
        self._graph = graph
        self._to_run = to_run
        self._values: dict[int, torch._C.Value] = {}
        self._watched = watched
        self.seen: dict[int, torch._C.Value] = {}

    def fill(self, made: torch._C.Graph, block: Block) -> None:
        for param in block.params:
            self._define(param, made.addInput())
        self._watch(made, block.params)
        self._nodes(made, block)
        for value in block.returns:
            made.registerOutput(self._values[value])

    def return_seen(self, made: torch._C.Graph, watched: Sequence[int]) -> None:
        """Makes the graph return what was watched instead of what it returned."""
        seen = [self.seen[value] for value in watched]
        (packed,) = make_node(made, "prim::TupleConstruct", seen, 1).outputs()
        set_type(packed, type_constructors.TupleType([type_of(value) for value in seen]))
        for _ in list(made.outputs()):
            made.eraseOutput(0)
        made.registerOutput(packed)

    def _watch(self, made: torch._C.Graph, values: tuple[int, ...]) -> None:
        for value in self._watched.intersection(values):
            live, kind = self._values[value], self._graph.types[value]
            if kind.tensor is not None and not kind.text.endswith("?"):
                layout = insert_value(made, None)
                (live,) = make_node(made, "aten::clone", [live, layout], 1).outputs()
            self.seen[value] = live

    def _nodes(self, made: torch._C.Graph, block: Block) -> None:
        for node in block.nodes:
            self._node(made, node)
            self._watch(made, node.outputs)

    def _node(self, made: torch._C.Graph, node: Node) -> None:
        if self._to_run and node.op in _TRANSPARENT:
            inputs = (self._values[value] for value in node.inputs)
            self._values.update(zip(node.outputs, inputs, strict=True))
            return
        inputs = [self._values[value] for value in node.inputs]
        live_node = self._emitter.find_live(node)
        if live_node is not None:
            given = iter(inputs)
            outputs = list(insert_clone(made, live_node, lambda _: next(given)).outputs())
        elif node.op[0] == "^":
            raise self._error(node, "of a Python function it has the name")
        elif self._to_run and node.op in _CANNOT_RUN:
            raise self._error(node, _CANNOT_RUN[node.op])
        elif node.op == _CONSTANT:
            outputs = self._constant(made, node)
        else:
            done = make_node(made, node.op, inputs, len(node.outputs))
            self._attributes(done, node)
            self._blocks(made, done, node)
            outputs = list(done.outputs())
        for value, output in zip(node.outputs, outputs, strict=True):
            self._define(value, output)

    def _define(self, value: int, output: torch._C.Value) -> None:
        kind = self._graph.types[value]
        if kind.text != _FUNCTION:  # whose type says which function it is
            set_type(output, self._type(kind, value))
        name = self._graph.values[value].name
        with suppress(RuntimeError):  # names of numbers are PyTorch's own to give
            if not name.isdigit():
                output.setDebugName(name)
        self._values[value] = output

    def _type(self, kind: Type, value: int) -> JitType:
        found = self._module_type(kind, value) or self._emitter.types.find(kind.text)
        if found is None:
            maker = self._graph.producers.get(value)
            raise self._error(maker, f"the type {kind} is not known to PyTorch by its text")
        return found

    def _module_type(self, kind: Type, value: int) -> JitType | None:
        if not kind.text.startswith("__torch__."):
            return None
        names: list[str] = []
        while (maker := self._graph.producers.get(value)) is not None:
            name = maker.find_attribute("name")
            if maker.op != "prim::GetAttr" or not isinstance(name, str):
                return None
            names.append(name)
            (value,) = maker.inputs
        is_module = value in self._graph.block.params[:1]
        return (
            self._emitter.find_module_type(".".join(reversed(names)), kind) if is_module else None
        )

    # ── parts of a node ──────────────────────────────────────────────────────────────────────

    def _constant(self, made: torch._C.Graph, node: Node) -> list[torch._C.Value]:
        kind = self._graph.types[node.outputs[0]].text
        names = [name for name, _ in node.attributes]
        if names not in ([], ["value"]):
            raise self._error(node, f"it is known by its {', '.join(names)} only")
        written = node.find_attribute("value")
        try:
            value = self._value(node, kind)
            if isinstance(written, Opaque) and value == []:  # which does not tell its type
                return [insert_read(made, kind, written.text)]
            return [insert_value(made, value)]
        except (Unreadable, RuntimeError, TypeError) as error:
            raise self._error(node, str(error)) from error

    def _value(self, node: Node, kind: str) -> object:
        try:
            return constant_value(node.find_attribute("value"), kind)
        except Unreadable:
            name = self._graph.values[node.outputs[0]].name
            if not isinstance(node.find_attribute("value"), TensorRef):
                raise
            return self._emitter.find_attribute(name)

    def _attributes(self, done: LiveNode, node: Node) -> None:
        for name, value in node.attributes:
            if isinstance(value, SubgraphRef):
                continue
            if not self._set(done, name, value):
                raise self._error(node, f"its attribute {name} is printed only in part")

    def _set(self, done: LiveNode, name: str, value: Attribute) -> bool:
        if isinstance(value, bool | int):
            done.i_(name, int(value))
        elif isinstance(value, float):
            done.f_(name, value)
        elif isinstance(value, str):
            done.s_(name, value)
        elif isinstance(value, tuple):
            return self._set_list(done, name, value)
        elif isinstance(value, Opaque):
            return self._set_opaque(done, name, value.text)
        else:
            return not isinstance(value, TensorRef | complex)
        return True

    def _set_opaque(self, done: LiveNode, name: str, text: str) -> bool:
        if name == "none_counts":
            done.ival_(name, literal_eval(text))
            return True
        parts = split_list(text[1:-1]) if name == "types" else [text]
        kinds = [self._emitter.types.find(part) for part in parts]
        known = [kind for kind in kinds if kind is not None]
        if name == "types":
            done.tys_(name, known)
        elif name == "profiled_type" and known:
            done.ty_(name, *known)
        else:
            return False
        return len(known) == len(kinds)

    def _set_list(self, done: LiveNode, name: str, items: tuple[Attribute, ...]) -> bool:
        if all(isinstance(item, int) for item in items):
            done.is_(name, [int(item) for item in items if isinstance(item, int)])
        elif all(isinstance(item, int | float) for item in items):
            done.fs_(name, [float(item) for item in items if isinstance(item, int | float)])
        elif all(isinstance(item, str) for item in items):
            done.ss_(name, [item for item in items if isinstance(item, str)])
        else:
            return False
        return True

    def _blocks(self, made: torch._C.Graph, done: LiveNode, node: Node) -> None:
        subgraphs = {value.index: name for name, value in _subgraphs(node)}
        for at, block in enumerate(node.blocks):
            if at in subgraphs:
                inner = make_graph()
                _Emission(self._emitter, self._graph, self._to_run).fill(inner, block)
                done.g_(subgraphs[at], inner)
                continue
            live_block = done.addBlock()
            for param in block.params:
                self._define(param, live_block.addInputToBlock())
            with made.insert_point_guard(cast("torch._C.Block", live_block)):
                self._nodes(made, block)
            for value in block.returns:
                live_block.registerOutput(self._values[value])

    def _error(self, node: Node | None, reason: str) -> PassError:
        what = "a parameter" if node is None else f"`{node.op}`"
        message = f"{what} cannot be made again from the text of the graph: {reason}"
        location = self._graph.link(node).location if node is not None else None
        if location is None:
            return PassError(Diagnostic("TSV-S05", message))
        return PassError(Diagnostic("TSV-S05", message, location))


def _subgraphs(node: Node) -> Iterator[tuple[str, SubgraphRef]]:
    return ((name, value) for name, value in node.attributes if isinstance(value, SubgraphRef))
