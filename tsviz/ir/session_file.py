"""The `.tsviz` file: a captured program without its weights, to share and to diff.

A zip of JSON and text: a manifest with a versioned schema, one record a graph, one text a source
file. No pickle, nothing is executed, no torch needed. Entries are written in a fixed order with a
fixed date, so saving what was opened gives the same bytes.
"""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import cast

from tsviz.errors import ArchiveError, Diagnostic, TsvizError
from tsviz.ir.graph import Graph
from tsviz.ir.record import check_record, graph_of_record, record_graph
from tsviz.location import Origin, SourceFile

SCHEMA = 1
_MANIFEST = "manifest.json"
_DATE = (1980, 1, 1, 0, 0, 0)
_MOST_ENTRIES = 20_000
_MOST_BYTES = 2 << 30
# What unpacking, decoding and reading raise on bytes that tsviz did not write.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,  # an encrypted entry, an unknown compression, JSON nested without end
)


@dataclass(frozen=True, slots=True)
class SavedProgram:
    """The contents of a `.tsviz` file.

    Attributes:
        facts: JSON-ready facts about the program (title, variant, modules, weights, …).
        graphs: by name, the entry point first.
        sources: by path.
    """

    facts: Mapping[str, object]
    graphs: Mapping[str, Graph]
    sources: Mapping[str, SourceFile]


def write_session(program: SavedProgram) -> bytes:
    """The bytes of a `.tsviz` file."""
    sources = list(program.sources.values())
    manifest = {
        "format": "tsviz",
        "schema": SCHEMA,
        "facts": dict(program.facts),
        "graphs": list(program.graphs),
        "sources": [{"path": s.path, "origin": str(s.origin)} for s in sources],
    }
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _add(archive, _MANIFEST, _json(manifest))
        for number, graph in enumerate(program.graphs.values()):
            _add(archive, f"graphs/{number}.json", _json(record_graph(graph)))
        for number, source in enumerate(sources):
            _add(archive, f"sources/{number}.txt", source.text)
    return buffer.getvalue()


def read_session(data: bytes) -> SavedProgram:
    """Reads the bytes of a `.tsviz` file.

    Raises:
        ArchiveError: `TSV-A40` it is not one, `TSV-A41` it is of a newer schema, `TSV-A42` it
            is damaged or too large.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except zipfile.BadZipFile as error:
        raise ArchiveError(_not_one("it is no zip file")) from error
    try:
        return _read(archive)
    except ArchiveError:
        raise
    except TsvizError as error:
        raise ArchiveError(_damaged(error.diagnostic.message)) from error
    except _DAMAGE as error:
        raise ArchiveError(_damaged(f"{type(error).__name__}: {error}")) from error


def _read(archive: zipfile.ZipFile) -> SavedProgram:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_BYTES:
        raise ArchiveError(_damaged("it has more than 20,000 entries or 2 GiB"))
    if _MANIFEST not in archive.namelist():
        raise ArchiveError(_not_one("it has no manifest"))
    manifest = json.loads(archive.read(_MANIFEST))
    if not isinstance(manifest, dict):
        raise ArchiveError(_not_one("its manifest is no object"))
    manifest = cast("dict[str, object]", manifest)
    if manifest.get("format") != "tsviz":
        raise ArchiveError(_not_one("its manifest is of another format"))
    schema = manifest.get("schema")
    if not isinstance(schema, int) or schema < 1:
        raise ArchiveError(_not_one("its manifest names no schema"))
    if schema > SCHEMA:
        message = f"expected a .tsviz file of schema {SCHEMA}, got schema {schema}"
        raise ArchiveError(Diagnostic("TSV-A41", message, help="open it with a newer tsviz"))
    if not manifest["graphs"]:
        raise ValueError("it lists no graph")
    names = cast("list[str]", manifest["graphs"])
    listed = cast("list[dict[str, str]]", manifest["sources"])
    graphs = {
        name: graph_of_record(check_record(json.loads(archive.read(f"graphs/{number}.json"))))
        for number, name in enumerate(names)
    }
    sources = {
        row["path"]: SourceFile(
            row["path"],
            archive.read(f"sources/{number}.txt").decode("utf-8", "surrogatepass"),
            Origin(row["origin"]),
        )
        for number, row in enumerate(listed)
    }
    return SavedProgram(cast("dict[str, object]", manifest["facts"]), graphs, sources)


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.encode("utf-8", "surrogatepass"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _not_one(reason: str) -> Diagnostic:
    return Diagnostic("TSV-A40", f"expected a .tsviz file, got something else: {reason}")


def _damaged(reason: str) -> Diagnostic:
    message = "expected a whole .tsviz file, got a damaged one"
    remedy = "fetch the file again, or save the program again"
    return Diagnostic("TSV-A42", message, notes=(reason,), help=remedy)
