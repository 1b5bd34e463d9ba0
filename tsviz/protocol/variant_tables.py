"""Another variant of the program, laid beside it."""

from dataclasses import dataclass

from tsviz.protocol.columns import Column
from tsviz.protocol.report_tables import CoveragePayload, DiagnosticPayload


@dataclass(frozen=True, slots=True)
class VariantPayload:
    """Another variant of the same Python, and which of its nodes correspond to the program's.

    Nodes that correspond have one number in both graphs (`NodesPayload.id`).

    Attributes:
        variant: how it was made, as `Document.variant` has it.
        banner: as `Document.banner`, of this variant.
        graph: its graph, or -1 where it could not be made.
        failure: why it could not be made.
        coverage: how surely its nodes are linked.
        pairs: the numbers of nodes that correspond, in the program's order.
        how: of each, by what that was found: 0 the same line and calls · 1 the same line
            · 2 structure.
        lost_file, lost_line: lines that only one of the two has nodes of, by file and number.
        lost_here: whether that is the program (1) or this variant (0).
    """

    variant: str
    banner: str
    graph: int
    failure: DiagnosticPayload | None
    coverage: CoveragePayload | None
    pairs: Column
    how: Column
    lost_file: Column
    lost_line: Column
    lost_here: Column
