"""`tsviz.explore`: the widget for whatever the user has."""

from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.errors import Diagnostic, UsageError
from tsviz.frontends.given import as_alignment, as_comparison, as_trace, program_of
from tsviz.measured import measured_of

if TYPE_CHECKING:
    from tsviz.comparison import Comparison
    from tsviz.frontends import Program
    from tsviz.widgets.explorer import Explorer


def explore(target: object, *, keep: bool = False) -> "Explorer":
    """The explorer of a program, a model, a function, a file, or of what was found about one.

    Args:
        target: a `Program`, a `PassTrace`, a `Profile`, one against another, a `Sweep`, an
            `Alignment` or a `Comparison`, anything `tsviz.capture` takes, or a path that
            `tsviz.open` takes.
        keep: whether a notebook that shows it keeps it, and not a picture alone: about 1.2 MB more
            in the file, at most 2 MB. It opens there without a kernel, where scripts may run.

    Raises:
        TsvizError: as `capture` and `open`; `TSV-V29` a comparison of which no variant was made;
            `TSV-T31` a sweep of which every point failed; `TSV-U42` it is too large to be kept.
    """
    explorer = _explorer_of(target)
    if keep:
        explorer.keep()
    return explorer


def _explorer_of(target: object) -> "Explorer":
    measured = measured_of(target)
    if measured.program is not None:
        return renderer("explorer")(measured.program, measured=measured)
    trace, comparison, alignment = as_trace(target), as_comparison(target), as_alignment(target)
    if alignment is not None:
        from tsviz.comparison import Beside

        return renderer("explorer")(alignment.first, variants=(Beside.of(alignment),))
    if comparison is not None:
        found = renderer("comparison_payload")(comparison)
        return renderer("explorer")(_compared(comparison), None, found)
    return renderer("explorer")(program_of(target) if trace is None else trace.program, trace)


def _compared(comparison: "Comparison") -> "Program":
    """The variant in which most was proven to be lost.

    Raises:
        UsageError: `TSV-V29` none could be made.
    """
    made = [one for one in comparison.variants if one.program is not None]
    if not made:
        message = f"expected a comparison with a variant to show, got none of {comparison.title}"
        notes = tuple(one.failure.message for one in comparison.variants if one.failure is not None)
        raise UsageError(Diagnostic("TSV-V29", message, notes=notes))
    most = max(made, key=lambda one: sum(found.status == "proven" for found in one.findings))
    assert most.program is not None
    return most.program
