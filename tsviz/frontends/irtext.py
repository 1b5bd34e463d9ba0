"""`tsviz.parse`: a graph that was printed somewhere, such as in a bug report.

The text says where most nodes come from (`# model.py:12:8`), if only where their range begins, and
nothing of the calls they were inlined through. Files of those names are looked for on this machine.
"""

from dataclasses import replace

from tsviz.frontends.archive_sources import read_foreign_source
from tsviz.frontends.lines import is_printed
from tsviz.frontends.links import link_nodes
from tsviz.frontends.program import Came, Program, TextOnly, Variant
from tsviz.frontends.sources import collect_sources
from tsviz.ir import Reading, comment_place, read_graph
from tsviz.jit.evidence import UNKNOWN_STACK, Evidence
from tsviz.jit.ranges import is_known_file

_NO_MODEL = TextOnly("a graph that was read from text", "capture the model, or open its file")
_TRACED_SCOPE = "__module"


def parse(text: str) -> Program:
    """Reads the first graph in `text`, with its subgraphs; what stands before it is passed over.

    Args:
        text: what PyTorch prints for a graph, or tsviz.

    Raises:
        CaptureError: `TSV-C20` there is no graph; `TSV-C21`, `TSV-C22` a line is not understood.
    """
    reading = read_graph(text)
    links, _ = link_nodes(reading.graph, _evidence(reading))
    return Program(
        graph=replace(reading.graph, links=links, scopes=_scopes(reading)),
        methods={},
        sources=collect_sources(links.values(), {}, read_foreign_source),
        variant=Variant.TEXT,
        inputs=None,
        native=_NO_MODEL,
        title="IR text",
        method=reading.graph.name,
        came=Came.TEXT,
    )


def _evidence(reading: Reading) -> dict[int, Evidence]:
    known: dict[str, Evidence] = {}  # equal evidence is shared, as link_nodes expects
    for comment in reading.comments.values():
        if comment not in known:
            known[comment] = _read_comment(comment)
    return {node: known[comment] for node, comment in reading.comments.items()}


def _read_comment(comment: str) -> Evidence:
    place = comment_place(comment)
    if place is None or not is_known_file(place.file):
        return Evidence(stack=UNKNOWN_STACK)
    if is_printed(place.file):
        return Evidence(serialized=place, stack=UNKNOWN_STACK)
    return Evidence(own=(place,), stack=UNKNOWN_STACK)


def _scopes(reading: Reading) -> dict[int, str]:
    """Module paths; a trace prints them as `__module.layer/__module.layer.conv`."""
    return {
        node: scope.rsplit("/", 1)[-1].removeprefix(_TRACED_SCOPE).lstrip(".")
        if scope.startswith(_TRACED_SCOPE)
        else scope
        for node, scope in reading.scopes.items()
    }
