"""What PyTorch's tracer warns of, as diagnostics: the line, what it means, what it became."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from tsviz.errors import Diagnostic
from tsviz.frontends.failures.message import Message, first_meaning
from tsviz.frontends.failures.stack import frame_of, place_of
from tsviz.frontends.lines import is_tsviz
from tsviz.ir import Graph, list_graph
from tsviz.jit.compile_errors import first_words
from tsviz.jit.warned import Warned
from tsviz.location import FileRange, iter_frames

CODE = "TSV-C08"
_MOST = 3

WARNINGS = (
    Message(
        "decided-in-python",
        r"Converting a tensor to a Python boolean",
        "Python decides here by the value of a tensor, and the trace keeps the way this run took",
        "script this part (`via='hybrid'` or `'script'`), or choose with `torch.where`",
    ),
    Message(
        "tensor-to-numpy",
        r"Converting a tensor to a NumPy array",
        "a tensor goes to NumPy here, and what is computed there is a constant of this run",
        "compute it with PyTorch's ops",
    ),
    Message(
        "tensor-to-python",
        r"Converting a tensor to a Python (?P<kind>\w+)",
        "a tensor becomes a Python {kind} here, and the trace keeps the value of this run",
        "keep it a tensor, or script this part (`via='hybrid'`)",
    ),
    Message(
        "len",
        r"Using len to get tensor shape",
        "`len` of a tensor is a Python number, and the trace keeps that of this run",
        "write `x.shape[0]`, which a trace follows",
    ),
    Message(
        "iterated",
        r"Iterating over a tensor",
        "a loop runs over a tensor, and the trace keeps as many rounds as this run had",
        "script this part (`via='hybrid'`), or write it with ops on the whole tensor",
    ),
    Message(
        "constant",
        r"(?P<op>[\w.]+) results are registered as constants in the trace",
        "what `{op}` makes is a constant in the trace, with the values of this run",
        "compute it from the inputs with PyTorch's ops; it is harmless where it never changes",
    ),
    Message(
        "shared-memory",
        r"There are (?P<count>\d+) live references to the data region being modified when tracing "
        r"in-place operator (?P<op>\w+)",
        "`{op}` changes memory that {count} values share, which a trace can record wrongly",
        "use the op without the underscore, or change a `clone()`",
    ),
)


def describe_warnings(heard: Iterable[Warned]) -> tuple[Diagnostic, ...]:
    """A diagnostic for each line and reason; a line that runs many times is told once."""
    return tuple(dict.fromkeys(map(_describe, heard)))


def _describe(warned: Warned) -> Diagnostic:
    frames = (frame_of(summary) for summary in warned.stack)
    inside = takewhile(lambda frame: not is_tsviz(frame.file), frames)
    meaning = first_meaning(WARNINGS, warned.text)
    return Diagnostic(
        CODE,
        meaning.cause if meaning is not None else first_words(warned.text),
        place_of(inside),
        (f"PyTorch warned: {warned.text}",),
        meaning.help if meaning is not None else "",
        severity="warning",
    )


def with_nodes(found: tuple[Diagnostic, ...], graph: Graph) -> tuple[Diagnostic, ...]:
    """The same diagnostics; those of the tracer name what the line has become in the graph."""
    if not any(one.code == CODE for one in found):
        return found
    nodes = _nodes_by_line(graph)
    return tuple(_with_nodes(one, graph, nodes) if one.code == CODE else one for one in found)


def _nodes_by_line(graph: Graph) -> dict[tuple[str, int], list[int]]:
    found: dict[tuple[str, int], list[int]] = {}
    for node in graph.iter_nodes():
        for line in {_line(frame) for frame in iter_frames(graph.link(node).location)}:
            found.setdefault(line, []).append(node.id)
    return found


def _line(frame: FileRange) -> tuple[str, int]:
    return frame.file, frame.line


def _with_nodes(
    one: Diagnostic, graph: Graph, nodes: dict[tuple[str, int], list[int]]
) -> Diagnostic:
    place = next(iter_frames(one.location), None)
    if place is None:
        return one
    here = nodes.get(_line(place), [])
    constants = [node for node in here if graph.nodes[node].op == "prim::Constant"]
    shown = constants or here
    if not shown:
        note = "no node of this line is left: what it found is fixed in those that follow"
    else:
        listing = list_graph(graph, comments=False)
        rows = [listing.lines[listing.rows[node][0]].strip() for node in shown[:_MOST]]
        more = [f"and {len(shown) - _MOST} more"] if len(shown) > _MOST else []
        what = "constants" if constants else "nodes"
        note = "\n".join([f"the {what} of this line in the trace:", *rows, *more])
    return replace(one, notes=(note, *one.notes))
