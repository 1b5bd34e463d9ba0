"""`tsviz.explore`: the widget for whatever the user has."""

from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.frontends.given import program_of

if TYPE_CHECKING:
    from tsviz.widgets.explorer import Explorer


def explore(target: object) -> "Explorer":
    """The explorer of a program, a model, a function, or a file.

    Args:
        target: a `Program`, anything `tsviz.capture` takes, or a path that `tsviz.open` takes.

    Raises:
        TsvizError: as `capture` and `open`.
    """
    return renderer("explorer")(program_of(target))
