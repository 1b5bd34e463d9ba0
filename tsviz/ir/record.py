"""A graph with its links as plain JSON data, for files and for the child process.

The structure is the canonical text; what the text lacks (links) is a table in the order of its
nodes. Ids are not stored: reading allocates new ones.
"""

from dataclasses import replace
from typing import TypedDict, cast

from tsviz.ir.graph import Graph
from tsviz.ir.parser import read_graph
from tsviz.ir.printer import render_graph
from tsviz.location import CallSite, FileRange, How, Link, Location, Unknown

FrameRow = tuple[int, int, int, int, int, int]
"""file (index), line, col, end_line, end_col, function (index)."""


class GraphRecord(TypedDict):
    """One graph.

    Keys:
        text: canonical text, with scopes.
        strings: files, functions and reasons.
        frames: distinct frames.
        places: distinct locations: `[frame or -1, reason string, place of the caller or -1]`; a
            caller stands before what it calls.
        links: for every node in printed order `[place, how]`.
    """

    name: str
    dialect: str
    text: str
    strings: list[str]
    frames: list[FrameRow]
    places: list[tuple[int, int, int]]
    links: list[tuple[int, str]]


def record_graph(graph: Graph) -> GraphRecord:
    """The record of `graph`; equal graphs with equal links give equal records."""
    writer = _Writer()
    links = [graph.link(node) for node in graph.iter_nodes()]
    rows = [(writer.place(link.location), str(link.how)) for link in links]
    return GraphRecord(
        name=graph.name,
        dialect=graph.dialect,
        text=render_graph(graph, comments=False),
        strings=list(writer.strings),
        frames=list(writer.frames),
        places=list(writer.places),
        links=rows,
    )


class _Writer:
    def __init__(self) -> None:
        self.strings: dict[str, int] = {}
        self.frames: dict[FrameRow, int] = {}
        self.places: dict[tuple[int, int, int], int] = {}
        self.known: dict[Location, int] = {}

    def place(self, location: Location) -> int:
        chain: list[Location] = []
        while location not in self.known:
            chain.append(location)
            if not isinstance(location, CallSite):
                break
            location = location.caller
        for link in reversed(chain):
            inner = link.callee if isinstance(link, CallSite) else link
            caller = self.known[link.caller] if isinstance(link, CallSite) else -1
            frame = self._frame(inner) if isinstance(inner, FileRange) else -1
            reason = self._string(inner.reason) if isinstance(inner, Unknown) else -1
            row = (frame, reason, caller)
            self.known[link] = self.places.setdefault(row, len(self.places))
        return self.known[chain[0] if chain else location]

    def _frame(self, frame: FileRange) -> int:
        row = (
            self._string(frame.file),
            frame.line,
            frame.col,
            frame.end_line,
            frame.end_col,
            self._string(frame.function),
        )
        return self.frames.setdefault(row, len(self.frames))

    def _string(self, text: str) -> int:
        return self.strings.setdefault(text, len(self.strings))


def graph_of_record(record: GraphRecord) -> Graph:
    """The graph that `record_graph` recorded, with ids of its own.

    Raises:
        CaptureError: the text is not IR.
        ValueError, IndexError: the tables do not fit the text.
    """
    reading = read_graph(record["text"], record["name"])
    places = _read_places(record)
    shared: dict[tuple[int, str], Link] = {}
    links: dict[int, Link] = {}
    for node, (place, how) in zip(reading.graph.iter_nodes(), record["links"], strict=True):
        link = shared.get((place, how))
        if link is None:
            link = shared[place, how] = Link(places[place], How(how))
        links[node.id] = link
    return replace(reading.graph, dialect=record["dialect"], links=links, scopes=reading.scopes)


def _read_places(record: GraphRecord) -> list[Location]:
    strings = record["strings"]
    frames = [
        FileRange(strings[file], line, col, end_line, end_col, strings[function])
        for file, line, col, end_line, end_col, function in record["frames"]
    ]
    places: list[Location] = []
    for frame, reason, caller in record["places"]:
        inner = frames[frame] if frame >= 0 else Unknown(strings[reason])
        places.append(inner if caller < 0 else CallSite(inner, places[caller]))
    return places


def check_record(value: object) -> GraphRecord:
    """`value` as a record, if it has the shape of one.

    Raises:
        ValueError: it has not.
    """
    if not isinstance(value, dict):
        raise ValueError("a graph record is an object")
    record = cast("dict[str, object]", value)
    lists = ("strings", "frames", "places", "links")
    if not all(isinstance(record.get(key), str) for key in ("name", "dialect", "text")):
        raise ValueError("a graph record has a name, a dialect and a text")
    if not all(isinstance(record.get(key), list) for key in lists):
        raise ValueError(f"a graph record has lists named {', '.join(lists)}")
    return cast("GraphRecord", record)
