"""From an archive to a `Program` through PyTorch: in a child process or, trusted, in this one."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tsviz.frontends.archive_sources import read_foreign_source
from tsviz.frontends.program import Came, Program
from tsviz.frontends.saved import program_facts
from tsviz.frontends.torchscript import import_program
from tsviz.ir import record_graph
from tsviz.jit import natives
from tsviz.jit.loading import LOAD_FAILURES, load
from tsviz.location import FileRange, Origin, SourceFile

__all__ = ["LOAD_FAILURES", "import_entry", "load", "read_in_child"]


def import_entry(native: object, came: Came, sources: Mapping[str, SourceFile]) -> Program | None:
    """Imports `forward` of a loaded model, or else its first method; `None` where it has none.

    Args:
        native: what `load` gave.
        came: how it was loaded.
        sources: original texts by path.
    """
    methods = natives.method_names(native)
    if not methods:
        return None
    return import_program(
        native, methods[0], came=came, sources=sources, read_other=read_foreign_source
    )


def read_in_child(request: dict[str, Any]) -> dict[str, Any]:
    """The child's work.

    Args:
        request: `paths`, of which the first that PyTorch loads is taken; `packages`, `sources` as
            path → text, `calls` as pairs.

    Returns:
        `facts` and `graphs` (the entry point under "", nothing where there is no method), or
        `refused` with PyTorch's words.
    """
    try:
        native = _load_first(request)
    except LOAD_FAILURES as error:
        return {"refused": str(error)}
    sources = {
        path: SourceFile(path, text, Origin.ARCHIVE) for path, text in request["sources"].items()
    }
    program = import_entry(native, Came.CHILD, sources)
    if program is None:
        return {"facts": {}, "graphs": {}}
    graphs = {"": program.graph, **program.methods}
    records = {name: record_graph(graph) for name, graph in graphs.items()}
    return {"facts": program_facts(program), "graphs": records}


def _load_first(request: Mapping[str, Any]) -> object:
    packages = tuple(request["packages"])
    calls = {tuple(key): FileRange(*call) for key, call in request["calls"]}
    *copies, archive = map(Path, request["paths"])
    for copy in copies:
        with suppress(*LOAD_FAILURES):  # what PyTorch says shall be about the archive
            return load(copy, packages, calls)
    return load(archive, packages, calls)
