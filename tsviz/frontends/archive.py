"""`tsviz.open`: a model file from anywhere, without running what a stranger put into it.

First the file is inspected: nothing is loaded, PyTorch is not even imported. Where nothing in it
would run on load, a child process loads it and answers with the graphs as data. Where something
would, that is said and nothing is loaded. `trust=True` is the user's word that the file may do as
it likes: it is loaded here, and the program can run.

A child process keeps this one alive and its secrets at home; it is no sandbox against whoever
finds a hole in PyTorch's own reader.
"""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tsviz.errors import ArchiveError, CaptureError, Diagnostic
from tsviz.frontends.archive_errors import PACKAGES, child_error, load_error, no_method
from tsviz.frontends.archive_looks import Look, look, sources_of, take_look
from tsviz.frontends.archive_sources import read_foreign_source
from tsviz.frontends.inspecting import ArchiveContents, inspect, inspect_directory, open_archive
from tsviz.frontends.program import Came, OpenedFile, Program, TextOnly
from tsviz.frontends.saved import program_of_facts, program_of_saved
from tsviz.frontends.sources import collect_sources
from tsviz.frontends.zip_directory import Directory, open_file
from tsviz.ir import Graph, check_record, graph_of_record
from tsviz.jit.confinement import Limits
from tsviz.jit.isolate import ARCHIVE_READER, ChildFailure, get_child
from tsviz.location import SourceFile

__all__ = ["ArchiveContents", "inspect", "open", "open_within"]

_NONSENSE = (
    *(CaptureError, KeyError, IndexError, TypeError, ValueError),
    *(AttributeError, RecursionError),
)
_WRAPPER = "PlaceholderModule"
"""What PyTorch calls the module it wraps a saved function in; the function's name is lost."""
_MOST_CHECKED = 2**30
_MEBIBYTE = 2**20


def open(path: str | Path, *, trust: bool = False) -> Program:
    """Opens a TorchScript archive (`.pt`, `.pth`, `.jit`, `.ptl`) or a saved `.tsviz` file.

    Args:
        path: of the file.
        trust: load it into this process, which runs whatever code it holds. Without, the program
            can be looked at and cannot be run.

    Raises:
        ArchiveError: `TSV-A01` to `TSV-A08` it cannot be read or is not sound; `TSV-A09` to
            `TSV-A11` it is something else; `TSV-A13` it would run code on load; `TSV-A14` to
            `TSV-A22` PyTorch cannot load it.
    """
    return open_within(path, trust=trust)


def open_within(
    path: str | Path, *, trust: bool = False, seconds: int = 0, memory: int = 0
) -> Program:
    """As `open`, with limits for the child process that reads it.

    Args:
        path: of the file.
        trust: as of `open`; nothing is limited then.
        seconds: of processor time, 0 for as many as suit what is in the file.
        memory: bytes, 0 for as many as suit it.

    Raises:
        ArchiveError: as `open`.
    """
    file = Path(path)
    if file.suffix == ".tsviz":
        with open_file(file) as stream:
            return program_of_saved(stream.read())
    opened = OpenedFile.find(file)
    with open_archive(file) as directory:
        if find_spec("torch") is None:
            message = f"reading `{file}` needs PyTorch, which is not installed here"
            raise ArchiveError(Diagnostic("TSV-A21", message, help="pip install torch"))
        asked = (seconds, memory)
        program = _load_here(directory) if trust else _read_in_child(directory, asked)
    is_function = program.title == _WRAPPER
    return replace(program, title=file.stem if is_function else program.title, file=opened)


def _load_here(directory: Directory) -> Program:
    from tsviz.frontends.archive_loading import LOAD_FAILURES, import_entry, load

    contents = inspect_directory(directory)
    try:
        native = load(directory.path, _packages(contents), contents.calls)
    except LOAD_FAILURES as error:
        raise load_error(contents, str(error)) from error
    program = import_entry(native, Came.TRUSTED, sources_of(contents))
    if program is None:
        raise no_method(directory.path)
    warnings = _warnings(directory, contents)
    return replace(program, diagnostics=(*program.diagnostics, *warnings))


def _read_in_child(directory: Directory, asked: tuple[int, int]) -> Program:
    # The child imports PyTorch while this process looks into the archive.
    with get_child(ARCHIVE_READER) as child:
        found = take_look(directory.path) or look(directory, child.folder)
        contents = found.contents
        with ThreadPoolExecutor(1) as beside:  # checksums of all weights: the child works meanwhile
            warnings = beside.submit(lambda: tuple(_warnings(directory, contents)))
            try:
                answer = child.ask(_request(found), _limits(contents, *asked))
            except ChildFailure as failure:
                raise child_error(directory.path, failure) from failure
    try:
        program = _program(contents, answer, found.sources)
    except _NONSENSE as error:  # as from a child that hostile bytes have taken over
        nonsense = ChildFailure("error", f"its answer makes no sense: {error!r}")
        raise child_error(directory.path, nonsense) from error
    return replace(program, diagnostics=warnings.result())


def _request(found: Look) -> dict[str, Any]:
    """As `tsviz.frontends.archive_loading.read_in_child` takes it."""
    return {
        "paths": [str(file.absolute()) for file in found.files],
        "packages": _packages(found.contents),
        "sources": {path: source.text for path, source in found.sources.items()},
        "calls": [[key, astuple(call)] for key, call in found.contents.calls.items()],
    }


def _program(
    contents: ArchiveContents, answer: Mapping[str, Any], sources: Mapping[str, SourceFile]
) -> Program:
    """The program that a child described.

    Raises:
        ArchiveError: PyTorch refused the archive, or it has no method.
        KeyError, …: `_NONSENSE`.
    """
    if "refused" in answer:
        raise load_error(contents, str(answer["refused"]))
    methods = _LazyGraphs(answer["graphs"])
    if not methods.records:
        raise no_method(Path(contents.path))
    graph = graph_of_record(methods.records.pop(""))
    native = TextOnly(
        "one that was read in a child process",
        f"if you trust whoever made it: tsviz.open({contents.path!r}, trust=True)",
    )
    found = collect_sources(graph.links.values(), sources, read_foreign_source)
    return program_of_facts(answer["facts"], graph, methods, found, Came.CHILD, native)


class _LazyGraphs(Mapping[str, Graph]):
    """The compiled methods by name; each is read when first asked for."""

    def __init__(self, records: Mapping[str, Any]) -> None:
        self.records = {name: check_record(record) for name, record in records.items()}
        self._graphs: dict[str, Graph] = {}

    def __getitem__(self, name: str) -> Graph:
        if name not in self._graphs:
            self._graphs[name] = graph_of_record(self.records[name])
        return self._graphs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


# ── around it ───────────────────────────────────────────────────────────────────────────────────


def _packages(contents: ArchiveContents) -> tuple[str, ...]:
    """What registers the operators that the archive calls."""
    spaces = {operator.partition("::")[0] for operator in contents.operators}
    return tuple(sorted({PACKAGES[space] for space in spaces if space in PACKAGES}))


def _limits(contents: ArchiveContents, seconds: int, memory: int) -> Limits:
    """What was asked for, else generous for honest archives: time for code, memory for weights."""
    code = sum(map(len, contents.code.values())) // _MEBIBYTE
    unpacked = sum(contents.records.values())
    return Limits(seconds=seconds or 120 + 30 * code, memory=memory or 4 * 2**30 + 4 * unpacked)


def _warnings(directory: Directory, contents: ArchiveContents) -> Iterator[Diagnostic]:
    damaged = directory.find_damaged(_MOST_CHECKED)
    if damaged is not None:
        message = f"`{damaged}` in `{directory.path}` is damaged: its checksum is wrong"
        note = "PyTorch does not check this: the model loads, with wrong numbers in it"
        yield Diagnostic("TSV-A31", message, notes=(note,), severity="warning")
    devices = [name for name in contents.devices if name.partition(":")[0] not in ("cpu", "meta")]
    if devices:
        message = f"`{directory.path}` names {', '.join(devices)}, so it runs only where that is"
        yield Diagnostic("TSV-A32", message, severity="warning")
