"""Which node of the IR failed, and what went into it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tsviz.errors import TsvizError
from tsviz.frontends import Inputs, Program
from tsviz.frontends.failures.unpacking import find_unpacking
from tsviz.frontends.inputs import copy_for_run
from tsviz.frontends.torchscript import import_program
from tsviz.ir import Graph, Node, list_graph
from tsviz.ir.literals import render_literal
from tsviz.jit.compile_errors import first_words
from tsviz.jit.failed_run import FailedRun, Replay, replay, why_not_again
from tsviz.location import FileRange, How, Location, Unknown, called_from, iter_frames

_MOST_INPUTS = 8
_MOST_CANDIDATES = 3
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class FailingNode:
    """What is known of the node that failed.

    Attributes:
        notes: sentences for the diagnostic.
        location: of the node, for an error whose text names no place.
        node: its id in `program`, where one is known.
        program: what ran.
        is_inferred: whether `location` is no place of PyTorch's own.
    """

    notes: tuple[str, ...]
    location: Location
    node: int | None
    program: Program
    is_inferred: bool = False


def find_failing_node(
    run: FailedRun, error: Exception, frames: tuple[FileRange, ...], *, runs_again: bool
) -> FailingNode:
    """Looks for the node by a second run, or where that must not be by its place.

    Args:
        run: the call that failed.
        error: what it raised.
        frames: the compiled frames of its text, innermost first.
        runs_again: whether the call may be repeated, on copies.
    """
    program = import_program(run.native, run.method)
    reason = "" if runs_again else "the run is not repeated: it may need all the memory again"
    reason = reason or _refusal(run, program.graph)
    if not reason:
        found = _repeat(run, program)
        if isinstance(found, Replay):
            if found.node is not None and _is_alike(error, found.error):
                return _told(program, program.graph.nodes[found.node], found)
            reason = "a second run, on copies, did not fail like the first"
        else:
            reason = found
    return _guessed(program, frames, reason)


def _refusal(run: FailedRun, graph: Graph) -> str:
    if run.args is None:
        return "they were computed inside the call and are gone: give them names to see them"
    reason = why_not_again(graph)
    return f"the run is not repeated: {reason}" if reason else ""


def _repeat(run: FailedRun, program: Program) -> Replay | str:
    try:
        native, inputs = copy_for_run(run.native, Inputs(run.args or (), run.kwargs))
    except TsvizError as refused:
        return refused.diagnostic.message
    return replay(native, run.method, program.graph, inputs.args, inputs.kwargs)


def _is_alike(first: Exception, second: Exception | None) -> bool:
    return second is not None and first_words(str(first)) == first_words(str(second))


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def _told(program: Program, node: Node, found: Replay) -> FailingNode:
    graph = program.graph
    # What `raise` takes is the message itself.
    raises = node.op == "prim::RaiseException"
    inputs = [] if raises else list(_inputs(graph, node, found.seen))
    notes = [f"the node: {_printed(graph, node)}"]
    if inputs:
        more = [f"and {len(inputs) - _MOST_INPUTS} more"] if len(inputs) > _MOST_INPUTS else []
        lines = "\n".join([*inputs[:_MOST_INPUTS], *more])
        notes.append(f"its inputs, seen in a second run on copies that failed alike:\n{lines}")
    location, is_inferred = _place(graph, node)
    return FailingNode(tuple(notes), location, node.id, program, is_inferred)


def _place(graph: Graph, node: Node) -> tuple[Location, bool]:
    """Where a node stands, and whether that is inferred.

    PyTorch gives what unpacks a value no line, but names its outputs as the code does.
    """
    link = graph.link(node)
    if link.how is not How.INFERRED:
        return link.location, False
    first, *outer = iter_frames(link.location)
    names = [graph.values[value].name.partition(".")[0] for value in node.outputs]
    line = find_unpacking(first, names) if len(names) > 1 else None
    return called_from((line or first, *outer)), True


def _guessed(program: Program, frames: tuple[FileRange, ...], reason: str) -> FailingNode:
    graph = program.graph
    places = [frame for frame in frames if frame.file]
    nodes = [node for node in graph.iter_nodes() if places and _is_at(graph, node, places)]
    if len(nodes) == 1:
        text = f"the node, by its place: {_printed(graph, nodes[0])}"
    elif nodes:
        shown = "\n".join(_printed(graph, node) for node in nodes[:_MOST_CANDIDATES])
        more = "\n…" if len(nodes) > _MOST_CANDIDATES else ""
        text = f"one of the {len(nodes)} nodes of this place:\n{shown}{more}"
    else:
        text = "no node of the graph has this place"
    single = nodes[0].id if len(nodes) == 1 else None
    location = graph.link(nodes[0]).location if single else Unknown("PyTorch names no line")
    return FailingNode((text, f"its inputs are not known: {reason}"), location, single, program)


def _is_at(graph: Graph, node: Node, frames: list[FileRange]) -> bool:
    """Whether a node comes from the innermost frame, by way of all the others."""
    own = list(iter_frames(graph.link(node).location))
    if not own or node.op.startswith("prim::Constant") or node.op == "prim::GetAttr":
        return False
    first, *others = frames
    same = (own[0].file, own[0].line) == (first.file, first.line)
    if not same or (not first.is_whole_line and own[0].col != first.col):
        return False
    lines = {(frame.file, frame.line) for frame in own}
    return all((frame.file, frame.line) in lines for frame in others)


def _printed(graph: Graph, node: Node) -> str:
    listing = list_graph(graph, comments=False)
    return listing.lines[listing.rows[node.id][0]].strip().removeprefix("= ")


def _inputs(graph: Graph, node: Node, seen: dict[int, str]) -> Iterator[str]:
    for value in dict.fromkeys(node.inputs):
        name = graph.values[value].name
        what = _what(graph, value, seen)
        if what:
            yield f"%{name}  {what}"


def _what(graph: Graph, value: int, seen: dict[int, str]) -> str:
    """Dtype and shape of a tensor, the value of a constant, "" where neither is known."""
    producer = graph.producers.get(value)
    if producer is not None and producer.op == "prim::ListConstruct":
        items = [_what(graph, item, seen) for item in producer.inputs[:_MOST_INPUTS]]
        if all(items) and len(producer.inputs) <= _MOST_INPUTS:
            return f"[{', '.join(items)}]"
    if value in seen:
        return _with_weight(graph, producer, seen[value])
    if producer is not None and producer.op == "prim::Constant":
        constant = producer.find_attribute("value")
        return "None" if constant is None else _cut(render_literal(constant))
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _with_weight(graph: Graph, producer: Node | None, what: str) -> str:
    if producer is None or producer.op != "prim::GetAttr":
        return what
    name = producer.find_attribute("name")
    scope = graph.scope(producer)
    return f"{what}  {scope + '.' if scope else ''}{name}"
