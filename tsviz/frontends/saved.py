"""`Program` ↔ the contents of a `.tsviz` file."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import cast

from tsviz.errors import ArchiveError, Diagnostic
from tsviz.frontends.program import (
    Came,
    ModuleInfo,
    Program,
    TextOnly,
    Variant,
    WeightInfo,
)
from tsviz.ir import Graph, SavedProgram, read_session, write_session
from tsviz.location import SourceFile

_SAVED = TextOnly("a saved .tsviz file, which holds no weights", "open the model itself")


def saved_bytes(program: Program) -> bytes:
    """The bytes of the `.tsviz` file of a program."""
    graphs = {"": program.graph, **program.methods}
    return write_session(SavedProgram(program_facts(program), graphs, program.sources))


def program_of_saved(data: bytes) -> Program:
    """The program in the bytes of a `.tsviz` file; it cannot be run.

    Raises:
        ArchiveError: as `tsviz.ir.read_session`; `TSV-A43` what it says of the program is
            not whole.
    """
    saved = read_session(data)
    entry, *_ = saved.graphs
    methods = {name: graph for name, graph in saved.graphs.items() if name != entry}
    try:
        return program_of_facts(
            saved.facts, saved.graphs[entry], methods, saved.sources, Came.SAVED, _SAVED
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = "expected a .tsviz file with title, variant, modules and weights, got others"
        note = f"{type(error).__name__}: {error}"
        help = "fetch the file again, or save the program again"
        raise ArchiveError(Diagnostic("TSV-A43", message, notes=(note,), help=help)) from error


def program_facts(program: Program) -> dict[str, object]:
    """What is known of a program beside its graphs, sources and live object, as JSON data."""
    return {
        "title": program.title,
        "method": program.method,
        "variant": str(program.variant),
        "banner": program.banner,
        "code": program.code,
        "modules": [asdict(module) for module in program.modules],
        "weights": [{**asdict(weight), "shape": list(weight.shape)} for weight in program.weights],
    }


def program_of_facts(
    facts: Mapping[str, object],
    graph: Graph,
    methods: Mapping[str, Graph],
    sources: Mapping[str, SourceFile],
    came: Came,
    native: TextOnly,
) -> Program:
    """The program with the given facts and parts.

    Raises:
        KeyError, TypeError, ValueError: the facts are not those of a program.
    """
    modules = cast("list[dict[str, object]]", facts["modules"])
    weights = cast("list[dict[str, object]]", facts["weights"])
    return Program(
        graph=graph,
        methods=methods,
        sources=sources,
        variant=Variant(_text(facts, "variant")),
        inputs=None,
        native=native,
        title=_text(facts, "title"),
        method=_text(facts, "method"),
        came=came,
        banner=_text(facts, "banner"),
        modules=tuple(_module(row) for row in modules),
        weights=tuple(_weight(row) for row in weights),
        read_code=partial(str, _text(facts, "code")),
    )


def _text(facts: Mapping[str, object], key: str) -> str:
    return str(facts.get(key, ""))


def _module(row: dict[str, object]) -> ModuleInfo:
    return ModuleInfo(str(row["path"]), str(row["type_name"]), bool(row["training"]))


def _weight(row: dict[str, object]) -> WeightInfo:
    shape = tuple(_count(size) for size in cast("list[object]", row["shape"]))
    nbytes = _count(row["nbytes"])
    return WeightInfo(str(row["name"]), str(row["kind"]), str(row["dtype"]), shape, nbytes)


def _count(value: object) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"expected a count, got {value!r}")
    return value
