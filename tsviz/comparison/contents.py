"""What differs between two models beside the graphs of their entry points."""

from collections.abc import Iterator

from tsviz.comparison.code import compare_code
from tsviz.comparison.differences import ContentsDiff
from tsviz.comparison.structure import compare_attributes, compare_modules, find_renamed
from tsviz.comparison.weights import compare_weights, match_constants
from tsviz.frontends import Program
from tsviz.frontends.archive_state import ArchiveState, Unreadable, open_state


def compare_contents(
    before: Program, after: Program
) -> tuple[ContentsDiff | None, tuple[str, ...]]:
    """Compares code, modules, attributes and weights.

    Returns:
        What differs, `None` where a side has no archive and can be written to none; and what was
        not compared, in words.

    Raises:
        ArchiveError: `TSV-A06`, `TSV-A12` and `TSV-A23` to `TSV-A26` an archive is not sound.
    """
    with open_state(before) as old, open_state(after) as new:
        if isinstance(old, Unreadable) or isinstance(new, Unreadable):
            return None, tuple(_left_out((before, old), (after, new)))
        found = compare_states(old, new)
        return found, found.weights.left_out


def compare_states(old: ArchiveState, new: ArchiveState) -> ContentsDiff:
    """What differs between two open archives."""
    modules = compare_modules(old.state, new.state)
    renamed = find_renamed(modules, old.state)
    constants = match_constants(old, new)
    return ContentsDiff(
        code=compare_code(old.functions, new.functions, renamed, constants),
        modules=modules,
        attributes=compare_attributes(old.state, new.state),
        weights=compare_weights(old, new, constants),
    )


def _left_out(*sides: tuple[Program, ArchiveState | Unreadable]) -> Iterator[str]:
    for program, state in sides:
        if isinstance(state, Unreadable):
            yield f"code, modules and weights, unknown of `{program.name}`: {state.reason}"
