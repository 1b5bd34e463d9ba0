"""`tsviz.explore`: the widget for whatever the user has."""

from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.frontends.given import as_trace, program_of

if TYPE_CHECKING:
    from tsviz.widgets.explorer import Explorer


def explore(target: object) -> "Explorer":
    """The explorer of a program, a model, a function, a file, or of recorded passes.

    Args:
        target: a `Program` or a `PassTrace`, anything `tsviz.capture` takes, or a path that
            `tsviz.open` takes.

    Raises:
        TsvizError: as `capture` and `open`.
    """
    trace = as_trace(target)
    return renderer("explorer")(program_of(target) if trace is None else trace.program, trace)
