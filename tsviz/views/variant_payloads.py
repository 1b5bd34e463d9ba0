"""Other variants of a program for the browser: their graphs, and which nodes correspond."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tsviz.location import Location, SourceFile
from tsviz.protocol import Column
from tsviz.protocol.tables import GraphPayload
from tsviz.protocol.variant_tables import VariantPayload
from tsviz.views.graph_tables import Known, graph_payload
from tsviz.views.places import Intern, Places
from tsviz.views.reports import coverage_payload, diagnostic_payload

if TYPE_CHECKING:
    from tsviz.comparison import Alignment, Beside

Number = Callable[[Hashable], int]
"""A node id, or another key → what it is called in the document."""

HOW = ("calls", "line", "structure")
"""By what two nodes were found to correspond, as the wire counts it."""


def sources_of(laid: "Sequence[Beside]") -> dict[str, SourceFile]:
    """The files that variants, and failures to make them, point at, by path."""
    found: dict[str, SourceFile] = {}
    for one in laid:
        found |= one.sources if one.alignment is None else one.alignment.second.sources
    return found


def locations_of(laid: "Sequence[Beside]") -> Iterator[Location]:
    """Where their nodes and their failures are."""
    for one in laid:
        if one.failure is not None:
            yield one.failure.location
        if one.alignment is not None:
            links = {id(link): link for link in one.alignment.second.graph.links.values()}
            yield from (link.location for link in links.values())


def variant_graphs(
    laid: "Sequence[Beside]", known: Known, intern: Intern, places: Places
) -> Iterator[GraphPayload]:
    """The graphs of those that could be made, in order."""
    for row, one in enumerate(laid):
        if one.alignment is not None:
            program = one.alignment.second
            name = f"{program.method} · {one.name}"
            here = replace(known, number=_numbers(one.alignment, row, known.number))
            yield graph_payload(program, program.graph, name, "variant", here, intern, places)


def _numbers(alignment: "Alignment", row: int, number: Number) -> Number:
    """What the nodes of a variant are called: as their counterparts are, else as nothing else."""
    counterparts: dict[Hashable, int] = {pair.second: pair.first for pair in alignment.pairs}

    def number_of(node: Hashable) -> int:
        return number(counterparts.get(node, (row, node)))

    return number_of


def variant_payloads(
    laid: "Sequence[Beside]",
    first_row: int,
    number: Number,
    files: Mapping[str, int],
    said: Callable[[str], str],
) -> list[VariantPayload]:
    """What is known of variants beside their graphs.

    Args:
        first_row: row of the first of their graphs.
        number: what a node of the program is called in the document.
        files: path → row in the document.
        said: how sentences are written.
    """
    rows = iter(range(first_row, first_row + len(laid)))
    payloads: list[VariantPayload] = []
    for one in laid:
        found, failure = one.alignment, one.failure
        pairs = () if found is None else found.pairs
        lost = () if found is None else found.lines()
        payloads.append(
            VariantPayload(
                variant=one.name,
                banner="" if found is None else said(found.second.banner),
                graph=-1 if found is None else next(rows),
                failure=None if failure is None else diagnostic_payload(failure, files, said),
                coverage=None if found is None else coverage_payload(found.second),
                pairs=Column.of("i32", (number(pair.first) for pair in pairs)),
                how=Column.of("u8", (HOW.index(pair.how) for pair in pairs)),
                lost_file=Column.of("i32", (files[line.line.file] for line in lost)),
                lost_line=Column.of("i32", (line.line.line for line in lost)),
                lost_here=Column.of("u8", (int(line.is_in_first) for line in lost)),
            )
        )
    return payloads
