"""What PyTorch says about every node of a graph: its own range, and the calls around it."""

import re
from collections.abc import Iterable
from dataclasses import replace

import torch

from tsviz.ir import Reading
from tsviz.jit import natives
from tsviz.jit.calls import Call, Place
from tsviz.jit.codes import read_own
from tsviz.jit.evidence import UNKNOWN_STACK, CallStack, Evidence, Frames
from tsviz.jit.functions import Functions
from tsviz.jit.inlining import Inliner
from tsviz.jit.internals import source_range
from tsviz.jit.outlines import outline_of
from tsviz.jit.ranges import RangeText, parse_range
from tsviz.jit.scopes import read_scopes
from tsviz.jit.walking import live_nodes

Evidences = tuple[Evidence, ...]
"""What is known of every node of a graph, in printed order."""


_HERE = CallStack()


def read_inlined(
    native: object, method: str, graph: torch._C.Graph, read: Reading, *, forks: bool = False
) -> Evidences:
    """Where the nodes of an entry point come from.

    Args:
        native: a compiled module or function.
        graph: its entry point, inlined.
        read: the same, from its text.
        forks: whether what it forks was inlined, too; PyTorch does that only when it freezes.
    """
    live = live_nodes(graph, read.graph)
    if natives.is_frozen(native):
        return _join_stacks(live, [_inlined_before(node) for node in live])
    ranges = _read_ranges(live)
    stacks = read_scopes(read) if _is_recorded(ranges) else None
    if stacks is not None:
        return _join_recorded(ranges, stacks)
    outline = outline_of(read.graph, read.comments, forks=forks)
    places = Inliner(Functions(native), forks=forks).place_method(method, outline)
    if places is None:
        return _join_stacks(live, [UNKNOWN_STACK] * len(live))
    return _join_places(ranges, places, guess=forks)


def _read_ranges(live: list[torch._C.Node]) -> list[RangeText]:
    """The range of every node; equal ones are one object."""
    known: dict[str, RangeText] = {}
    found: list[RangeText] = []
    for node in live:
        text = source_range(node)
        own = known.get(text)
        if own is None:
            own = known[text] = parse_range(text)
        found.append(own)
    return found


def _is_recorded(ranges: list[RangeText]) -> bool:
    """Whether all that has a range was traced."""
    return {one.traced for one in ranges if one.frames or one.serialized} == {True}


def read_alone(live: Iterable[torch._C.Node], stack: CallStack = _HERE) -> Evidences:
    """The nodes of a graph as it stands: every one has its own range and the same `stack`."""
    nodes = list(live)
    return _join_stacks(nodes, [stack] * len(nodes))


def _join_stacks(live: list[torch._C.Node], stacks: list[CallStack]) -> Evidences:
    own = [read_own(node, "") for node in live]
    files = (one.own[0].file for one in own if one.own and not one.traced)
    homes = tuple(dict.fromkeys(files))
    pairs = zip(own, stacks, strict=True)
    return tuple([replace(one, stack=stack, homes=homes) for one, stack in pairs])


def _join_recorded(ranges: list[RangeText], stacks: list[CallStack]) -> Evidences:
    """Equal evidence is one object."""
    known: dict[tuple[int, int], Evidence] = {}
    found: list[Evidence] = []
    for own, stack in zip(ranges, stacks, strict=True):
        key = (id(own), id(stack))
        one = known.get(key)
        if one is None:
            one = known[key] = Evidence(own.frames, None, own.traced, stack)
        found.append(one)
    return tuple(found)


def _join_places(ranges: list[RangeText], places: list[Place], *, guess: bool) -> Evidences:
    """Equal evidence is one object.

    Args:
        guess: whether nodes of the entry point without a range get that of a node near by.
    """
    known: dict[tuple[int, Call, int, bool], Evidence] = {}
    named: dict[tuple[int, str], Frames] = {}
    found: list[Evidence] = []
    for own, (call, at, sure) in zip(ranges, places, strict=True):
        near = None if own.frames else _guess(call, at, guess=guess)
        key = (id(own), call, 0 if near is None else id(near), sure)
        one = known.get(key)
        if one is None:
            one = _evidence(own, call, near, named)
            one = known[key] = one if sure else replace(one, sure=False)
        found.append(one)
    return tuple(found)


def _guess(call: Call, at: int, *, guess: bool) -> Evidence | None:
    code = call.code
    return code.guesses.get(at) if code is not None and (guess or call.outer) else None


def _evidence(
    own: RangeText, call: Call, near: Evidence | None, named: dict[tuple[int, str], Frames]
) -> Evidence:
    code = call.code
    homes = () if code is None else code.homes
    if near is not None:
        return replace(near, stack=call.stack, homes=homes)
    if own.traced or code is None or not own.frames:
        return Evidence(own.frames, own.serialized, own.traced, call.stack, homes)
    frames = named.get((id(own), code.name))
    if frames is None:
        frames = named[id(own), code.name] = code.named(own.frames)
    return Evidence(frames, own.serialized, False, call.stack, homes)


_STEP = re.compile(r"([^.()]*)\((?:[^()]|\([^()]*\))*\)")
_NO_MODULE = ("", "UNKNOWN_INSTANCE", "SELF")


def _inlined_before(node: torch._C.Node) -> CallStack:
    """The stack of a node that was inlined before it came here: only module names are left."""
    hierarchy = node.getModuleHierarchy()
    names = [name for name in _STEP.findall(hierarchy) if name not in _NO_MODULE]
    return replace(UNKNOWN_STACK, module=".".join(names)) if names else UNKNOWN_STACK
