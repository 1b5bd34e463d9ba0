"""What is said of a program as a whole: how surely it is linked, and diagnostics."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoveragePayload:
    """How many nodes have a model line and how surely (counts).

    `lines` distinct model lines, `top_share` share (0 to 1) of the most frequent line, `summary`
    the one-line text.
    """

    nodes: int
    exact: int
    call: int
    inferred: int
    none: int
    lines: int
    top_share: float
    summary: str


@dataclass(frozen=True, slots=True)
class DiagnosticPayload:
    """A rendered diagnostic; `file` and `line` are -1 where no place is known."""

    code: str
    severity: str
    message: str
    file: int
    line: int
    notes: list[str]
    help: str
