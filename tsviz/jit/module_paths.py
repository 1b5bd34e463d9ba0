"""The real paths of the modules that nodes were called in.

PyTorch names a module in a list by its index alone: `for layer in self.layers` gives `0`, not
`layers.0`. The graph knows better: the module a method was called on is a chain of attribute
reads, and the callee's own attribute reads start at its end.
"""

from collections.abc import Mapping

from tsviz.ir import Graph
from tsviz.jit.evidence import CallStack, Evidence

_READ = "prim::GetAttr"
_Call = tuple[tuple[object, ...], tuple[str, ...]]


def fill_paths(graph: Graph, evidence: Mapping[int, Evidence]) -> None:
    """Sets `path` of every call stack to the dotted path of the innermost module called."""
    paths = _value_paths(graph)
    by_tail: dict[str, list[str]] = {}
    for path in set(paths.values()):
        by_tail.setdefault(path.rpartition(".")[2], []).append(path)
    resolver = _Resolver(_paths_seen(graph, evidence, paths), by_tail)
    stacks = {id(found.stack): found.stack for found in evidence.values()}
    for stack in stacks.values():
        stack.path = resolver.path(stack.callers, stack.modules) if any(stack.modules) else ""


def _value_paths(graph: Graph) -> dict[int, str]:
    """Value → dotted path, for the root module and everything read from it."""
    if not graph.block.params:
        return {}
    paths = {graph.block.params[0]: ""}
    for node in graph.nodes.values():
        if node.op == _READ and node.inputs[0] in paths:
            base, name = paths[node.inputs[0]], node.find_attribute("name")
            paths[node.outputs[0]] = f"{base}.{name}" if base else str(name)
    return paths


def _paths_seen(
    graph: Graph, evidence: Mapping[int, Evidence], paths: Mapping[int, str]
) -> dict[_Call, str]:
    """Call → the shortest path that an attribute read written in it starts from: its `self`."""
    shortest: dict[int, tuple[CallStack, str]] = {}
    for node in graph.nodes.values():
        if node.op != _READ or node.inputs[0] not in paths:
            continue
        stack, path = evidence[node.id].stack, paths[node.inputs[0]]
        if not stack.modules or path.rpartition(".")[2] != stack.modules[0]:
            continue
        known = shortest.get(id(stack))
        if known is None or len(path) < len(known[1]):
            shortest[id(stack)] = (stack, path)
    seen: dict[_Call, str] = {}
    for stack, path in shortest.values():
        call = (stack.callers, stack.modules)
        seen[call] = min(path, seen.get(call, path), key=len)
    return seen


class _Resolver:
    def __init__(self, seen: Mapping[_Call, str], by_tail: Mapping[str, list[str]]) -> None:
        self.seen = seen
        self.by_tail = by_tail
        self.known: dict[_Call, str] = {((), ()): ""}

    def path(self, callers: tuple[object, ...], modules: tuple[str, ...]) -> str:
        """The path of the innermost of these calls' modules."""
        call = (callers, modules)
        path = self.known.get(call)
        if path is None:
            outer = self.path(callers[1:], modules[1:])
            path = self.known[call] = self._within(outer, call)
        return path

    def _within(self, outer: str, call: _Call) -> str:
        name = call[1][0]
        if not name:
            return outer
        base = f"{outer}." if outer else ""
        found = self.seen.get(call)
        if found is not None and found.startswith(base):
            return found
        below = [path for path in self.by_tail.get(name, ()) if path.startswith(base)]
        # a module's own method is called on the module itself, which PyTorch names again
        return min(below, key=len) if below else outer
