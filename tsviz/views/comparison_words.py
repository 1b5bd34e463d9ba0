"""A comparison in the words that every page of it uses."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from tsviz.cells import find_cell
from tsviz.comparison import Compared, Comparison, Finding, Site, SiteKind, Status
from tsviz.errors import Diagnostic
from tsviz.frontends import is_library
from tsviz.location import FileRange

INPUTS_WORDS = "edit them and pass them as `inputs`"
NO_NOISE_WORDS = "Python does not agree with itself on the example, so nothing can be proven"
NOT_REACHED = "not reached"
_MOST_VALUES = 4
_MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class Flow:
    """One place where Python can go more than one way.

    Attributes:
        site: it.
        went: how it went for the example.
        held: what the trace holds of it; "" where there is no trace.
        findings: the numbers of those about it, as the page counts them.
    """

    site: Site
    went: str
    held: str
    findings: tuple[int, ...]


def count(number: int, what: str) -> str:
    """`1 input`, `80 inputs`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def file_name(file: str) -> str:
    """The name of a file without its folders; a notebook's cell goes by its title."""
    cell = find_cell(file)
    return cell.title if cell is not None else Path(file).name


def place_words(place: FileRange | None) -> str:
    """`nets.py:11`."""
    return "no known line" if place is None else f"{file_name(place.file)}:{place.line}"


def details_of(finding: Finding) -> tuple[tuple[str, str], ...]:
    """What is to be said of a finding beside its sentence: label and words."""
    rows = (
        ("so", finding.consequence),
        ("with it", ", ".join(map(place_words, finding.affected))),
        ("not proven", finding.reason),
        ("remedy", finding.remedy),
        ("PyTorch", "it warned of this line" if finding.warnings else ""),
    )
    return tuple((label, words) for label, words in rows if words)


# ── variants ────────────────────────────────────────────────────────────────────────────────────


def variant_words(one: Compared) -> str:
    """How much was tried, and how many findings there are; or that there is nothing."""
    tally = one.tally
    if one.failure is not None:
        return "not made"
    if one.program is None:
        return "not come to before it was interrupted"
    said = [f"{count(tally.tried, 'input')} tried"]
    said += [f"{tally.refused:,} refused by Python"] if tally.refused else []
    said += [f"{tally.unsteady:,} on which Python differs from itself"] if tally.unsteady else []
    if tally.is_stopped:
        said.append("interrupted" if tally.is_interrupted else "time ran out")
    return f"{', '.join(said)}; {_found_words(one)}"


def doubts_of(one: Compared) -> tuple[Diagnostic, ...]:
    """Why a variant could not be made, or what is to be known of how the trace was."""
    if one.failure is not None:
        return (one.failure,)
    return one.program.diagnostics if one.program is not None and one.variant == "trace" else ()


def _found_words(one: Compared) -> str:
    counts = Counter(finding.status for finding in one.findings)
    said = [f"{counts[status]} {status}" for status in Status if counts[status]]
    if counts[Status.PROVEN]:
        return ", ".join(said)
    tried = one.tally.tried - one.tally.refused - one.tally.unsteady
    return ", ".join([f"no counter-example found in {count(tried, 'input')}", *said])


def script_of(finding: Finding) -> str:
    """The script of a finding, without the comments that say again what it is about."""
    lines = finding.snippet.splitlines()
    return "\n".join(dropwhile(lambda line: line.startswith("#"), lines))


# ── control flow ────────────────────────────────────────────────────────────────────────────────


def iter_flow(found: Comparison) -> Iterator[Flow]:
    """Every site in the order of files and lines."""
    numbers: dict[Site, list[int]] = {}
    for number, finding in enumerate(found.findings, 1):
        if finding.site is not None:
            numbers.setdefault(finding.site, []).append(number)
    has_trace = any(one.variant == "trace" and one.program is not None for one in found.variants)
    files = list(dict.fromkeys(site.place.file for site, _ in found.sites))
    places: dict[object, tuple[Site, tuple[object, ...]]] = {}
    for site, outcomes in found.sites:  # a comprehension can be a function of its own, and be twice
        key = files.index(site.place.file), site.span, site.kind, site.condition
        if outcomes or key not in places:
            places[key] = site, outcomes
    for _, (site, outcomes) in sorted(places.items()):
        held = _held(site, outcomes) if has_trace else ""
        yield Flow(site, _went(site, outcomes), held, tuple(numbers.get(site, ())))


def flow_shown(found: Comparison, *, is_whole: bool) -> tuple[tuple[Flow, ...], str]:
    """What fits on a page, and words on the rest.

    Findings and the user's own code come before code of installed packages; what was not reached
    is left out.
    """
    rows = tuple(iter_flow(found))
    if is_whole or len(rows) <= _MOST_ROWS:
        return rows, ""
    reached = (row for row in rows if row.went != NOT_REACHED)
    first = sorted(reached, key=lambda row: not row.findings and is_library(row.site.place.file))
    shown = tuple(first[:_MOST_ROWS])
    return shown, f"… {len(rows) - len(shown):,} more places; --all lists them"


def _went(site: Site, outcomes: tuple[object, ...]) -> str:
    if not outcomes:
        return NOT_REACHED
    match site.kind:
        case SiteKind.IF | SiteKind.CONDITIONAL | SiteKind.ASSERT:
            return _truths(outcomes)
        case SiteKind.WHILE | SiteKind.FOR | SiteKind.COMPREHENSION:
            return _times(site, outcomes)
        case SiteKind.SHORT_CIRCUIT:
            parts = (_some(len(ran) + 1, len(site.parts) + 1, "operand") for ran in _runs(outcomes))
        case SiteKind.TRY:
            parts = (f"`except` {ran[0] + 1}" if ran else "no exception" for ran in _runs(outcomes))
        case SiteKind.MATCH:
            parts = (f"case {ran[-1] + 1}" if ran else "no case" for ran in _runs(outcomes))
    return _listed(parts)


def _runs(outcomes: tuple[object, ...]) -> Iterator[tuple[int, ...]]:
    """The numbers of the parts that ran, of each time."""
    for outcome in outcomes:
        assert isinstance(outcome, tuple)
        yield outcome


def _truths(outcomes: tuple[object, ...]) -> str:
    counts = Counter(outcomes)
    if len(counts) == 1:
        return str(outcomes[0])
    return ", ".join(f"{truth} {count(number, 'time')}" for truth, number in counts.items())


def _times(site: Site, outcomes: tuple[object, ...]) -> str:
    if site.kind is not SiteKind.WHILE:
        return _listed(count(number, "time") for number in outcomes if isinstance(number, int))
    # Where it ran more than once, `break` leaves no trace of which turn belongs to which run.
    turns = count(sum(map(bool, outcomes)), "time")
    return turns if outcomes.count(False) <= 1 else f"{turns} in all"


def _some(ran: int, of: int, what: str) -> str:
    return f"all {of} {what}s" if ran == of else f"{ran} of {of} {what}s"


def _listed(texts: Iterator[str]) -> str:
    """What happened at different times, each once."""
    distinct = list(dict.fromkeys(texts))
    more = ["…"] if len(distinct) > _MOST_VALUES else []
    return ", ".join([*distinct[:_MOST_VALUES], *more])


def _held(site: Site, outcomes: tuple[object, ...]) -> str:
    if not outcomes or site.kind is SiteKind.ASSERT:
        return "nothing"
    if site.kind in (SiteKind.WHILE, SiteKind.FOR, SiteKind.COMPREHENSION):
        return f"unrolled, {_times(site, outcomes)}"
    if len(set(outcomes)) > 1:
        return "each time what ran"
    return f"always {outcomes[0]}" if isinstance(outcomes[0], bool) else "what ran"
