"""`.tsviz` files: what is written is read back, and what is no whole one is refused in words."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from tsviz.errors import ArchiveError
from tsviz.ir import Graph, SavedProgram, read_graph, read_session, render_graph, write_session
from tsviz.location import CallSite, FileRange, How, Link, Origin, SourceFile, Unknown

TEXT = """graph(%c : bool,
      %x : Tensor):
  %y : Tensor = prim::If(%c)
    block0():
      %a : Tensor = aten::relu(%x)
      -> (%a)
    block1():
      -> (%x)
  return (%y)"""

Change = Callable[[dict[str, bytes]], None]


def saved() -> SavedProgram:
    graph = read_graph(TEXT, "forward").graph
    call = CallSite(FileRange("net.py", 7, 8, 7, 21, "forward"), FileRange("main.py", 3, 0, 3, 8))
    links = [Link(call, How.CALL), Link(Unknown("it was folded"), How.NONE)]
    graph = replace(graph, links=dict(zip(graph.nodes, links, strict=True)))
    source = SourceFile("net.py", "x = 'é\udcff'\r\n", Origin.CELL)
    return SavedProgram({"title": "Net"}, {"": graph}, {"net.py": source})


def edited(change: Change) -> bytes:
    """A whole file with its entries changed."""
    with zipfile.ZipFile(io.BytesIO(write_session(saved()))) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def with_manifest(**changed: object) -> Change:
    def change(entries: dict[str, bytes]) -> None:
        manifest = json.loads(entries["manifest.json"])
        entries["manifest.json"] = json.dumps({**manifest, **changed}).encode()

    return change


def with_graph(**changed: object) -> Change:
    def change(entries: dict[str, bytes]) -> None:
        record = json.loads(entries["graphs/0.json"])
        entries["graphs/0.json"] = json.dumps({**record, **changed}).encode()

    return change


def said(data: bytes) -> str:
    with pytest.raises(ArchiveError) as caught:
        read_session(data)
    return str(caught.value)


def links_of(graph: Graph) -> list[Link]:
    return [graph.link(node) for node in graph.iter_nodes()]


def test_what_is_written_is_read_back() -> None:
    program = saved()
    again = read_session(write_session(program))
    assert again.facts == program.facts
    assert again.sources == program.sources
    assert render_graph(again.graphs[""]) == render_graph(program.graphs[""])
    assert links_of(again.graphs[""]) == links_of(program.graphs[""])


def test_opening_and_saving_gives_the_same_bytes() -> None:
    data = write_session(saved())
    assert write_session(read_session(data)) == data


def test_no_zip_file() -> None:
    assert said(b"graph(%x : Tensor):") == (
        "error[TSV-A40]: expected a .tsviz file, got something else: it is no zip file"
    )


def test_another_zip_file() -> None:
    assert said(edited(lambda entries: entries.clear())) == (
        "error[TSV-A40]: expected a .tsviz file, got something else: it has no manifest"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (with_manifest(format="netron"), "its manifest is of another format"),
        (lambda entries: entries.update({"manifest.json": b"[]"}), "its manifest is no object"),
        (with_manifest(schema=0), "its manifest names no schema"),
        (with_manifest(schema="1"), "its manifest names no schema"),
    ],
    ids=["named otherwise", "no object", "schema 0", "schema in words"],
)
def test_another_manifest(change: Change, reason: str) -> None:
    assert said(edited(change)) == (
        f"error[TSV-A40]: expected a .tsviz file, got something else: {reason}"
    )


def test_a_newer_schema() -> None:
    assert said(edited(with_manifest(schema=2))) == (
        "error[TSV-A41]: expected a .tsviz file of schema 1, got schema 2\n"
        "  help: open it with a newer tsviz"
    )


HELP = "  help: fetch the file again, or save the program again"


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (
            lambda entries: entries.pop("graphs/0.json"),
            '''KeyError: "There is no item named 'graphs/0.json' in the archive"''',
        ),
        (
            with_manifest(sources=[{"path": "a.py", "origin": "the moon"}]),
            "ValueError: 'the moon' is not a valid Origin",
        ),
        (
            lambda entries: entries.update({"manifest.json": b"{"}),
            "JSONDecodeError: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)",
        ),
        (with_manifest(graphs=[]), "ValueError: it lists no graph"),
        (with_manifest(sources=3), "TypeError: 'int' object is not iterable"),
        (
            lambda entries: entries.update({"graphs/0.json": b"[]"}),
            "ValueError: a graph record is an object",
        ),
        (with_graph(text=3), "ValueError: a graph record has a name, a dialect and a text"),
        (
            with_graph(links=None),
            "ValueError: a graph record has lists named strings, frames, places, links",
        ),
        (with_graph(links=[]), "ValueError: zip() argument 2 is shorter than argument 1"),
        (with_graph(places=[]), "IndexError: list index out of range"),
        (
            with_graph(text="graph(%x : Tensor):"),
            "expected the text to go on to `return (…)`, it ends before",
        ),
    ],
    ids=range(11),
)
def test_a_damaged_file(change: Change, note: str) -> None:
    assert said(edited(change)) == (
        f"error[TSV-A42]: expected a whole .tsviz file, got a damaged one\n  note: {note}\n{HELP}"
    )


def test_a_file_whose_bytes_were_changed() -> None:
    data = write_session(saved())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo("graphs/0.json")
    at = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    message = said(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]).split("\n")
    assert message[0] == "error[TSV-A42]: expected a whole .tsviz file, got a damaged one"
    assert message[-1] == HELP


def test_too_many_entries() -> None:
    def change(entries: dict[str, bytes]) -> None:
        entries.update({f"sources/{number}.txt": b"" for number in range(20_001)})

    assert said(edited(change)) == (
        "error[TSV-A42]: expected a whole .tsviz file, got a damaged one\n"
        f"  note: it has more than 20,000 entries or 2 GiB\n{HELP}"
    )
