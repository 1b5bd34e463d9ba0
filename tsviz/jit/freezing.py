"""Freezing and optimising, with the origin of every node that survives.

A frozen graph still refers to the functions its nodes were inlined from, but freezing deletes
some of them: asking such a node for its call stack reads freed memory. So a clone is inlined, its
nodes, whose call stacks are known, are tagged, and it is frozen a second time; that graph is
equal to the real one but for the order of constants, and its tags say where each node came from.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import cast

import torch

from tsviz.ir import Graph, Use, read_graph
from tsviz.jit.callstack import Evidences, read_alone, read_inlined
from tsviz.jit.evidence import UNKNOWN_STACK, Evidence
from tsviz.jit.inlining import inline_forks
from tsviz.jit.internals import cpp_module, find_nodes, internals, jit, set_tensor_attribute
from tsviz.jit.outlines import CONSTANT, outline_of
from tsviz.jit.tags import read_tag, tag_nodes
from tsviz.jit.walking import live_nodes, print_graph

_COPY = re.compile(r"(?:_fused_[a-z]+)?(?:\.\d+)?$")  # what passes append to the name of a weight


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen (or optimised) module and what its nodes were before.

    Attributes:
        native: the module, untouched by tsviz.
        evidence: of the nodes that the nodes of its graph were; one that a pass made has none.
    """

    native: torch.jit.ScriptModule
    evidence: Evidences


def freeze(source: object, method: str, *, optimize: bool = False, fold: bool = True) -> Frozen:
    """Freezes a module that TorchScript compiled; the one given stays as it is.

    Args:
        source: a live, not yet frozen `torch.jit.ScriptModule` in eval mode.
        method: the entry point that is kept.
        optimize: run `optimize_for_inference` on the result, too.
        fold: fold norms and arithmetic into convolutions and linear layers, as PyTorch does unless
            told not to.
    """
    module = cast(torch.jit.ScriptModule, source)
    for _ in range(_TRIES):
        native = finish(module, method, optimize, fold=fold)
        clone, before = _tagged_clone(module, method)
        shadow = finish(clone, method, optimize, fold=fold)
        evidence = _find_origins(native, shadow, method, before)
        _empty_constants(cpp_module(shadow)._get_method(method).graph)
        if evidence is not None:
            return Frozen(native, evidence)
    native = finish(module, method, optimize, fold=fold)
    graph = cpp_module(native)._get_method(method).graph
    read = read_graph(print_graph(graph)).graph
    return Frozen(native, read_alone(live_nodes(graph, read), UNKNOWN_STACK))


def _empty_constants(graph: torch._C.Graph) -> None:
    """Lets go of the weights in a graph of ours: PyTorch never frees that of a frozen module."""
    for kind in (CONSTANT, "prim::ConstantMKLDNNTensor"):
        for node in find_nodes(graph, kind):
            if node.hasAttribute("value") and node.kindOf("value") == "t":
                set_tensor_attribute(node, "value", torch.empty(0))


_TRIES = 6
"""Freezing walks sets of pointers, so that now and then the same module gives another order."""


def finish(
    source: object, method: str, optimize: bool, *, fold: bool = True
) -> torch.jit.ScriptModule:
    """PyTorch's own freezing, and optimising for inference if asked; takes what `freeze` takes."""
    module = cast(torch.jit.ScriptModule, source)
    kept = None if method == "forward" else [method]
    frozen = jit.freeze(module, kept, optimize_numerics=fold)
    return jit.optimize_for_inference(frozen, kept) if optimize else frozen


@dataclass(frozen=True, slots=True)
class _Before:
    """What the inlined entry point was.

    Attributes:
        evidence: of every node, by tag.
        reads: of the nodes that read an attribute, by name such as `self.layer1.conv.weight`; as
            much of it as they have in common.
    """

    evidence: Evidences
    reads: Mapping[str, Evidence]


def _tagged_clone(
    module: torch.jit.ScriptModule, method: str
) -> tuple[torch.jit.ScriptModule, _Before]:
    """A clone whose inlined entry point carries tags, and what it was before."""
    clone = internals._hack_do_not_use_clone_module_with_class(cpp_module(module), [], [])
    graph = clone._get_method(method).graph
    internals._jit_pass_inline(graph)
    inline_forks(graph)
    read = read_graph(print_graph(graph))
    evidence = read_inlined(module, method, graph, read, forks=True)
    before = _Before(evidence, _find_reads(read.graph, evidence))
    tag_nodes(live_nodes(graph, read.graph))
    return jit._recursive.wrap_cpp_module(clone), before


def _find_reads(graph: Graph, evidence: Sequence[Evidence]) -> dict[str, Evidence]:
    paths = {graph.block.params[0]: "self"}
    reads: dict[str, Evidence] = {}
    for node, one in zip(graph.nodes.values(), evidence, strict=True):
        if node.op == "prim::GetAttr" and node.inputs[0] in paths:
            path = f"{paths[node.inputs[0]]}.{node.get_attribute('name')}"
            paths[node.outputs[0]] = path
            reads[path] = _common(reads.get(path, one), one)
    return reads


def _common(one: Evidence, other: Evidence) -> Evidence:
    """What is true of both: the innermost calls they share."""
    if one.stack == other.stack:
        return one
    pairs = zip(one.stack.callers, other.stack.callers, strict=False)
    shared = [frame for frame, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)]
    own, homes = (one.own, one.homes) if one.homes == other.homes else ((), ())
    stack = replace(UNKNOWN_STACK, callers=tuple(shared), module=one.stack.module)
    return Evidence(own, stack=stack, homes=homes, guessed=one.guessed)


def _find_origins(
    native: torch.jit.ScriptModule, shadow: torch.jit.ScriptModule, method: str, before: _Before
) -> Evidences | None:
    """Evidence for the real graph, `None` if the shadow came out otherwise."""
    graph = cpp_module(native)._get_method(method).graph
    twin = cpp_module(shadow)._get_method(method).graph
    read, other = read_graph(print_graph(graph)).graph, read_graph(print_graph(twin)).graph
    real = read_alone(live_nodes(graph, read), UNKNOWN_STACK)
    if _fixed_kinds(read) != _fixed_kinds(other):
        return None
    twins = dict(zip(_roles(other), live_nodes(twin, other), strict=True))
    pairs = zip(_roles(read), real, strict=True)
    before = replace(before, reads=_told_apart(other, before.reads))
    return tuple(_origin(twins[role], one, before) if role in twins else one for role, one in pairs)


def _told_apart(graph: Graph, reads: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """The reads whose name leads to one weight.

    Convolutions without bias share one `None`, so the biases that folding makes for all of them are
    named after the first.
    """
    names = (value.name for value in graph.values.values())
    folded = Counter(_COPY.sub("", name) for name in names if "_fused_" in name)
    return {name: read for name, read in reads.items() if folded[name] < 2}


def _fixed_kinds(graph: Graph) -> list[str]:
    items = outline_of(graph, {}).items
    return [item.kind for item in items if item.kind != CONSTANT]


def _roles(graph: Graph) -> list[tuple[object, ...]]:
    """What every node is in a graph; the order in which freezing leaves constants is random.

    A constant is its value and what it is first used as, any other node the n-th of those.
    """
    fixed = (node.id for node in graph.nodes.values() if node.op != CONSTANT)
    ranks = {identity: rank for rank, identity in enumerate(fixed)}
    alike = Counter[tuple[object, ...]]()
    roles: list[tuple[object, ...]] = []
    for node in graph.nodes.values():
        role: tuple[object, ...] = (ranks.get(node.id),)
        if node.op == CONSTANT:
            use = next(iter(graph.users.get(node.outputs[0], ())), _UNUSED)
            role = (ranks.get(use.node, -1), use.index, node.attributes)
        roles.append((*role, alike[role]))
        alike[role] += 1
    return roles


_UNUSED = Use(0, -2)


def _origin(node: torch._C.Node, real: Evidence, before: _Before) -> Evidence:
    """What is known of a node of the shadow: by its tag, or as the attribute it was read from."""
    tag = read_tag(node)
    if tag is not None:
        return before.evidence[tag]
    if node.kind() == "prim::Constant":
        name = _COPY.sub("", node.output().debugName())
        if name in before.reads:
            return before.reads[name]
    return Evidence(real.own, real.serialized, real.traced, UNKNOWN_STACK)
