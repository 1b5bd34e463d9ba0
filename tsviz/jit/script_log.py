"""Scripting a model once more, with the log of it.

The compiler prints every function as it cleans it up: after it has lowered tuples, taken dead code
away and propagated constants. How it emits a function and puts it into SSA form it does not print.
Nor does it print whose graph it is: a function is known by its compiled graph, whose nodes are all
among those printed before.

What was compiled before in this process would be used again and not be printed, so PyTorch is made
to forget it for that long.
"""

from collections.abc import Generator, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch

from tsviz.ir import Graph, read_graph
from tsviz.jit import natives
from tsviz.jit.executor_log import Dump, executor_log
from tsviz.jit.functions import Function, Functions
from tsviz.jit.internals import find_nodes, jit
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.walking import print_graph

_FILES = ("lower_tuples", "dead_code_elimination", "constant_propagation")
_FIRST = _FILES[0]


@dataclass(frozen=True, slots=True)
class Compilation:
    """How one function was compiled, as far as it is printed.

    Attributes:
        name: such as `Linear.forward`, or the name of a function.
        dumps: the graphs printed.
        compiled: the text of the graph as it was compiled.
    """

    name: str
    dumps: tuple[Dump, ...]
    compiled: str


def record_scripting(owner: object, method: str) -> tuple[Compilation, ...]:
    """Scripts a module or function anew; what it was scripted to before stays as it is.

    Returns:
        The entry point, then what it calls; without what was not printed.

    Raises:
        Exception: whatever PyTorch raises where it does not compile.
    """
    with (
        held_interrupts() as let_through,
        _nothing_compiled(),
        executor_log(*_FILES) as log,
        let_through(),
    ):
        native = natives.script(owner, method)
    groups = [(_outline(read_graph(group[-1].text).graph), group) for group in _groups(log.dumps())]
    found: list[Compilation] = []
    entry = method if natives.is_script_module(native) else "forward"
    for function in _iter_functions(native, entry):
        text = print_graph(function.graph)
        outline = _outline(read_graph(text).graph)
        match = next((item for item in groups if outline <= item[0]), None)
        if match is not None:
            groups.remove(match)
            found.append(Compilation(_name(function), tuple(match[1]), text))
    return tuple(found)


def _groups(dumps: list[Dump]) -> Iterator[list[Dump]]:
    """The graphs of one function each; cleaning up one does not compile another."""
    group: list[Dump] = []
    for dump in dumps:
        if dump.file == _FIRST:
            if group:
                yield group
            group = [dump]
        elif group and _head(dump) == _head(group[0]):
            group.append(dump)
    if group:
        yield group


def _head(dump: Dump) -> str:
    return dump.text.partition(":\n")[0]


def _outline(graph: Graph) -> frozenset[Hashable]:
    """What a function is known by: its parameters, and every node with the names of its results."""
    names = graph.values
    params = tuple((names[value].name, graph.types[value].text) for value in graph.block.params)
    nodes = (
        (node.op, *sorted(names[value].name for value in node.outputs))
        for node in graph.iter_nodes()
    )
    return frozenset((params, *nodes))


def _iter_functions(native: object, entry: str) -> Iterator[Function]:
    """The entry point and all that it calls, each once."""
    functions = Functions(native)
    todo = [functions.entry(entry)]
    seen: set[str] = set()
    while todo:
        function = todo.pop(0)
        if function.key in seen:
            continue
        seen.add(function.key)
        yield function
        calls = [
            call
            for kind in ("prim::CallMethod", "prim::CallFunction")
            for call in find_nodes(function.graph, kind)
        ]
        callees = (functions.find_callee(function, call) for call in calls)
        todo += [callee for callee in callees if callee is not None]


def _name(function: Function) -> str:
    """`__torch__.model.___torch_mangle_3.Linear.forward` → `Linear.forward`."""
    *path, owner, name = function.key.partition("#")[0].split(".")
    return f"{owner}.{name}" if owner[:1].isupper() and path else name


@contextmanager
def _nothing_compiled() -> Generator[None]:
    """Has PyTorch forget, for a while, what it has compiled of modules and functions."""
    store, state = jit._recursive.concrete_type_store, jit._state
    with ExitStack() as undo:
        for owner, name, empty in (
            (store, "type_store", dict[type[torch.nn.Module], list[object]]()),
            (store, "methods_compiled", set[object]()),
            (state, "_jit_caching_layer", WeakKeyDictionary[object, object]()),
            (state, "_jit_function_overload_caching", WeakKeyDictionary[object, object]()),
        ):
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, empty)
        yield
