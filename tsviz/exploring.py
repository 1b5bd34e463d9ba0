"""`tsviz.explore`: the widget for whatever the user has."""

from pathlib import Path
from typing import TYPE_CHECKING

from tsviz.display import renderer
from tsviz.frontends import Program

if TYPE_CHECKING:
    from tsviz.widgets.explorer import Explorer


def explore(target: object) -> "Explorer":
    """The explorer of a program, a model, a function, or a file.

    Args:
        target: a `Program`, anything `tsviz.capture` takes, or a path that `tsviz.open` takes.

    Raises:
        TsvizError: as `capture` and `open`.
    """
    return renderer("explorer")(_program_of(target))


def _program_of(target: object) -> Program:
    if isinstance(target, Program):
        return target
    if isinstance(target, (str, Path)):
        from tsviz.frontends.archive import open as open_archive

        return open_archive(target)
    from tsviz.frontends.torchscript import capture

    return capture(target)
