"""What was made of a model, held against its Python code: the part of a document that says so.

Files are named by their paths: those of the document, or those that come along with an answer.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlacePayload:
    """A range of source; lines 1-based, columns 0-based (col = end_col = 0: the whole line).

    `file` is a row of `ComparisonPayload.files`.
    """

    file: int
    line: int
    col: int
    end_line: int
    end_col: int


@dataclass(frozen=True, slots=True)
class FindingPayload:
    """One thing that a variant lost.

    Attributes:
        status: `proven`, `possible` or `harmless`.
        sentence, consequence, remedy, reason: for people; the last says why it is not proven.
        affected: further places that are decided by this one.
        warned: whether PyTorch warned of this line while tracing.
        script: what shows it, or "".
        input: in what the counter-example differs from the example inputs, or "".
        expected, found: what Python gave on it, and what the variant gave; "" without one.
    """

    variant: str
    status: str
    loss: str
    place: PlacePayload | None
    sentence: str
    consequence: str
    remedy: str
    reason: str
    affected: list[PlacePayload]
    warned: bool
    script: str
    input: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class FlowPayload:
    """A place where Python can go more than one way.

    Attributes:
        kind: `if`, `while`, `for`, …
        went: how it went for the example.
        held: what the trace holds of it; "" where there is no trace.
        findings: rows of those about it.
    """

    place: PlacePayload
    kind: str
    condition: str
    went: str
    held: str
    findings: list[int]


@dataclass(frozen=True, slots=True)
class ComparedPayload:
    """One variant: how much was tried, in words, and why it could not be made, or ""."""

    variant: str
    words: str
    failure: str


@dataclass(frozen=True, slots=True)
class ComparisonPayload:
    """A comparison.

    Attributes:
        domain: the inputs that count, as text.
        is_interrupted: whether someone stopped it; what was found by then is here.
        noise: how far two runs in Python are from each other; `None` where they do not agree.
        runs: how often the Python code was run, on copies.
        findings: those of all variants, proven first.
        files: the paths that places are in.
    """

    title: str
    domain: str
    is_interrupted: bool
    noise: float | None
    runs: int
    variants: list[ComparedPayload]
    findings: list[FindingPayload]
    flow: list[FlowPayload]
    files: list[str]
