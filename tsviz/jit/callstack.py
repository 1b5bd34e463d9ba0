"""The call stack of a node that was inlined.

After inlining a node keeps its callee's range; the chain of calls that led to it is stored in C++
and has no binding. Two probes bring it out, both by copying the node's metadata onto a node of a
tiny graph of ours and running that in the interpreter:

* `here()`, a registered op without arguments whose Python kernel asks the interpreter where it is
  (`gather_traceback`): about 5 µs a node, function names and lines, no columns;
* `prim::RaiseException`, whose traceback also names the *original* lines of a loaded archive:
  about 25 µs a node, needed only there.

`copyMetadata` does not clear a call stack that the source node lacks, so every probe node is used
once (the first probe) or only for nodes known to have a stack (the second).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from threading import Lock

import torch
from torch.utils._python_dispatch import _disable_current_modes

from tsviz.jit.evidence import CallStack
from tsviz.jit.internals import Frame, define_op, internals
from tsviz.jit.ranges import parse_traceback
from tsviz.location import FileRange

_CHUNK = 1024
_SERIALIZED = "code/"
_UNKNOWN_FILE = "??"
_lock = Lock()
_seen: list[object] = []


def read_callstacks(nodes: Sequence[torch._C.Node]) -> list[CallStack]:
    """The call stack of every node, in order. The graph is only read."""
    stacks: list[CallStack] = []
    interned: dict[object, CallStack] = {}
    with _lock, _disable_current_modes():
        for start in range(0, len(nodes), _CHUNK):
            chunk = nodes[start : start + _CHUNK]
            for node, frames in zip(chunk, _gather(chunk), strict=True):
                key = tuple([(f["name"], f["filename"], f["line"]) for f in frames])
                hierarchy = node.getModuleHierarchy() if len(key) > 1 else ""
                stack = interned.get((key, hierarchy))
                if stack is None:
                    stack = _call_stack(node, key, hierarchy)
                    if not any(file.startswith(_SERIALIZED) for _, file, _ in key[1:]):
                        interned[key, hierarchy] = stack
                stacks.append(stack)
    return stacks


def _call_stack(
    node: torch._C.Node, key: tuple[tuple[str, str, int], ...], hierarchy: str
) -> CallStack:
    function = key[0][0] if key else ""
    callers = key[1:]
    modules = parse_hierarchy(hierarchy, len(callers))
    if any(file.startswith(_SERIALIZED) for _, file, _ in callers):
        frames = _original_callers(node, len(callers))
        return CallStack(function, frames, modules[len(modules) - len(frames) :])
    known = [at for at, (_, file, _) in enumerate(callers) if file != _UNKNOWN_FILE]
    places = (FileRange(callers[at][1], callers[at][2], function=callers[at][0]) for at in known)
    return CallStack(function, tuple(places), tuple(modules[at] for at in known))


_STEP = re.compile(r"([^.()]*)\(((?:[^()]|\([^()]*\))*)\)")
_NO_MODULE = ("UNKNOWN_INSTANCE", "SELF")


@lru_cache(maxsize=65536)
def parse_hierarchy(text: str, depth: int = -1) -> tuple[str, ...]:
    """The submodules called on the way to a node, innermost first, "" for other calls.

    Args:
        text: what `getModuleHierarchy()` says, such as `l1(Block).c1(Conv2d)`.
        depth: how many calls there are, by default as many as `text` names.
    """
    steps = ["" if name in _NO_MODULE else name for name, _ in _STEP.findall(text)]
    if depth >= 0:
        steps = [*steps, *[""] * depth][:depth]
    return tuple(reversed(steps))


def _gather(nodes: Sequence[torch._C.Node]) -> list[list[Frame]]:
    """Runs one probe graph that has a `here()` with the metadata of each node."""
    graph = _pool().copy()
    for probe, node in zip(graph.nodes(), nodes, strict=False):
        probe.copyMetadata(node)
    _seen.clear()
    internals._jit_interpret_graph(graph, (_argument(),))
    frames = internals._profiler.symbolize_tracebacks(_seen[: len(nodes)])
    _seen.clear()
    return frames


@cache
def _pool() -> torch._C.Graph:
    """A pristine graph of `_CHUNK` probes; only ever copied."""
    _register()
    probes = "  tsviz_probe::here()\n" * _CHUNK
    return internals.parse_ir(f"graph(%x : Tensor):\n{probes}  return (%x)\n")


@cache
def _register() -> torch.library.Library:
    return define_op("tsviz_probe", {"here() -> ()": _here})


def _here() -> None:
    _seen.append(internals._profiler.gather_traceback(python=False, script=True, cpp=False))


@cache
def _argument() -> torch.Tensor:
    return torch.empty(0, device="cpu")


@cache
def _raising_graph() -> tuple[torch._C.Graph, torch._C.Node]:
    graph = internals.parse_ir(
        "graph(%x : Tensor):\n"
        '  %m : str = prim::Constant[value="tsviz"]()\n'
        "  %n : NoneType = prim::Constant()\n"
        "  prim::RaiseException(%m, %n)\n"
        "  return (%x)\n"
    )
    return graph, next(n for n in graph.nodes() if n.kind() == "prim::RaiseException")


def _original_callers(node: torch._C.Node, depth: int) -> tuple[FileRange, ...]:
    """The callers of a node of a loaded archive, in the original source where it is known."""
    graph, probe = _raising_graph()
    probe.copyMetadata(node)
    try:
        internals._jit_interpret_graph(graph, (_argument(),))
    except (RuntimeError, torch.jit.Error) as error:  # the raise is the answer
        frames = parse_traceback(str(error))
    else:
        return ()
    return frames[-depth:] if len(frames) >= depth else frames


def iter_native_nodes(graph: torch._C.Graph) -> Iterator[torch._C.Node]:
    """All nodes of a live graph in printed order, nested blocks included."""
    stack = [iter(list(graph.nodes()))]
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
            continue
        yield node
        stack.extend(iter(list(block.nodes())) for block in reversed(list(node.blocks())))
