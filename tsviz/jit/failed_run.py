"""Which program a failed run ran, with which arguments, and what happens when it runs once more.

PyTorch's exception holds the Python frames of the call, and the frames hold the compiled object and
its arguments; where the arguments were computed inside the call they are gone. A second run, on
copies and unoptimised, tells the failing node exactly (node ids ride in the source ranges of the
graph, and so in the traceback) and what its inputs were.
"""

import ast
import linecache
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from reprlib import Repr
from types import FrameType, ModuleType, TracebackType
from typing import Any, Protocol, cast

import torch

from tsviz.ir import Graph
from tsviz.jit import natives
from tsviz.jit.calling import graph_inputs
from tsviz.jit.internals import find_nodes, internals, jit
from tsviz.jit.interrupts import held_interrupts
from tsviz.jit.looks import look
from tsviz.jit.probes import Probes
from tsviz.jit.running import outcome_of
from tsviz.jit.tags import last_tag, tag_nodes
from tsviz.jit.walking import live_nodes


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A call of a compiled program that raised.

    Attributes:
        native: what was called.
        method: which entry point of it.
        args, kwargs: with what; `None` where that can no longer be known.
    """

    native: object
    method: str
    args: tuple[object, ...] | None
    kwargs: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Replay:
    """A second run.

    Attributes:
        error: what it raised, `None` if nothing.
        node: id of the node that raised, `None` where that is not told.
        seen: value id → dtype and shape it had last, such as `f32[2, 3]`.
    """

    error: Exception | None
    node: int | None
    seen: dict[int, str]


# ── the call ────────────────────────────────────────────────────────────────────────────────────


def find_run(error: BaseException) -> FailedRun | None:
    """The innermost compiled call in the traceback of `error`."""
    for step in reversed(list(_steps(error.__traceback__))):
        frame = step.tb_frame
        if frame.f_code.co_name == "_call_impl":
            owner = frame.f_locals.get("self")
            if natives.is_script_module(owner):
                args = cast("tuple[object, ...]", frame.f_locals.get("args", ()))
                kwargs = cast("dict[str, object]", frame.f_locals.get("kwargs", {}))
                return FailedRun(owner, "forward", args, kwargs)
        elif (found := _called(step)) is not None:
            return found
    return None


def _steps(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _called(step: TracebackType) -> FailedRun | None:
    """What the expression calls at which a frame was left, if that is compiled."""
    call = _parse_call(step)
    if call is None:
        return None
    frame = step.tb_frame
    callee = _value(call.func, frame)
    if natives.is_script_function(callee):
        owner, method = callee, callee.name
    elif natives.is_script_method(callee):
        owner, method = natives.owner_of(callee), callee.name
    else:
        return None
    keys = [keyword.arg for keyword in call.keywords]
    args = [_value(argument, frame) for argument in call.args]
    values = [_value(keyword.value, frame) for keyword in call.keywords]
    if any(value is _UNKNOWN for value in (*args, *values)) or None in keys:
        return FailedRun(owner, method, None)
    kwargs = dict(zip(cast("list[str]", keys), values, strict=True))
    return FailedRun(owner, method, tuple(args), kwargs)


def _parse_call(step: TracebackType) -> ast.Call | None:
    """The call at which a frame was left, from the columns Python keeps of each instruction."""
    positions = list(step.tb_frame.f_code.co_positions())
    line, end_line, col, end_col = positions[step.tb_lasti // 2]
    if line is None or end_line is None or col is None or end_col is None:
        return None
    file = step.tb_frame.f_code.co_filename
    rows = [row.encode() for row in linecache.getlines(file)[line - 1 : end_line]]
    if len(rows) != end_line - line + 1:
        return None
    rows[-1] = rows[-1][:end_col]
    rows[0] = rows[0][col:]
    try:
        tree = ast.parse(b"(" + b"".join(rows) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return tree if isinstance(tree, ast.Call) else None


_UNKNOWN = object()


def _value(tree: ast.expr, frame: FrameType) -> Any:
    """What an expression stood for, if looking it up runs nobody's code; else `_UNKNOWN`."""
    if isinstance(tree, ast.Constant):
        return tree.value
    if isinstance(tree, ast.Name):
        return _name(tree.id, frame)
    if isinstance(tree, ast.Attribute):
        return _attribute(_value(tree.value, frame), tree.attr)
    if isinstance(tree, (ast.Tuple, ast.List)):
        items = [_value(item, frame) for item in tree.elts]
        if any(item is _UNKNOWN for item in items):
            return _UNKNOWN
        return tuple(items) if isinstance(tree, ast.Tuple) else items
    return _UNKNOWN


def _name(name: str, frame: FrameType) -> object:
    for names in (frame.f_locals, frame.f_globals, frame.f_builtins):
        if name in names:
            return names[name]
    return _UNKNOWN


def _attribute(owner: object, name: str) -> object:
    if owner is _UNKNOWN:
        return _UNKNOWN
    if natives.is_module(owner):
        return getattr(owner, name, _UNKNOWN)
    names = vars(owner) if isinstance(owner, ModuleType) or hasattr(owner, "__dict__") else {}
    return names.get(name, _UNKNOWN)


# ── once more ───────────────────────────────────────────────────────────────────────────────────


def why_not_again(graph: Graph) -> str:
    """Why a program must not run a second time, in words, or "": what it does besides computing."""
    ops = {node.op for node in graph.iter_nodes()}
    python = sorted(op for op in ops if op.startswith("^"))
    if python:
        return f"it calls Python (`{python[0]}`)"
    foreign = sorted(op for op in ops if op.partition("::")[0] not in _KNOWN)
    return f"nobody knows what else `{foreign[0]}` does" if foreign else ""


_KNOWN = frozenset({"aten", "prim", "prims", "quantized", "prepacked", "mkldnn", "profiler"})


def replay(
    native: object,
    method: str,
    graph: Graph,
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> Replay:
    """Runs a program once more, unoptimised; it prints nothing.

    Args:
        native: a copy of the user's: the run can change it.
        graph: as imported from it.
        args, kwargs: copies, too.
    """
    watched = natives.inlined_graph(native, method)
    tag_nodes(live_nodes(watched, graph))
    listener = _Listener()
    with closing(Probes(listener)) as probes:
        probes.insert(watched, graph)
        _silence(watched)
        run = internals._create_function_from_graph(method, watched)
        given = list(graph_inputs(native, method, args, kwargs))
        with (
            held_interrupts() as let_through,
            natives.preserved_random_state(native),
            jit.optimized_execution(False),
            let_through(),
        ):
            _, error = outcome_of(lambda: run(*given))
    tag = last_tag(str(error)) if error is not None else None
    order = list(graph.nodes)
    node = order[tag] if tag is not None and tag < len(order) else None
    return Replay(error, node, _plain(graph, given) | listener.seen)


def _plain(graph: Graph, given: Sequence[object]) -> dict[int, str]:
    """Arguments that are no tensors, which no probe sees, as Python prints them."""
    words = (
        (param, _shown(value)) for param, value in zip(graph.block.params, given, strict=False)
    )
    return {param: text for param, text in words if text}


def _shown(value: object) -> str:
    """A number, a string, or a list or dict of such; "" for anything else."""
    if isinstance(value, dict):
        items = cast("dict[object, object]", value)
        if not all(isinstance(item, _NUMBERS) for item in items.values()):
            return f"keys {_SHORT.repr(list(items))}"
    elif isinstance(value, list):
        if not all(isinstance(item, _NUMBERS) for item in cast("list[object]", value)):
            return ""
    elif not isinstance(value, _NUMBERS):
        return ""
    return _SHORT.repr(value)


_NUMBERS = (bool, int, float, str)
_SHORT = Repr()
_SHORT.maxlist = _SHORT.maxdict = 8
_SHORT.maxstring = 60


class _Node(Protocol):
    def destroy(self) -> None: ...


def _silence(watched: torch._C.Graph) -> None:
    for node in cast("list[_Node]", find_nodes(watched, "prim::Print")):
        node.destroy()


class _Listener:
    """Keeps what every value held last."""

    def __init__(self) -> None:
        self.seen: dict[int, str] = {}

    def passed(self, node: int) -> None:
        """Nothing is kept of a node without tensors."""

    def saw(self, node: int, value: int, what: object) -> None:
        """Keeps dtype and shape, and where a tensor is that is not on the CPU."""
        away = what.device if natives.is_tensor(what) and not what.is_cpu else None
        self.seen[value] = f"{look(what)}" + (f" on {away}" if away is not None else "")
