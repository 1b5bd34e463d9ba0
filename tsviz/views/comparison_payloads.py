"""A comparison as the browser shows it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import torch
from torch.utils._pytree import tree_map

from tsviz.comparison import Compared, Comparison, Counterexample, Finding
from tsviz.comparison.subject import Outcome
from tsviz.jit.running import outcome_of
from tsviz.location import FileRange
from tsviz.protocol.comparison_tables import (
    ComparedPayload,
    ComparisonPayload,
    FindingPayload,
    FlowPayload,
    PlacePayload,
)
from tsviz.views.comparison_words import Flow, iter_flow, script_of, variant_words
from tsviz.views.sharing import share_path, share_text

_MOST_LINES = 12
_MOST_LETTERS = 800


def comparison_payload(found: Comparison) -> ComparisonPayload:
    """All findings, with what shows them; the objects behind them stay here."""
    files: dict[str, int] = {}

    def place(where: FileRange) -> PlacePayload:
        row = files.setdefault(where.file, len(files))
        return PlacePayload(row, where.line, where.col, where.end_line, where.end_col)

    return ComparisonPayload(
        title=found.title,
        domain=str(found.domain),
        is_interrupted=any(one.tally.is_interrupted for one in found.variants),
        noise=found.noise,
        runs=found.runs,
        variants=[_variant(one) for one in found.variants],
        findings=[_finding(finding, place) for finding in found.findings],
        flow=[_flow(row, place) for row in iter_flow(found)],
        files=list(files),
    )


def _variant(one: Compared) -> ComparedPayload:
    failure = "" if one.failure is None else one.failure.render()
    return ComparedPayload(one.variant, variant_words(one), failure)


def _finding(finding: Finding, place: Callable[[FileRange], PlacePayload]) -> FindingPayload:
    example = finding.counterexample
    return FindingPayload(
        variant=finding.variant,
        status=finding.status,
        loss=finding.loss,
        place=None if finding.place is None else place(finding.place),
        sentence=finding.sentence,
        consequence=finding.consequence,
        remedy=finding.remedy,
        reason=finding.reason,
        affected=[place(one) for one in finding.affected],
        warned=bool(finding.warnings),
        script=script_of(finding),
        input=_input(example),
        expected="" if example is None else _outcome(example.expected),
        found="" if example is None else _outcome(example.found),
    )


def _flow(row: Flow, place: Callable[[FileRange], PlacePayload]) -> FlowPayload:
    return FlowPayload(
        place=place(row.site.place),
        kind=row.site.kind,
        condition=row.site.condition,
        went=row.went,
        held=row.held,
        findings=[number - 1 for number in row.findings],
    )


# ── what was given, and what came of it ─────────────────────────────────────────────────────────


def _input(example: Counterexample | None) -> str:
    """The expressions that make it, else in what it differs from the example inputs."""
    if example is None:
        return ""
    candidate = example.candidate
    texts = [f"{name} = {text}" for name, text in candidate.texts.items()]
    return _short("\n".join(texts) or candidate.words)


def _outcome(outcome: Outcome) -> str:
    """What a run raised, or what each of its calls returned."""
    if outcome.error is not None:
        return f"raises {outcome.reason}"
    return _short("\n".join(_shown(outcome.results)))


def _shown(results: Iterable[object]) -> Iterator[str]:
    for result in results:
        text, error = outcome_of(partial(_repr, result))
        yield text if text is not None else f"<{type(result).__name__}: {error}>"


def _repr(result: object) -> str:
    """What a result holds, without what its gradient is computed by."""
    plain: object = tree_map(_detached, result)
    return repr(plain)


def _detached(leaf: object) -> object:
    return leaf.detach() if isinstance(leaf, torch.Tensor) else leaf


def _short(text: str) -> str:
    lines = text.split("\n")
    kept = "\n".join(lines[:_MOST_LINES])
    is_whole = len(lines) <= _MOST_LINES and len(kept) <= _MOST_LETTERS
    return kept if is_whole else f"{kept[:_MOST_LETTERS]} …"


# ── what leaves this machine ────────────────────────────────────────────────────────────────────


def share_comparison(found: ComparisonPayload) -> ComparisonPayload:
    """The same without the machine's folders and users."""
    return replace(
        found,
        variants=[replace(one, failure=share_text(one.failure)) for one in found.variants],
        findings=[_shared(finding) for finding in found.findings],
        files=[share_path(path) for path in found.files],
    )


_TEXTS = ("sentence", "consequence", "remedy", "reason", "script", "input", "expected", "found")


def _shared(finding: FindingPayload) -> FindingPayload:
    return replace(finding, **{name: share_text(getattr(finding, name)) for name in _TEXTS})
