"""Freezing and optimising, with the origin of every node that survives.

A frozen graph still refers to the functions its nodes were inlined from, but freezing deletes
some of them: asking such a node for its call stack reads freed memory. So the call stacks are
read before, on a clone, whose nodes are tagged and frozen a second time; that graph is equal to
the real one node for node, and its tags say where each node came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch

from tsviz.jit.callstack import iter_native_nodes
from tsviz.jit.evidence import Evidence
from tsviz.jit.internals import cpp_module, internals, jit
from tsviz.jit.reading import import_graph
from tsviz.jit.tags import read_tag, tag_nodes


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen (or optimised) module and what its nodes were before.

    Attributes:
        native: the module, untouched by tsviz.
        origins: for each node of its graph, in order, the evidence of the node it was, or `None`
            for one that a pass made.
    """

    native: torch.jit.ScriptModule
    origins: tuple[Evidence | None, ...]


def freeze(source: object, method: str, *, optimize: bool = False) -> Frozen:
    """Freezes a module that TorchScript compiled; the one given stays as it is.

    Args:
        source: a live, not yet frozen `torch.jit.ScriptModule` in eval mode.
        method: the entry point that is kept.
        optimize: run `optimize_for_inference` on the result, too.
    """
    module = cast("torch.jit.ScriptModule", source)
    native = _finish(module, method, optimize)
    clone, evidence = _tagged_clone(module, method)
    shadow = _finish(clone, method, optimize)
    return Frozen(native, _origins(native, shadow, method, evidence))


def _finish(module: torch.jit.ScriptModule, method: str, optimize: bool) -> torch.jit.ScriptModule:
    kept = None if method == "forward" else [method]
    frozen = jit.freeze(module, kept)
    if not optimize:
        return frozen
    return jit.optimize_for_inference(frozen, kept)


def _tagged_clone(
    module: torch.jit.ScriptModule, method: str
) -> tuple[torch.jit.ScriptModule, list[Evidence]]:
    """A clone whose inlined entry point carries tags, and the evidence by tag."""
    clone = internals._hack_do_not_use_clone_module_with_class(cpp_module(module), [], [])
    graph = clone._get_method(method).graph
    internals._jit_pass_inline(graph)
    read = import_graph(graph, method)
    evidence = [read.evidence[identity] for identity in read.graph.nodes]
    tag_nodes(list(_every_node(graph)))
    return jit._recursive.wrap_cpp_module(clone), evidence


def _origins(
    native: torch.jit.ScriptModule,
    shadow: torch.jit.ScriptModule,
    method: str,
    evidence: Sequence[Evidence],
) -> tuple[Evidence | None, ...]:
    real = list(_every_node(cpp_module(native)._get_method(method).graph))
    tagged = list(_every_node(cpp_module(shadow)._get_method(method).graph))
    if [node.kind() for node in real] != [node.kind() for node in tagged]:
        return (None,) * len(real)
    tags = (read_tag(node) for node in tagged)
    return tuple(evidence[tag] if tag is not None else None for tag in tags)


def _every_node(graph: torch._C.Graph) -> list[torch._C.Node]:
    """All nodes in printed order, those of subgraph attributes after their node."""
    found: list[torch._C.Node] = []
    for node in iter_native_nodes(graph):
        found.append(node)
        if node.hasAttribute("Subgraph") and node.kindOf("Subgraph") == "g":
            found += _every_node(node.g("Subgraph"))
    return found
