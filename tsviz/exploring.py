"""`tsviz.explore`: the widget for whatever the user has."""

from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.frontends.given import as_alignment, as_trace, program_of

if TYPE_CHECKING:
    from tsviz.widgets.explorer import Explorer


def explore(target: object) -> "Explorer":
    """The explorer of a program, a model, a function, a file, of recorded passes or two variants.

    Args:
        target: a `Program`, a `PassTrace` or an `Alignment`, anything `tsviz.capture` takes, or a
            path that `tsviz.open` takes.

    Raises:
        TsvizError: as `capture` and `open`.
    """
    trace, alignment = as_trace(target), as_alignment(target)
    if alignment is not None:
        from tsviz.comparison import Beside

        return renderer("explorer")(alignment.first, variants=(Beside.of(alignment),))
    return renderer("explorer")(program_of(target) if trace is None else trace.program, trace)
