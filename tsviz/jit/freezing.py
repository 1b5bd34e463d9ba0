"""Freezing and optimising, with the origin of every node that survives.

A frozen graph still refers to the functions its nodes were inlined from, but freezing deletes
some of them: asking such a node for its call stack reads freed memory. So a clone is inlined, its
nodes, whose call stacks are known, are tagged, and it is frozen a second time; that graph is
equal to the real one node for node, and its tags say where each node came from.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import cast

import torch

from tsviz.jit.callstack import Body, inline_forks, read_inlined, read_plain
from tsviz.jit.evidence import UNKNOWN_STACK, Evidence
from tsviz.jit.functions import Functions
from tsviz.jit.internals import cpp_module, internals, jit, string_attribute
from tsviz.jit.tags import read_tag, tag_nodes
from tsviz.jit.walking import iter_steps, nodes_of, shape_of

_COPY = re.compile(r"(?:_fused_[a-z]+)?(?:\.\d+)?$")  # what passes append to the name of a weight


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen (or optimised) module and what its nodes were before.

    Attributes:
        native: the module, untouched by tsviz.
        body: the nodes of its graph with the evidence of the nodes they were; a node that a pass
            made has none.
    """

    native: torch.jit.ScriptModule
    body: Body


def freeze(source: object, method: str, *, optimize: bool = False) -> Frozen:
    """Freezes a module that TorchScript compiled; the one given stays as it is.

    Args:
        source: a live, not yet frozen `torch.jit.ScriptModule` in eval mode.
        method: the entry point that is kept.
        optimize: run `optimize_for_inference` on the result, too.
    """
    module = cast(torch.jit.ScriptModule, source)
    native = _finish(module, method, optimize)
    clone, before = _tagged_clone(module, method)
    shadow = _finish(clone, method, optimize)
    return Frozen(native, _find_origins(native, shadow, method, before))


def _finish(module: torch.jit.ScriptModule, method: str, optimize: bool) -> torch.jit.ScriptModule:
    kept = None if method == "forward" else [method]
    frozen = jit.freeze(module, kept)
    return jit.optimize_for_inference(frozen, kept) if optimize else frozen


@dataclass(frozen=True, slots=True)
class _Before:
    """What the inlined entry point was.

    Attributes:
        evidence: of every node, by tag.
        reads: of the nodes that read an attribute, by name such as `self.layer1.conv.weight`; as
            much of it as they have in common.
    """

    evidence: tuple[Evidence, ...]
    reads: Mapping[str, Evidence]


def _tagged_clone(
    module: torch.jit.ScriptModule, method: str
) -> tuple[torch.jit.ScriptModule, _Before]:
    """A clone whose inlined entry point carries tags, and what it was before."""
    clone = internals._hack_do_not_use_clone_module_with_class(cpp_module(module), [], [])
    graph = clone._get_method(method).graph
    internals._jit_pass_inline(graph)
    inline_forks(graph)
    body = read_inlined(Functions(module), method, forks=True)
    steps = list(iter_steps(graph))
    if body.shape != shape_of(steps):
        body = read_plain(graph, UNKNOWN_STACK)
    nodes = nodes_of(steps)
    before = _Before(body.evidence, _find_reads(graph, nodes, body.evidence))
    tag_nodes(nodes)
    return jit._recursive.wrap_cpp_module(clone), before


def _find_reads(
    graph: torch._C.Graph, nodes: Sequence[torch._C.Node], evidence: Sequence[Evidence]
) -> dict[str, Evidence]:
    paths = {next(graph.inputs()).unique(): "self"}
    reads: dict[str, Evidence] = {}
    for node, one in zip(nodes, evidence, strict=True):
        if node.kind() == "prim::GetAttr" and node.inputsAt(0).unique() in paths:
            path = f"{paths[node.inputsAt(0).unique()]}.{string_attribute(node, 'name')}"
            paths[node.output().unique()] = path
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
) -> Body:
    steps = list(iter_steps(cpp_module(shadow)._get_method(method).graph))
    real = read_plain(cpp_module(native)._get_method(method).graph, UNKNOWN_STACK)
    if real.shape != shape_of(steps):
        return real
    pairs = zip(nodes_of(steps), real.evidence, strict=True)
    return Body(real.shape, tuple(_origin(node, one, before) for node, one in pairs))


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
