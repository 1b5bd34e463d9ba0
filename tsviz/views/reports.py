"""What is said of a program as a whole, for the wire: coverage and diagnostics."""

from collections.abc import Callable, Mapping

from tsviz.errors import Diagnostic
from tsviz.frontends import Program
from tsviz.location import iter_frames
from tsviz.protocol import tables


def coverage_payload(program: Program) -> tables.CoveragePayload:
    """How surely the nodes of a program are linked."""
    coverage = program.coverage()
    return tables.CoveragePayload(
        nodes=coverage.nodes,
        exact=coverage.exact,
        call=coverage.call,
        inferred=coverage.inferred,
        none=coverage.none,
        lines=coverage.lines,
        top_share=coverage.top_share,
        summary=coverage.summary,
    )


def diagnostic_payload(
    item: Diagnostic,
    files: Mapping[str, int] | None = None,
    said: Callable[[str], str] = str,
) -> tables.DiagnosticPayload:
    """A diagnostic for the wire.

    Args:
        files: paths → rows of the document; without them no place is named.
        said: how its sentences are written.
    """
    place = next(iter_frames(item.location), None)
    row = (files or {}).get(place.file, -1) if place is not None else -1
    return tables.DiagnosticPayload(
        code=item.code,
        severity=item.severity,
        message=said(item.message),
        file=row,
        line=place.line if place is not None and row >= 0 else -1,
        notes=[said(note) for note in item.notes],
        help=said(item.help),
    )
